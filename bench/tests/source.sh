# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Where kernel sources come from: users' trees are copied whole and never
# written to; without a network it is said what is missing.

# A git tree with what kernel.sh looks for, a build product and an ignored file.
make_tree() {
	local tree=$1

	mkdir -p "$tree/mm" "$tree/include/generated"
	echo one >"$tree/mm/rmap.c"
	echo gone >"$tree/mm/old.c"
	echo '*.o' >"$tree/.gitignore"
	git -C "$tree" init -q
	git -C "$tree" add -A
	git -C "$tree" -c user.name=x -c user.email=x@x commit -q -m one
	echo object >"$tree/mm/rmap.o"
}

# snapshot SPEC: prints the copy's path and its id.
snapshot() {
	DEXBENCH_CACHE=$scratch/cache bash -c '. scripts/lib.sh; . scripts/source.sh; spec=$1
		tree_source "${1#tree:}" && if [ -n "${commit:-}" ]; then checkout_revision; fi &&
		echo "$src $source_id"' _ "$1" 2>/dev/null
}

everything_in() { (cd "$1" && find . -path ./.git -prune -o -type f -printf '%p %T@ %s\n' | sort); }

working_tree() {
	local tree=$scratch/work src id before again

	make_tree "$tree"
	before=$(everything_in "$tree")
	read -r src id <<<"$(snapshot "tree:$tree")"
	same <(echo one) "$src/mm/rmap.c"
	refute test -e "$src/mm/rmap.o"
	read -r _ again <<<"$(snapshot "tree:$tree")"
	[ "$id" = "$again" ]

	sleep 1.1
	echo two >"$tree/mm/rmap.c"
	rm "$tree/mm/old.c"
	echo new >"$tree/mm/new.c"
	before=$(everything_in "$tree")
	read -r src again <<<"$(snapshot "tree:$tree")"
	[ "$id" != "$again" ]
	same <(echo two) "$src/mm/rmap.c"
	same <(echo new) "$src/mm/new.c"
	refute test -e "$src/mm/old.c"
	same <(echo "$before") <(everything_in "$tree")
}

revision() {
	local tree=$scratch/rev src id

	make_tree "$tree"
	echo two >"$tree/mm/rmap.c"
	read -r src id <<<"$(snapshot "tree:$tree@HEAD")"
	same <(echo one) "$src/mm/rmap.c"
	[ "$id" = "git-$(git -C "$tree" rev-parse HEAD)" ]
	[ -z "$(git -C "$tree" worktree list | tail -n +2)" ]
}

# One place for all revisions: files come, change and go; those that stay keep their
# times, and what a killed checkout left half done is put right.
neighbours() {
	local tree=$scratch/neighbours src at

	make_tree "$tree"
	echo stays >"$tree/mm/stays.c"
	git -C "$tree" add -A
	git -C "$tree" -c user.name=x -c user.email=x@x commit -q -m two
	everything_in "$tree" >"$scratch/neighbours-before"
	cp -r "$tree/.git" "$scratch/neighbours-git"
	read -r src _ <<<"$(snapshot "tree:$tree@HEAD")"
	ln "$src/mm/rmap.c" "$scratch/kept.c"
	at=$(stat -c '%y %i' "$src/mm/rmap.c")
	echo spoilt >"$src/mm/stays.c"
	read -r src _ <<<"$(snapshot "tree:$tree@HEAD")"
	same <(echo stays) "$src/mm/stays.c"
	read -r src _ <<<"$(snapshot "tree:$tree@HEAD^")"
	refute test -e "$src/mm/stays.c"
	[ "$(stat -c '%y %i' "$src/mm/rmap.c")" = "$at" ]
	same "$scratch/neighbours-before" <(everything_in "$tree")
	diff -r "$scratch/neighbours-git" "$tree/.git"
}

tree_without_git() {
	local src

	mkdir -p "$scratch/plain/mm" "$scratch/plain/include/generated"
	echo one >"$scratch/plain/mm/rmap.c"
	touch "$scratch/plain/mm/rmap.o" "$scratch/plain/.config" "$scratch/plain/include/generated/x.h"
	read -r src _ <<<"$(GIT_CEILING_DIRECTORIES=$scratch snapshot "tree:$scratch/plain")"
	same <(echo ./mm/rmap.c) <(cd "$src" && find . -type f)
}

# A mirror that nobody answers at stands for a missing network.
no_network() {
	local rc=0

	printf 'Acquire::%s::Proxy "http://127.0.0.1:9";\n' http https >"$scratch/apt.conf"
	env -u no_proxy DEXBENCH_CACHE="$scratch/empty" APT_CONFIG="$scratch/apt.conf" \
		http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 scripts/kernel.sh rmap-6.12 2>"$scratch/said" || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq 2 ]
	tail -n 1 "$scratch/said" | grep 'is the network up? Kernels already built .* work without it'
	[ -z "$(find "$scratch/empty" -name '*.tmp' -size +0)" ]
	[ "$(grep -c 'error:' "$scratch/said")" -eq 1 ]
}

check "tree:PATH follows the working tree and leaves it alone" working_tree
check "tree:PATH@REV takes the revision, not the working tree" revision
check "tree:PATH@REV: neighbours share a place, and the repository is only read" neighbours
check "tree:PATH without git leaves build products out" tree_without_git
check "no network: what is missing, and what still runs" no_network
