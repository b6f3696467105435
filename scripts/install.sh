#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Put what runs without the source tree under a prefix, or take it away again.
#
# usage: install.sh install|uninstall     (make install, make uninstall)
#
# PREFIX (default /usr/local) is where it will be used; DESTDIR, for packagers, is put
# before it and is in no file.  VERSION names the module's source for dkms.
#
# PREFIX/share/dexbench/installed lists each file ("f PATH") and each directory that was
# not there before ("d PATH").  It is written before the first file and is all that
# `uninstall` goes by: so it also ends an installation that broke off, and one of
# another version.  A second `install` removes what only the first one had.
set -eu
. "$(dirname "$0")/lib.sh"
export LC_ALL=C
umask 022

PREFIX=${PREFIX:-/usr/local} DESTDIR=${DESTDIR:-} VERSION=${VERSION:-unknown}
PREFIX=${PREFIX%/}
LIST=$DESTDIR$PREFIX/share/dexbench/installed

# try COMMAND...: its own words are the reason why it failed.
try() {
	local reason

	reason=$("$@" 2>&1) || die "$(head -n 1 <<<"$reason"); run this as root, or choose another PREFIX= or DESTDIR="
}

# fill FILE TARGET: with what is known only now.
fill() {
	local text

	text=$(<"$1")
	text=${text//@VERSION@/"$VERSION"}
	printf '%s\n' "${text//@PREFIX@/"$PREFIX"}" >"$2"
}

# All that is installed, as it will lie below $1.
stage() {
	local share=$1/share page program source=$1/src/dexbench-$VERSION

	mkdir -p "$1/bin" "$1/libexec/dexbench" "$share/man/man1" "$share/doc/dexbench" \
		"$share/bash-completion/completions" "$share/dexbench/schema" "$source"
	for page in "$DEX_TOP"/man/*.1; do
		program=$(basename "$page" .1)
		[ -x "$DEX_TOP/build/$program" ] || die "build/$program is missing; run make bench"
		cp "$DEX_TOP/build/$program" "$1/bin/"
		fill "$page" "$share/man/man1/$program.1"
		cp "$DEX_TOP/scripts/completion.sh" "$share/bash-completion/completions/$program"
	done
	cp "$DEX_TOP"/scripts/{host-check,tune.sh,perf-record.sh,lib.sh} "$1/libexec/dexbench/"
	cp "$DEX_TOP"/results/schema/*.json "$share/dexbench/schema/"
	cp -r "$DEX_TOP"/{README.md,METHODOLOGY.md,LICENSE,docs} "$share/doc/dexbench/"
	module_sources "$source"
	fill "$DEX_TOP/kernel-module/dkms.conf" "$source/dkms.conf"
	cp "$DEX_TOP/LICENSES/GPL-2.0.txt" "$source/LICENSE"
	chmod -R u=rwX,go=rX "$1"
}

# listed d|f: such paths of the list, below DESTDIR.
listed() { [ ! -f "$LIST" ] || sed -n "s/^$1 //p" "$LIST"; }

# Directories of the stage that are not there yet.
missing_directories() {
	local path

	while IFS= read -r path; do
		[ -d "$DESTDIR/$path" ] || printf '%s\n' "$path"
	done < <(cd "$stage" && find . -mindepth 1 -type d -printf '%P\n')
}

# save_list DIRECTORIES FILES: names of arrays.
save_list() {
	local -n directories=$1 files=$2

	{
		[ ${#directories[@]} -eq 0 ] || printf 'd %s\n' "${directories[@]}"
		printf 'f %s\n' "${files[@]}"
	} >"$stage.list"
	try install -DT -m 644 "$stage.list" "$LIST"
}

# remove FILE...
remove() {
	local path

	for path; do
		try rm -f "$DESTDIR/$path"
	done
}

# Of directories that were made for us those that are empty; deepest first.
remove_empty() {
	local path

	for path; do
		[ ! -d "$DESTDIR/$path" ] || try rmdir --ignore-fail-on-non-empty "$DESTDIR/$path"
	done
}

bring() {
	local path
	local -a made new gone all

	stage=$(mktemp -d)
	trap 'rm -rf "$stage" "$stage.list"' EXIT
	stage "$stage$PREFIX"
	mapfile -t made < <({ listed d; missing_directories; } | sort -ru)
	mapfile -t new < <(cd "$stage" && find . -type f -printf '%P\n' | sort)
	mapfile -t gone < <(listed f | sort | comm -23 - <(printf '%s\n' "${new[@]}"))
	# shellcheck disable=SC2034 # save_list has its name
	all=("${new[@]}" "${gone[@]}")
	save_list made all
	for path in "${new[@]}"; do
		try install -DT -m "$(stat -c %a "$stage/$path")" "$stage/$path" "$DESTDIR/$path"
	done
	remove "${gone[@]}"
	remove_empty "${made[@]}"
	save_list made new
	log "$VERSION is installed under $DESTDIR$PREFIX; the module's source, for dkms: $PREFIX/src/dexbench-$VERSION"
}

take_away() {
	local -a made files

	[ -f "$LIST" ] || { log "nothing to remove: $LIST does not exist"; return; }
	mapfile -t files < <(listed f)
	mapfile -t made < <(listed d)
	remove "${files[@]}" "${LIST#"$DESTDIR"/}"
	remove_empty "${made[@]}"
	[ ! -d "$DESTDIR/var/lib/dkms/dexbench" ] ||
		log "dkms still has the module: dkms remove dexbench/VERSION --all; dkms status dexbench names the VERSION"
}

case $PREFIX/ in
*/../* | [!/]*) die "PREFIX=$PREFIX: give an absolute path" ;;
esac
case $VERSION in
*[!A-Za-z0-9.+~_-]*) die "VERSION=$VERSION: letters, digits and . + ~ _ - only, it names a directory" ;;
esac
case $#,${1:-} in
1,install) bring ;;
1,uninstall) take_away ;;
*) die "usage: install.sh install|uninstall" ;;
esac
