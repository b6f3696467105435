#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A directory as it is now becomes a git tree in the private store; prints the tree's id.
#
# usage: snapshot.sh [--all] --store=STORE --index=FILE --dir=DIR
#
# What git knows and what it would add belong to it; --all takes every file.  Where there is no git,
# the kernel's own .gitignore says what a build has left.  Contents decide, never times: FILE, ours
# alone, remembers what a file held when its inode, times and size were the ones it has, and a file
# that somebody moved, linked or restored with its old time has another inode or change time.  Git
# compares whole seconds: what changed within seconds of being read is read again the next time.
# DIR is only read.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=scripts/kernel/git.sh
. "$(dirname "$0")/git.sh"

all='' STORE='' INDEX='' DIR=''
for arg; do
	case $arg in
	--all) all=1 ;;
	--store=*) STORE=${arg#*=} ;;
	--index=*) INDEX=${arg#*=} ;;
	--dir=*) DIR=${arg#*=} ;;
	*) die "snapshot.sh: unknown option $arg; see its head" ;;
	esac
done

work=$(mktemp -d "${TMPDIR:-/tmp}/dexbench-snapshot.XXXXXX")
trap 'rm -rf "$work"' EXIT

# ours ARGUMENT...: git over DIR, with the index that is ours.
ours() { (cd "$DIR" && GIT_INDEX_FILE=$INDEX GIT_WORK_TREE=$DIR storing "$STORE" "$@"); }

has_rmap() { grep -qzxF -e mm/rmap.c "$1"; }

# known_to_git FILE: the names go to FILE; fails where DIR is no working tree of git's.
known_to_git() {
	top_of "$DIR" >/dev/null || return 1
	reading "$DIR" ls-files -z --cached --others --exclude-standard >"$1" 2>"$work/said" ||
		die "$DIR: git cannot read this working tree: $(tail -n 1 "$work/said")"
	has_rmap "$1"
}

# without_git FILE: what the kernel's .gitignore leaves; if that ignores the source itself, as in
# Debian's packages, everything but build products.
without_git() {
	(cd "$DIR" && GIT_INDEX_FILE=$work/none GIT_WORK_TREE=$DIR storing "$STORE" \
		ls-files -z --others --exclude-standard) >"$1"
	! has_rmap "$1" || return 0
	(cd "$DIR" && find . \( -path ./.git -o -path ./include/generated -o -path ./include/config \
		-o -path './arch/*/include/generated' \) -prune -o \( -type f -o -type l \) \
		! -name '*.o' ! -name '*.ko' ! -name '*.a' ! -name '*.cmd' ! -name '*.mod' ! -name '*.mod.c' \
		! -name .config ! -name 'vmlinux*' -printf '%P\0') >"$1"
}

everything() { (cd "$DIR" && find . \( -type f -o -type l \) -printf '%P\0') >"$1"; }

# absent_by_sparse FILE: the names that a sparse checkout leaves out go to FILE.
absent_by_sparse() {
	: >"$1"
	top_of "$DIR" >/dev/null || return 0
	reading "$DIR" ls-files -z -t --cached | sed -zn 's/^S //p' | while IFS= read -r -d '' f; do
		[ -e "$DIR/$f" ] || [ -L "$DIR/$f" ] || printf '%s\0' "$f"
	done >"$1"
}

# entries LIST COMMAND...: what an index says of the names in LIST; COMMAND is git with that index.
entries() {
	local names chunk=500 at

	mapfile -d '' -t names <"$1"
	shift
	for ((at = 0; at < ${#names[@]}; at += chunk)); do
		GIT_LITERAL_PATHSPECS=1 "$@" ls-files -z -s -- "${names[@]:at:chunk}"
	done
}

# begin: a new index takes the names of contents from the user's, so that what did not change is
# compared and not stored again.
begin() {
	if [ -f "$INDEX" ] || [ -n "$all" ] || ! top_of "$DIR" >/dev/null; then
		return
	fi
	reading "$DIR" ls-files -z -s | grep -zP '^\d+ \w+ 0\t' | ours update-index -z --index-info
}

# take LIST ABSENT: the index holds exactly the files of LIST, as they are now; those of ABSENT as the user's index has them.
take() {
	ours update-index -q --really-refresh >/dev/null 2>&1 || true # what differs is taken next
	entries "$2" reading "$DIR" | ours update-index -z --index-info
	LC_ALL=C comm -z -23 "$1" "$2" | ours update-index --add --remove --replace -z --stdin 2>"$work/said" ||
		die "$DIR: cannot be read: $(tail -n 1 "$work/said")"
	ours ls-files -z | LC_ALL=C sort -zu | LC_ALL=C comm -z -23 - "$1" |
		ours update-index --force-remove -z --stdin
}

# forget_recent LIST SECOND: FILE does not answer for what changed since SECOND: the next change could have
# the same second, inode and size.
forget_recent() {
	(cd "$DIR" && find . \( -type f -o -type l \) -newerct "@$2" -printf '%P\0') |
		LC_ALL=C sort -z | LC_ALL=C comm -z -12 - "$1" >"$work/recent"
	entries "$work/recent" ours | ours update-index -z --index-info
}

if [ -n "$all" ]; then
	everything "$work/list"
else
	known_to_git "$work/list" || without_git "$work/list"
fi
absent_by_sparse "$work/absent"
start=$(date +%s)
for list in list absent; do
	LC_ALL=C sort -zu -o "$work/$list" "$work/$list"
done
rm -f "$INDEX.lock" # of one who was killed; the caller sees to it that we are alone
begin
take "$work/list" "$work/absent"
forget_recent "$work/list" $((start - 2))
tree_id_of "$STORE" "$INDEX"
