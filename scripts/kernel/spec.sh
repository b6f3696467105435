#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a kernel spec says, as JSON.
#
# usage: spec.sh SPEC
#
#   NAME                   a line of kernels/ladder.tsv
#   deb:linux-source-X.Y[=VERSION]      Debian's source package
#   deb:linux-image-X[=VERSION]         Debian's kernel, built by Debian
#   tree:PATH[@REV]        a source tree as it is now, or at a revision
#   image:BZIMAGE,TREE     a kernel built elsewhere and its build tree
#   SPEC+FILE              any source with a patch on top: a diff, or a mbox of a series
#   SPEC+name[=value]      any kernel, booted with this parameter besides
#
# Names may hold blanks, commas, plus and at signs: of several readings the one with the longest
# name that exists is meant.  Prints
#   {"spec", "kind": "package" | "tree" | "distro" | "image", "base": SPEC without what was added,
#    "package": NAME[=VERSION], "walk_switch": true | false,     (package)
#    "path", "revision": REV | null,                             (tree)
#    "image", "tree",                                            (image)
#    "patches": [FILE...], "cmdline": "name=value ..."}
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=scripts/kernel/git.sh
. "$(dirname "$0")/git.sh"

[ $# -eq 1 ] || die "spec.sh: one spec at a time; usage: spec.sh SPEC"
need_tool jq
SPEC=$1
LADDER=$DEX_TOP/kernels/ladder.tsv
PARAMETER='^[A-Za-z_][A-Za-z0-9_.-]*(=[^[:space:]]*)?$'
PACKAGE='^linux-(source|image)-[A-Za-z0-9.*~-]+(\+(deb[0-9]|bpo|rt[0-9])[A-Za-z0-9.~-]*)*(=[A-Za-z0-9.:~-]+(\+(deb[0-9]|bpo|[0-9])[A-Za-z0-9.~-]*)*)?'

ladder() { grep -v '^#' "$LADDER"; }

is_directory() { [ -d "$1" ]; }
is_file() { [ -f "$1" ]; }

# longest SEPARATOR REST TEST...: the longest beginning of REST, up to a separator (a pattern)
# or the end, for which TEST holds.
longest() {
	local separator=$1 cut=$2

	shift 2
	while ! "$@" "$cut"; do
		# shellcheck disable=SC2295 # a pattern
		[[ $cut == *$separator* ]] || return 1
		# shellcheck disable=SC2295 # a pattern
		cut=${cut%$separator*}
	done
	printf '%s\n' "$cut"
}

# extras REST: what was added to a spec, a line each: `patch FILE` or `parameter WORD`.
extras() {
	local rest=$1 word

	while [ -n "$rest" ]; do
		rest=${rest#+}
		if word=$(longest + "$rest" is_file); then
			printf 'patch\t%s\n' "$(realpath "$word")"
		else
			word=${rest%%+*}
			case $word in
			*=*) ;;
			*/* | *.patch | *.diff | *.mbox | *.mbx | *.eml) die "$SPEC: $word: no such patch file" ;;
			esac
			[[ $word =~ $PARAMETER ]] ||
				die "$SPEC: '$word' is no boot parameter (name or name=value) and no patch file"
			printf 'parameter\t%s\n' "$word"
		fi
		rest=${rest:${#word}}
	done
}

# say BASE ADDED CMDLINE FACTS: the answer; FACTS is a JSON object of the kind's own members.
say() {
	local added

	added=$(extras "$2") || exit
	jq -nc --arg spec "$SPEC" --arg base "$1" --arg added "$added" --arg cmdline "$3" --argjson facts "$4" \
		'($added | split("\n") | map(select(. != "") | split("\t") | {kind: .[0], text: .[1]})) as $added |
		{spec: $spec, base: $base} + $facts +
		{patches: [$added[] | select(.kind == "patch") | .text],
		 cmdline: ([$cmdline | select(. != "")] + [$added[] | select(.kind == "parameter") | .text] | join(" "))}'
}

is_revision() { reading "$1" rev-parse --verify --quiet "$2^{commit}" >/dev/null 2>&1; }

# why_no_revision PATH REV
why_no_revision() {
	top_of "$1" >/dev/null || die "$SPEC: $1: not a git repository, so it has no revisions; leave @$2 out"
	reading "$1" rev-parse --git-dir >/dev/null 2>&1 ||
		die "$SPEC: $1: git cannot read this repository: $(reading "$1" rev-parse --git-dir 2>&1 | head -n 1)"
	die "$SPEC: $1 has no revision '$2'; try: git -C $1 log --oneline"
}

tree_spec() {
	local rest=$1 path rev='' added

	path=$(longest '[@+]' "$rest" is_directory) || die "$SPEC: ${rest%%[@+]*}: no such directory"
	added=${rest:${#path}}
	path=$(realpath "$path")
	if [ "${added:0:1}" = @ ]; then
		rev=$(longest + "${added:1}" is_revision "$path") || why_no_revision "$path" "${added:1}"
		added=${added:1+${#rev}}
	elif is_bare "$path"; then
		die "$SPEC: $path: a bare repository has no files as they are; name a revision: tree:$path@REV"
	fi
	say "${SPEC:0:${#SPEC}-${#added}}" "$added" '' "$(jq -n --arg path "$path" --arg rev "$rev" \
		'{kind: "tree", path: $path, revision: (if $rev == "" then null else $rev end)}')"
}

# An image and a tree, parted at the comma that leaves two names that exist.
image_spec() {
	local rest=$1 image tree added

	image=$rest
	while [[ $image == *,* ]]; do
		image=${image%,*}
		tree=$(longest + "${rest:${#image}+1}" is_directory) || continue
		[ -f "$image" ] || continue
		added=${rest:${#image}+1+${#tree}}
		say "${SPEC:0:${#SPEC}-${#added}}" "$added" '' "$(jq -n --arg image "$(realpath "$image")" \
			--arg tree "$(realpath "$tree")" '{kind: "image", image: $image, tree: $tree}')"
		return
	done
	[[ $rest == *,* ]] || die "$SPEC: the form is image:BZIMAGE,BUILDTREE"
	[ -f "${rest%%,*}" ] || die "$SPEC: ${rest%%,*}: no such kernel image"
	die "$SPEC: ${rest#*,}: no build tree (no such directory)"
}

package_spec() {
	local rest=$1 kind=package

	[[ $rest =~ $PACKAGE ]] ||
		die "$SPEC: the form is deb:linux-source-X.Y[=VERSION] or deb:linux-image-X[=VERSION]"
	[ "${BASH_REMATCH[1]}" = source ] || kind=distro
	say "deb:${BASH_REMATCH[0]}" "${rest:${#BASH_REMATCH[0]}}" '' "$(jq -n --arg kind "$kind" \
		--arg package "${BASH_REMATCH[0]}" '{kind: $kind, package: $package, walk_switch: false}')"
}

ladder_spec() {
	local name=${1%%+*} line package switch cmdline

	line=$(ladder | awk -F'\t' -v n="$name" '$1 == n')
	[ -n "$line" ] || die "unknown kernel '$1'; one of $(ladder | cut -f1 | xargs), or deb:, tree:, image: (docs/reference.md)"
	IFS=$'\t' read -r _ package switch cmdline <<<"$line"
	say "$name" "${1:${#name}}" "$cmdline" "$(jq -n --arg package "$package" --argjson switch \
		"$([ "$switch" = yes ] && echo true || echo false)" \
		'{kind: "package", package: $package, walk_switch: $switch}')"
}

case $SPEC in
image:*) image_spec "${SPEC#image:}" ;;
tree:*) tree_spec "${SPEC#tree:}" ;;
deb:*) package_spec "${SPEC#deb:}" ;;
*) ladder_spec "$SPEC" ;;
esac
