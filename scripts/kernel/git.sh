# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# How kernels' programs call git.  Sourced after lib.sh.
#
# There are two sides.  A user's repository is only read: nothing is fetched into it, no
# index is refreshed, no hook or monitor of its configuration is run, and it may be owned by
# somebody else.  Even the time of a pack is left alone: git touches an object that it is asked
# to write and finds in an alternate, so objects are written without alternates, and alternates are
# there only while objects are read.
#
# The private store is a bare repository in the cache.  No setting of the user reaches it.

need_tool git
shopt -s inherit_errexit # a function whose output is taken ends at its first failure, too
# What git sets for its children is about another repository.
# shellcheck disable=SC2046 # a list of names
unset $(git rev-parse --local-env-vars)

# is_bare DIR: DIR itself is a repository.
is_bare() { [ -f "$1/HEAD" ] && [ -d "$1/objects" ] && [ -d "$1/refs" ]; }

# top_of DIR: the directory that DIR's repository is known by: its working tree's top, or the
# bare repository.  Nothing if there is none.
top_of() {
	local at=$1

	if is_bare "$at"; then
		printf '%s\n' "$at"
		return
	fi
	until [ -e "$at/.git" ]; do
		[ -n "$at" ] || return 1
		at=${at%/*}
	done
	printf '%s\n' "${at:-/}"
}

# reading DIR ARGUMENT...: git in the user's repository that DIR, an absolute path, is part of.
reading() {
	local dir=$1 top

	shift
	top=$(top_of "$dir") || return 1
	GIT_OPTIONAL_LOCKS=0 GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none GIT_TERMINAL_PROMPT=0 \
		git -C "$dir" -c safe.directory="$top" -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"
}

# storing STORE ARGUMENT...: git in the private store.  The variables GIT_INDEX_FILE and
# GIT_WORK_TREE, if the caller sets them for the call, mean what they mean to git.
storing() {
	local store=$1

	shift
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none \
		git --git-dir="$store" -c safe.directory='*' -c core.bare=false -c core.autocrlf=false \
		-c core.attributesFile=/dev/null -c core.excludesFile=/dev/null -c core.fileMode=true \
		-c core.trustctime=true -c core.checkStat=default -c core.sparseCheckout=false \
		-c core.looseCompression=1 -c gc.auto=0 -c core.quotePath=false "$@"
}

# alternates OBJECTS-JSON: directories of objects, as git wants them in its environment.
alternates() { jq -r 'map(@json) | join(":")' <<<"$1"; }

# store_for FORMAT: the private store for object names of that format; it is made if it is not there.
store_for() {
	local store=$DEX_CACHE/store-$1.git part

	if [ ! -d "$store" ]; then
		check_cache
		part=$(mktemp -d "$DEX_CACHE/store.XXXXXX")
		git init -q --bare --template= --object-format="$1" "$part"
		# Somebody else may have been quicker.
		mv -T "$part" "$store" 2>/dev/null || rm -rf "$part"
	fi
	printf '%s\n' "$store"
}

# tree_id_of STORE INDEX: the tree that the index holds, written to the store.  Its files need not be there.
tree_id_of() { GIT_INDEX_FILE=$2 storing "$1" write-tree --missing-ok; }
