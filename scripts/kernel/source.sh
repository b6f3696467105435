#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The source of a kernel becomes a git tree, named by its content.
#
# usage: source.sh SPEC-JSON        (what spec.sh prints, of kind package or tree)
#
# Prints {"source": what people call it, "tree": id, "store", "objects": [directories that hold
# objects besides the store's], "place": where trees of this origin are checked out and built,
# "packages": [{"package", "version", "sha256"}]}.
# Nothing is written to a user's side.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=scripts/kernel/git.sh
. "$(dirname "$0")/git.sh"

HERE=$(dirname "$0")
need_tool jq
[ $# -eq 1 ] || die "source.sh: give what spec.sh prints"
ASKED=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-source.XXXXXX")
trap 'rm -rf "$work"' EXIT

asked() { jq -r "$1" <<<"$ASKED"; }
SPEC=$(asked .spec)

# place NAME: the directory of all that is made of one origin.
place() {
	local dir=$DEX_CACHE/places/$1

	attempt "the cache $DEX_CACHE" "DEXBENCH_CACHE=DIRECTORY chooses another" mkdir -p "$dir"
	printf '%s\n' "$dir"
}

# answer SOURCE TREE STORE OBJECTS-JSON PLACE PACKAGES-JSON
answer() {
	jq -nc --arg source "$1" --arg tree "$2" --arg store "$3" --argjson objects "$4" --arg place "$5" \
		--argjson packages "$6" \
		'{source: $source, tree: $tree, store: $store, objects: $objects, place: $place, packages: $packages}'
}

# has_rmap STORE TREE OBJECTS-JSON
has_rmap() {
	GIT_ALTERNATE_OBJECT_DIRECTORIES=$(alternates "$3") storing "$1" ls-tree "$2" mm/rmap.c 2>/dev/null | grep -q .
}

# import_package PACKAGE VERSION DIR: Debian's tarball, unpacked under DIR, into the store; prints
# {"tree", "sha256"}.
import_package() {
	local fetched tree store

	store=$(store_for sha1)
	log "downloading $1 $2"
	fetched=$("$HERE/package.sh" fetch "$1=$2" "$3") || exit
	log "unpacking $1 $2"
	mkdir -p "$3/deb" "$3/files"
	"$HERE/package.sh" unpack "$(jq -r .file <<<"$fetched")" "$3/deb"
	tar -xJf "$3"/deb/usr/src/linux-source-*.tar.xz -C "$3/files" --strip-components=1 2>"$work/said" ||
		die "cannot unpack $1 into $3: $(tail -n 1 "$work/said")"
	tree=$("$HERE/snapshot.sh" --all --store="$store" --index="$3/index" --dir="$3/files") || exit
	jq --arg tree "$tree" '{tree: $tree, sha256}' <<<"$fetched"
}

# settle PLACE: what was unpacked is the place's first checkout, if nothing was ever built there: its
# files have the package's old times, which say nothing beside objects.
settle() {
	if [ -e "$1/src" ] || [ -n "$(find "$1" -mindepth 2 -maxdepth 2 -name build)" ]; then
		return
	fi
	mv -T "$1/import/files" "$1/src"
	mv "$1/import/index" "$1/index"
}

# import PACKAGE VERSION PLACE RECORD: once, by one of us; a build may be at work in the place.
import() {
	exec 9>"$3/lock"
	flock -n 9 || { log "$SPEC: a build is under way in $3, waiting for it"; flock 9; }
	if ! [ -s "$4" ]; then
		rm -rf "$3/import"
		import_package "$1" "$2" "$3/import" | atomic_write "$4"
		[ -s "$4" ] || exit 2
		settle "$3"
		rm -rf "$3/import"
	fi
	exec 9>&-
}

# package_source: decided once, and kept under the package's name and version.
package_source() {
	local resolved name version place record

	resolved=$("$HERE/package.sh" resolve "$(asked .package)") || exit
	name=$(jq -r .package <<<"$resolved") version=$(jq -r .version <<<"$resolved")
	place=$(place "$name")
	record=$place/$version.json
	[ -s "$record" ] || import "$name" "$version" "$place" "$record"
	answer "${name}_$version" "$(jq -r .tree "$record")" "$(store_for sha1)" '[]' "$place" \
		"$(jq --arg package "$name" --arg version "$version" '[{package: $package, version: $version, sha256}]' "$record")"
}

# origin PATH: what is common to all working trees and revisions of a repository.
origin() {
	local common

	common=$(reading "$1" rev-parse --path-format=absolute --git-common-dir 2>/dev/null) || common=$1
	printf '%s:%s' "$common" "$(reading "$1" rev-parse --show-prefix 2>/dev/null || true)"
}

objects_of() {
	reading "$1" rev-parse --path-format=absolute --git-path objects 2>/dev/null | jq -R . | jq -sc .
}

# not_partial PATH TREE: every file of it is there; git would fetch what is not, into the user's repository.
not_partial() {
	local missing

	reading "$1" config --get-regexp '^remote\..*\.promisor$' >/dev/null 2>&1 || return 0
	missing=$(reading "$1" rev-list --objects --missing=print "$2" | grep -c '^?' || true)
	[ "$missing" -eq 0 ] ||
		die "$SPEC: $1 is a partial clone that lacks $missing of this revision's files, and nothing is fetched into it; fetch them with: git -C $1 archive $(asked .revision) >/dev/null"
}

revision_source() {
	local path=$1 commit tree store

	commit=$(reading "$path" rev-parse --verify "$(asked .revision)^{commit}")
	tree=$(reading "$path" rev-parse --verify --quiet "$commit:$(reading "$path" rev-parse --show-prefix)") ||
		die "$SPEC: $(asked .revision) has no directory $(reading "$path" rev-parse --show-prefix)"
	store=$(store_for "$(reading "$path" rev-parse --show-object-format)")
	has_rmap "$store" "$tree" "$(objects_of "$path")" ||
		die "$SPEC: $path at $(asked .revision): not a kernel source tree (no mm/rmap.c)"
	not_partial "$path" "$tree"
	answer "git-$commit" "$tree" "$store" "$(objects_of "$path")" "$(place "tree-$(origin "$path" | digest)")" '[]'
}

worktree_source() {
	local path=$1 place store tree index

	[ -f "$path/mm/rmap.c" ] || die "$SPEC: $path: not a kernel source tree (no mm/rmap.c)"
	place=$(place "tree-$(origin "$path" | digest)")
	store=$(store_for "$(reading "$path" rev-parse --show-object-format 2>/dev/null || echo sha1)")
	index=$place/snapshot-$(printf %s "$path" | digest).index
	exec 9>"$index.lock-held"
	flock 9
	tree=$("$HERE/snapshot.sh" --store="$store" --index="$index" --dir="$path") || exit
	exec 9>&-
	answer "tree-$tree" "$tree" "$store" "$(objects_of "$path")" "$place" '[]'
}

# index_of SOURCE-JSON FILE: a git index with the tree's files.
index_of() {
	GIT_ALTERNATE_OBJECT_DIRECTORIES=$(alternates "$(jq .objects <<<"$1")") \
		storing "$(jq -r .store <<<"$1")" ls-tree -r -z --full-tree "$(jq -r .tree <<<"$1")" |
		GIT_INDEX_FILE=$2 storing "$(jq -r .store <<<"$1")" update-index -z --index-info
}

# borrow SOURCE-JSON INDEX NAME: that file's content is in the store itself, to be changed; prints its id.
borrow() {
	local store id

	store=$(jq -r .store <<<"$1")
	id=$(GIT_INDEX_FILE=$2 GIT_LITERAL_PATHSPECS=1 storing "$store" ls-files -s -- "$3" | cut -d' ' -f2)
	[ -n "$id" ] || return 0
	GIT_ALTERNATE_OBJECT_DIRECTORIES=$(alternates "$(jq .objects <<<"$1")") storing "$store" cat-file blob "$id" |
		storing "$store" hash-object -w --stdin
}

# diffs FILE DIR: the diffs of a patch file or of a mbox, as git am would take them, in DIR/NNNN.
diffs() {
	local mail

	mkdir -p "$2/mails"
	if ! grep -aqm1 -E '^From [0-9a-f]{7,}|^From: ' "$1"; then
		cp "$1" "$2/0001"
		return
	fi
	storing "$(store_for sha1)" mailsplit -b -o"$2/mails" "$1" >/dev/null 2>"$work/said" ||
		die "$SPEC: $1: not a mbox: $(tail -n 1 "$work/said")"
	for mail in "$2"/mails/*; do
		storing "$(store_for sha1)" mailinfo "$work/message" "$2/${mail##*/}" <"$mail" >/dev/null
		[ -s "$2/${mail##*/}" ] || rm "$2/${mail##*/}" # a cover letter
	done
}

# with_patch SOURCE-JSON FILE: the same with a patch on top.
with_patch() {
	local index=$work/patched store dir diff name

	store=$(jq -r .store <<<"$1")
	rm -rf "$index" "$work/diffs"
	dir=$work/diffs
	index_of "$1" "$index"
	diffs "$2" "$dir"
	for diff in "$dir"/[0-9]*; do
		[ -s "$diff" ] || die "$SPEC: $2: no patch in it"
		sed -nE 's,^--- a/([^\t]*).*,\1,p; s/^(rename|copy) from //p' "$diff" | while IFS= read -r name; do
			borrow "$1" "$index" "$name" >/dev/null
		done
		GIT_INDEX_FILE=$index storing "$store" apply --cached --whitespace=nowarn "$diff" 2>"$work/said" ||
			die "$SPEC: $2 does not apply: $(sed -n 's/^error: //p' "$work/said" | head -n 1)"
	done
	replaced "$1" "$(tree_id_of "$store" "$index")" "+patch-$(digest <"$2")"
}

# replaced SOURCE-JSON TREE SUFFIX
replaced() {
	jq -c --arg tree "$2" --arg suffix "$3" '.tree = $tree | .source += $suffix' <<<"$1"
}

# with_walk_switch SOURCE-JSON: the two lines that make rmap-X and folio-X one image (kernels/dexbench_walk.c).
with_walk_switch() {
	local index=$work/switched store added=$DEX_TOP/kernels/dexbench_walk.c makefile

	store=$(jq -r .store <<<"$1")
	index_of "$1" "$index"
	makefile=$(
		{
			storing "$store" cat-file blob "$(borrow "$1" "$index" mm/Makefile)"
			# shellcheck disable=SC2016 # make expands it
			printf '\nobj-$(CONFIG_DEVICE_PRIVATE) += dexbench_walk.o\n'
			printf 'CFLAGS_rmap.o += -Dmake_device_exclusive_range=make_device_exclusive_range_rmap\n'
		} | storing "$store" hash-object -w --stdin
	)
	GIT_INDEX_FILE=$index storing "$store" update-index --add --cacheinfo "100644,$makefile,mm/Makefile" \
		--cacheinfo "100644,$(storing "$store" hash-object -w --stdin <"$added"),mm/dexbench_walk.c"
	replaced "$1" "$(tree_id_of "$store" "$index")" "+walk-$(digest <"$added")"
}

case $(asked .kind) in
package) source=$(package_source) ;;
tree)
	if [ "$(asked .revision)" = null ]; then
		source=$(worktree_source "$(asked .path)")
	else
		source=$(revision_source "$(asked .path)")
	fi
	;;
*) die "source.sh: $SPEC is built elsewhere and has no source here" ;;
esac
while IFS= read -r patch; do
	source=$(with_patch "$source" "$patch")
done < <(asked '.patches[]')
[ "$(asked '.walk_switch // false')" = false ] || source=$(with_walk_switch "$source")
printf '%s\n' "$source"
