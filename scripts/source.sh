# shellcheck shell=bash disable=SC2154 # $spec is kernel.sh's
# SPDX-License-Identifier: MIT
# Kernel sources: Debian packages through a private apt state, and snapshots
# of users' trees.  Sourced by kernel.sh; each function sets $src (a directory
# nobody else writes to) and $source_id (what it holds).  For a revision $src is
# only a place: checkout_revision makes it that revision, when it must be built.

APT_STATE=$DEX_CACHE/apt
APT=(-o Dir::State="$APT_STATE" -o Dir::State::lists="$APT_STATE/lists"
	-o Dir::State::status=/dev/null -o Dir::Cache="$APT_STATE/cache"
	-o Dir::Etc::sourcelist="$APT_STATE/sources.list" -o Dir::Etc::sourceparts=/dev/null
	-o APT::Sandbox::User=root -o Acquire::Retries=3)

# The system's own mirror, from apt's machine-readable list of its targets.
mirror() {
	local uri

	# shellcheck disable=SC2016 # apt expands these
	uri=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' 2>/dev/null | awk -v sec="$1" '($1 ~ /-security$/) == sec { print $2; exit }')
	[ "$1" = 1 ] && : "${uri:=http://deb.debian.org/debian-security}"
	echo "${uri:-http://deb.debian.org/debian}"
}

# Own lists and cache: the system's apt configuration is read, never changed.
apt_refresh() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg suite main security

	# Once for all the packages of one run.
	[ -z "$(find "$APT_STATE/fresh" -mmin -5 2>/dev/null)" ] || return 0
	main=$(mirror 0) security=$(mirror 1)
	mkdir -p "$APT_STATE/lists/partial" "$APT_STATE/cache/archives/partial"
	for suite in bookworm trixie trixie-backports; do
		echo "deb [signed-by=$keyring] $main $suite main"
	done >"$APT_STATE/sources.list"
	for suite in bookworm-security trixie-security; do
		echo "deb [signed-by=$keyring] $security $suite main"
	done >>"$APT_STATE/sources.list"
	log "reading Debian's package lists"
	if apt-get "${APT[@]}" -q -o APT::Update::Error-Mode=any update >"$APT_STATE/update.log" 2>&1; then
		touch "$APT_STATE/fresh"
	else
		log "warning: some package lists could not be read: $(grep -m1 '^[EW]:' "$APT_STATE/update.log")"
	fi
}

# newest PATTERN: the newest package of that name (shell pattern) and its
# version, from the private lists.
newest() {
	local name

	name=$(apt-cache "${APT[@]}" pkgnames "${1%%\**}" 2>/dev/null |
		grep -xE "${1//\*/[0-9]+}" | sort -V | tail -n 1)
	[ -n "$name" ] || return 1
	apt-cache "${APT[@]}" show --no-all-versions "$name" | sed -n "s/^Version: /$name /p"
}

# resolve PATTERN: prints `package version`.  Decided once and then kept, so
# that two runs measure the same source; UPDATE=1 decides anew.
resolve() {
	local memo=$DEX_CACHE/resolved/${1//[*\/]/_}

	if [ ! -f "$memo" ] || [ -n "${UPDATE:-}" ]; then
		apt_refresh
		mkdir -p "${memo%/*}"
		newest "$1" >"$memo.tmp" ||
			die "$1: no such package in Debian's lists; is the network up? Kernels already built ($DEX_CACHE/kernels), tree: and image: work without it"
		mv "$memo.tmp" "$memo"
	fi
	cat "$memo"
}

# fetch_package PACKAGE VERSION DIR: a .deb of that very version in DIR.
fetch_package() {
	[ -f "$APT_STATE/sources.list" ] || apt_refresh
	mkdir -p "$3"
	(cd "$3" && apt-get "${APT[@]}" -q download "$1=$2") >"$APT_STATE/download.log" 2>&1 && return
	apt_refresh
	(cd "$3" && apt-get "${APT[@]}" -q download "$1=$2") >"$APT_STATE/download.log" 2>&1 ||
		die "$1 $2: download failed ($(grep -m1 '^E:' "$APT_STATE/download.log")); is the network up? UPDATE=1 looks for a newer version; kernels already built still run"
}

unpack_package() {
	dpkg-deb --fsys-tarfile "$1"/*.deb | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$1" --strip-components=1
}

# deb_source PATTERN
deb_source() {
	local package version part

	case $1 in linux-source-*) ;; *) die "$spec: the form is deb:linux-source-X.Y" ;; esac
	read -r package version <<<"$(resolve "$1")"
	[ -n "$version" ] || exit 2
	source_id=${package}_$version
	src=$DEX_CACHE/src/$source_id
	[ ! -d "$src" ] || return 0
	part=$src.part
	rm -rf "$part"
	log "downloading $package $version"
	fetch_package "$package" "$version" "$part"
	log "unpacking $package $version"
	unpack_package "$part" || die "cannot unpack $package into $part: is the disk full?"
	rm -f "$part"/*.deb
	mv "$part" "$src"
}

# tree_source PATH[@REV]
tree_source() {
	local path=$1 rev=''

	if [ ! -d "$path" ] && [ "$path" != "${path%@*}" ]; then
		rev=${path##*@} path=${path%@*}
	fi
	[ -d "$path" ] || die "$spec: $path: no such directory"
	path=$(realpath "$path")
	if [ -n "$rev" ]; then
		revision_source "$path" "$rev"
		return
	fi
	[ -f "$path/mm/rmap.c" ] || die "$spec: $path: not a kernel source tree (no mm/rmap.c)"
	worktree_source "$path"
}

# revision_source PATH REV: sets $commit, $tree (its files), $repository and $stage.
revision_source() {
	local prefix

	need_tool git
	repository=$(git -C "$1" rev-parse --path-format=absolute --git-common-dir 2>/dev/null) ||
		die "$spec: $1: not a git repository, so it has no revisions; leave @$2 out"
	commit=$(git -C "$1" rev-parse --verify --quiet "$2^{commit}") ||
		die "$spec: $1 has no revision '$2'; try: git -C $1 log --oneline"
	prefix=$(git -C "$1" rev-parse --show-prefix)
	tree=$commit:${prefix%/}
	git -C "$1" cat-file -e "$commit:${prefix}mm/rmap.c" 2>/dev/null ||
		die "$spec: $1 at $2: not a kernel source tree (no mm/rmap.c)"
	source_id=git-$commit
	stage=$DEX_CACHE/src/rev-$(printf %s "$repository:$prefix" | digest)
	src=$stage/src
}

# checkout_revision: the one place that revisions of a repository are built from
# becomes $tree.  Files that do not change keep their times, so that a commit
# rebuilds what it touches; that they got another link (keep_kernel) is no change.
# The repository itself is only read.
checkout_revision() {
	mkdir -p "$src" || die "cannot write $src: is the disk full?"
	rm -f "$stage/index.lock" # of one who was killed; the lock is ours
	log "checking out ${commit:0:12} of $repository"
	GIT_INDEX_FILE=$stage/index git --git-dir="$repository" --work-tree="$src" \
		-c core.bare=false -c core.autocrlf=false -c core.sparseCheckout=false -c core.trustctime=false \
		read-tree --reset -u "$tree" ||
		die "cannot check out $commit of $repository into $src: is the disk full?"
}

# The files of a working tree, NUL-separated: what git knows or would add, or
# everything but build products where there is no git.
worktree_files() {
	if git -C "$1" rev-parse --git-dir >/dev/null 2>&1; then
		git -C "$1" ls-files -z --cached --others --exclude-standard
	else
		(cd "$1" && find . \( -path ./include/generated -o -path ./include/config \
			-o -path ./arch/x86/include/generated \) -prune -o \( -type f -o -type l \) \
			! -name '*.o' ! -name '*.ko' ! -name '*.a' ! -name '*.cmd' ! -name .config -print0)
	fi | LC_ALL=C sort -z | only_existing "$1"
}

# git still lists a file that was deleted and not yet committed.
only_existing() {
	local f

	while IFS= read -r -d '' f; do
		if [ -e "$1/$f" ] || [ -L "$1/$f" ]; then
			printf '%s\0' "$f"
		fi
	done
}

# Copied to one place per path with the files' own times, so that a changed
# line rebuilds one object instead of a kernel.
worktree_source() {
	local home now list

	stable_key=tree-$(printf %s "$1" | digest)
	home=$DEX_CACHE/src/$stable_key
	src=$home/src list=$home/files
	mkdir -p "$src"
	worktree_files "$1" >"$list.new"
	now=$(cd "$1" && xargs -0 stat -c '%n %s %Y' 2>/dev/null <"$list.new" | digest)
	source_id=tree-$now
	[ "$(cat "$home/id" 2>/dev/null)" != "$source_id" ] || return 0
	log "copying $1"
	rm -f "$home/id"
	[ ! -f "$list" ] || (cd "$src" && LC_ALL=C comm -z -23 "$list" "$list.new" | xargs -0r rm -f)
	tar -C "$1" --null --ignore-failed-read -T "$list.new" -c 2>/dev/null | tar -x -C "$src" ||
		die "cannot copy $1 to $src: is the disk full?"
	mv "$list.new" "$list"
	printf '%s' "$source_id" >"$home/id"
}
