#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A series of commits with one that costs something: what `make bisect` and `make
# ladder` are shown and tested with.
#
# usage: synthetic-series.sh REPOSITORY [COMMITS [COSTLY [PACKAGE]]]
#                            (default: 16, the 11th, linux-source-6.12)
#
# REPOSITORY becomes a bare git repository of Debian's packaged Linux, tagged base, and COMMITS of
# ours on top, tagged tip: comments, renamed locals, files that are not built.  Number COSTLY, tagged
# costly, adds five instructions to each conversion of a folio.  The same call makes the same commits; a
# REPOSITORY that it has made is left as it is, or made anew if this script changed.  The package's
# files stay in the cache's store, which the repository borrows from.
set -eu
here=$(dirname "$0")/../../scripts
. "$here/lib.sh"
. "$here/kernel/git.sh"

[[ $# -ge 1 && $# -le 4 ]] || die "usage: synthetic-series.sh REPOSITORY [COMMITS [COSTLY [PACKAGE]]]"
repository=$1 commits=${2:-16} costly=${3:-11} package=${4:-linux-source-6.12}
[[ $commits =~ ^[1-9][0-9]?$ && $costly =~ ^[1-9][0-9]?$ && $costly -le $commits ]] ||
	die "COMMITS=$commits COSTLY=$costly: give numbers, the second not above the first"

export GIT_AUTHOR_NAME=dexbench GIT_AUTHOR_EMAIL=dexbench@localhost GIT_COMMITTER_NAME=dexbench
export GIT_COMMITTER_EMAIL=dexbench@localhost GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_DATE='1700000000 +0000' GIT_INDEX_FILE=$repository.index

# The function that converts a folio, on either side of 6.15.
FUNCTION='^(static bool folio_make_device_exclusive|struct page \*make_device_exclusive)'

repo() { git --git-dir="$repository" "$@"; }

# commit MESSAGE: the index on top of HEAD.
commit() {
	local parent=()

	! repo rev-parse -q --verify HEAD >/dev/null || parent=(-p HEAD)
	repo update-ref HEAD "$(repo commit-tree "${parent[@]}" -m "$1" "$(repo write-tree)")"
}

# change FILE SED-SCRIPT: in the index; a script that changes nothing is an error.
change() {
	local old new

	old=$(repo rev-parse ":$1")
	new=$(repo cat-file blob "$old" | sed -E "$2" | repo hash-object -w --stdin)
	[ "$new" != "$old" ] || die "$1 does not hold what the series changes; this is no Linux that the series is made for"
	repo update-index --cacheinfo "100644,$new,$1"
}

# The N-th commit, in turns of eight.
harmless() {
	local n=$1

	case $((n % 8)) in
	1)
		change mm/madvise.c "\$a /* $n: a comment at the end. */"
		commit "mm/madvise: comment at the end ($n)" ;;
	2)
		change drivers/net/Kconfig "1i # $n: nobody builds this"
		commit "net: a line for nobody ($n)" ;;
	3)
		change mm/rmap.c "/$FUNCTION/,/^}/s/\\b(args|fw_folio)[0-9]*\\b/\\1$n/"
		commit "mm/rmap: rename a local ($n)" ;;
	4)
		change README "\$a Line $n."
		commit "README: say more ($n)" ;;
	5)
		change lib/test_hmm.c "1i /* $n: of the test driver */"
		commit "lib/test_hmm: a comment ($n)" ;;
	6)
		change mm/rmap.c "1i /* $n: all lines move */"
		commit "mm/rmap: a comment at the beginning ($n)" ;;
	7)
		change MAINTAINERS "\$a # $n"
		commit "MAINTAINERS: nobody ($n)" ;;
	0)
		change mm/swap_state.c "/^#include <linux\\/mm.h>/i /* $n: headers follow */"
		commit "mm/swap_state: a comment between ($n)" ;;
	esac
}

# At the head of the function, where the compiler has nothing yet that it would have to
# find out again behind an asm.
cost_five() {
	change mm/rmap.c "/$FUNCTION/,/^}/"'s/^(\tif \(!folio_test_anon)/\tasm_inline volatile("nop\\n\\tnop\\n\\tnop\\n\\tnop\\n\\tnop");\n\1/'
	commit "mm/rmap: think before the walk ($1)"
	repo tag costly
}

spec=$("$here/kernel/spec.sh" "deb:$package") || exit
source=$("$here/kernel/source.sh" "$spec") || exit
source_id=$(jq -r .source <<<"$source")
made_of=$(printf '%s\n' "$source_id" "$commits" "$costly" "$(digest <"$0")" | digest)
[ "$(cat "$repository/made-of" 2>/dev/null)" != "$made_of" ] || exit 0
[ ! -e "$repository" ] || [ -e "$repository/made-of" ] ||
	die "$repository exists and is no series of this script's; it is not touched"
case $repository in /*) ;; *) repository=$PWD/$repository GIT_INDEX_FILE=$PWD/$GIT_INDEX_FILE ;; esac
trap 'rm -f "$GIT_INDEX_FILE" "$GIT_INDEX_FILE.lock"' EXIT
rm -rf "$repository.part"
git init -q --bare "$repository.part"
final=$repository repository=$repository.part
echo "$(jq -r .store <<<"$source")/objects" >"$repository/objects/info/alternates"
repo read-tree "$(jq -r .tree <<<"$source")"
commit "Linux as ${source_id} packages it"
repo tag base
for n in $(seq "$commits"); do
	if [ "$n" -eq "$costly" ]; then
		cost_five "$n"
	else
		harmless "$n"
	fi
done
repo tag tip
echo "$made_of" >"$repository/made-of"
rm -rf "$final"
mv -T "$repository" "$final"
