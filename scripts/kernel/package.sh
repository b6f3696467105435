#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Debian's packages for any user on any distribution: found in lists of our own, fetched,
# checked, unpacked.  The system's packages are neither asked for nor changed.
#
# usage: package.sh resolve PATTERN[=VERSION]     {"package","version"}; a `*` is a version number
#        package.sh fetch PACKAGE=VERSION... DIR  {"package","version","sha256","file"} each
#        package.sh unpack FILE DIR               the file system of a .deb
#        package.sh versions PACKAGE              those that can be had, `VERSION<TAB>SUITE` each
#        package.sh closure PACKAGE=VERSION...    with all they depend on, PACKAGE=VERSION each
#
# resolve decides once and keeps it, so that two runs measure the same; UPDATE=1 decides anew.
# A list counts only if its InRelease is signed and names its SHA-256, and a package only if
# the list names its own; where gpgv or the keys are missing a warning says so.
#
# Environment: DEXBENCH_CACHE, UPDATE, DEXBENCH_MIRROR=URL (http, https or file, with dists/
# and pool/ in it, in place of Debian's mirror; https://snapshot.debian.org/archive/debian/DATE
# keeps old versions), DEXBENCH_SUITES, DEXBENCH_KEYRING, DEXBENCH_PINNED="NAME=VERSION..."
# (what resolve and closure choose where nothing else is asked for).
set -eu
HERE=$(dirname "$0")
# shellcheck source=scripts/lib.sh
. "$HERE/../lib.sh"

SUITES=${DEXBENCH_SUITES:-bookworm trixie trixie-backports bookworm-security trixie-security}
KEYRING=${DEXBENCH_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
STILL_RUN="Kernels already built ($DEX_CACHE/kernels), tree: and image: work without it"

have() { command -v "$1" >/dev/null 2>&1; }

can_verify() { have gpgv && [ -r "$KEYRING" ]; }

# The system's own mirror, from apt's machine-readable list of its targets.
system_mirror() {
	local uri=''

	# shellcheck disable=SC2016 # apt expands these
	! have apt-get || uri=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' 2>/dev/null | awk '$1 !~ /-security$/ { print $2; exit }')
	# What no signature vouches for comes over a connection that does.
	echo "${uri:-http$(can_verify || echo s)://deb.debian.org/debian}"
}

MIRROR=${DEXBENCH_MIRROR:-$(system_mirror)}
MIRROR=${MIRROR%/}
STATE=$DEX_CACHE/packages/$(printf %s "$MIRROR $SUITES" | digest)

# suite_url SUITE: security updates have an archive of their own, beside the main one.
suite_url() {
	case $1,$MIRROR/ in
	*-security,*/debian/*) sed 's,/debian/,/debian-security/,; s,/$,,' <<<"$MIRROR/" ;;
	*) echo "$MIRROR" ;;
	esac
}

# apt's proxy is the system's, if the environment names none.
use_proxy() {
	local proxy=''

	if [ -z "${http_proxy:-}" ] && have apt-config; then
		eval "$(apt-config shell proxy Acquire::http::Proxy)"
		[[ $proxy != http* ]] || export http_proxy=$proxy https_proxy=${https_proxy:-$proxy}
	fi
}

# by_curl, by_wget, by_apt, by_copy URL FILE: 0 there, 1 not there, 3 no network, 4 anything
# else, the program's own words on stdout.  apt does not tell 1, 3 and 4 apart.
by_curl() {
	local said rc=0

	said=$(curl -sSL --connect-timeout 20 --retry 2 --speed-limit 100 --speed-time 60 -w '\n%{http_code}' -o "$2" -- "$1" 2>&1) || rc=$?
	case $rc,${said##*$'\n'} in
	0,200) return 0 ;;
	0,400 | 0,404 | 0,410) return 1 ;;
	0,*) echo "the server answers ${said##*$'\n'}" ;;
	*) grep -m1 . <<<"$said" ;;
	esac
	case $rc in 5 | 6 | 7 | 28 | 35 | 52 | 56) return 3 ;; *) return 4 ;; esac
}

by_wget() {
	local rc=0

	wget -nv -T 20 -t 3 -O "$2" -- "$1" 2>&1 | tail -n 1
	rc=${PIPESTATUS[0]}
	case $rc in 0) ;; 8) return 1 ;; 4) return 3 ;; *) return 4 ;; esac
}

by_apt() {
	/usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=2 download-file "$1" "$2" 2>&1 |
		grep '^E:' | head -n 1
	[ "${PIPESTATUS[0]}" -eq 0 ] || return 4
}

by_copy() {
	[ -e "${1#file://}" ] || return 1
	cp -- "${1#file://}" "$2" 2>&1 || return 4
}

# way URL: which of them.
way() {
	case $1 in file:*) echo by_copy; return ;; esac
	if have curl; then
		echo by_curl
	elif have wget; then
		echo by_wget
	elif have apt-get && [ -x /usr/lib/apt/apt-helper ]; then
		echo by_apt
	else
		die "$1: nothing here downloads it; install curl or wget, or name a copy of the archive: DEXBENCH_MIRROR=file:///PATH"
	fi
}

# download URL FILE: 0, or 1 if it is not there; anything else ends it all with the cause.
download() {
	local how rc=0 said

	how=$(way "$1") || exit 2
	use_proxy
	said=$(set +e; "$how" "$1" "$2") || rc=$?
	case $rc in
	0 | 1) return "$rc" ;;
	3) die "$1: cannot be reached ($said); is the network up? $STILL_RUN" ;;
	*) die "$1: download failed${said:+ ($said)}; $STILL_RUN" ;;
	esac
}

sha256_of() { sha256sum <"$1" | cut -c1-64; }

# release_text WORK URL: what was signed of WORK/InRelease becomes WORK/Release.
release_text() {
	local work=$1

	if ! can_verify; then
		warn_once "$work" "gpgv or $KEYRING is missing (packages gpgv, debian-archive-keyring); nobody vouches for the lists of $MIRROR"
		cp "$work/InRelease" "$work/Release"
		return
	fi
	rm -f "$work/Release"
	# It fails for a second signature by a key that is not there, too.
	gpgv --keyring "$KEYRING" --status-fd 3 --output "$work/Release" "$work/InRelease" 3>"$work/status" 2>/dev/null || true
	if grep -q '\] BADSIG' "$work/status" || ! grep -q '\] VALIDSIG' "$work/status"; then
		die "$2/InRelease: not signed by a key of $KEYRING; is that Debian's archive, and the keyring new enough?"
	fi
}

warn_once() {
	[ -e "$1/warned" ] || log "warning: $2"
	: >"$1/warned"
}

# sum_of WORK SUITE URL LIST: the SHA-256 that the suite's InRelease gives LIST; nothing for an
# archive of one's own that has no InRelease, 1 if there is no such suite.
sum_of() {
	local sum

	if ! download "$3/InRelease" "$1/InRelease"; then
		# To leave the signature out is the first thing that a forger does.
		[[ $3 == file:* ]] && [ -d "${3#file://}" ] || return 1
		warn_once "$1" "$MIRROR has no InRelease; nobody vouches for its lists"
		return 0
	fi
	release_text "$1" "$3"
	# The second is to hand out another list that was signed once.
	grep -qxE "(Suite|Codename): $2" "$1/Release" || die "$3/InRelease: refused, it is signed for another suite than $2"
	sum=$(awk -v list="$4" '/^[A-Za-z]/ { sums = /^SHA256:/ } sums && $3 == list { print $1 }' "$1/Release")
	[ -n "$sum" ] || return 1
	echo "$sum"
}

decompress() { case $1 in *.xz) xz -dc ;; *.gz) gzip -dc ;; esac }

# read_suite WORK SUITE: appends its packages to WORK/index; 1 if there is no such suite.
read_suite() {
	local work=$1 suite=$2 url list=main/binary-amd64/Packages sum rc=0 kept

	url=$(suite_url "$suite")/dists/$suite
	if have xz; then list+=.xz; else list+=.gz; fi
	sum=$(sum_of "$work" "$suite" "$url" "$list") || rc=$?
	[ "$rc" -ne 2 ] || exit 2
	[ "$rc" -eq 0 ] || return 1
	kept=$STATE/$suite-${sum:-unsigned}
	if [ -z "$sum" ] || [ ! -e "$kept" ]; then
		download "$url/$list" "$work/list" || return 1
		[ -z "$sum" ] || [ "$(sha256_of "$work/list")" = "$sum" ] ||
			die "$url/$list: refused, its SHA-256 is not the one that InRelease names; a mirror in the middle of an update? Try again later"
		rm -f "$STATE/$suite"-*
		decompress "$list" <"$work/list" | awk -v suite="$suite" -f "$HERE/package.awk" | atomic_write "$kept"
	fi
	cat "$kept" >>"$work/index"
}

# refresh: STATE/index, newest last; once for all the packages of one run.
refresh() {
	local work=$STATE/new suite

	mkdir -p "$STATE" 2>/dev/null || die "cannot write $STATE: is the disk full?"
	exec 9>"$STATE/lock"
	flock 9
	if [ -z "$(find "$STATE/index" -mmin -5 2>/dev/null)" ]; then
		log "reading the package lists of $MIRROR"
		rm -rf "$work"
		mkdir "$work"
		for suite in $SUITES; do
			read_suite "$work" "$suite" || continue
		done
		[ -s "$work/index" ] ||
			die "$MIRROR: none of its dists/{${SUITES// /,}} is a signed list of packages; DEXBENCH_MIRROR is the directory that holds dists/ and pool/"
		LC_ALL=C sort -t$'\t' -k1,1 -k2,2V "$work/index" | atomic_write "$STATE/index"
		rm -rf "$work"
	fi
	exec 9>&-
}

# rows PACKAGE [VERSION]: its lines of the index, newest last.
rows() {
	local begin=$1$'\t'${2:+$2$'\t'}

	# grep is ten times as fast through 45 MB, but finds the text anywhere.
	{ LC_ALL=C grep -F -- "$begin" "$STATE/index" 2>/dev/null || true; } |
		LC_ALL=C begin=$begin awk 'index($0, ENVIRON["begin"]) == 1'
}

# gone PACKAGE VERSION: what can be had instead.
gone() {
	local there like

	there=$(rows "$1" | awk -F'\t' '{ print $2 " (" $3 ")" }' | tac | paste -sd, | sed 's/,/, /g')
	[ -z "$there" ] ||
		die "$1 $2 is not in the archive $MIRROR any more; it has $there. Name one of these, or an archive that keeps old versions: DEXBENCH_MIRROR=https://snapshot.debian.org/archive/debian/YYYYMMDDT000000Z"
	like=$(cut -f1 "$STATE/index" | grep -F -- "${1%%[0-9]*}" | sort -uV | tail -n 8 | xargs)
	die "$1: no such package in the archive $MIRROR${like:+; it has $like}"
}

# newest PATTERN: of lines `package<TAB>version` that which fits; of one package the last.
newest() {
	local pattern

	pattern=$(sed 's/[][().+^$?{}|\\]/\\&/g; s/\*/[0-9][0-9.]*/g' <<<"$1")
	grep -E "^$pattern"$'\t' | sort -t$'\t' -s -k1,1V | tail -n 1
}

# pinned: DEXBENCH_PINNED as such lines.
pinned() { xargs -n 1 <<<"${DEXBENCH_PINNED:-}" | tr '=' '\t'; }

# decide PATTERN: from the lists, or as it was decided before.
decide() {
	local memo found

	memo=$DEX_CACHE/resolved/${1//[*\/]/_}${DEXBENCH_MIRROR:+-${STATE##*/}}
	if [ ! -f "$memo" ] || [ -n "${UPDATE:-}" ]; then
		refresh
		found=$(cut -f1,2 "$STATE/index" | newest "$1")
		[ -n "$found" ] || gone "$1" ''
		mkdir -p "${memo%/*}"
		tr '\t' ' ' <<<"$found" | atomic_write "$memo"
	fi
	tr ' ' '\t' <"$memo"
}

resolve() {
	local pattern=${1%%=*} found

	if [ "$pattern" = "$1" ]; then
		found=$(pinned | newest "$pattern")
		[ -n "$found" ] || found=$(decide "$pattern") || exit
	elif [[ $pattern != *\** ]]; then
		found=$pattern$'\t'${1#*=}
	else
		die "$1: a version goes with one package's name, not with a pattern"
	fi
	jq -nc --arg package "${found%%$'\t'*}" --arg version "${found#*$'\t'}" '$ARGS.named'
}

# obtain PACKAGE VERSION DIR: by the index at hand; 1 if it does not have it, or the pool has not.
obtain() {
	local row suite pool sum file

	row=$(rows "$1" "$2" | tail -n 1)
	[ -n "$row" ] || return 1
	IFS=$'\t' read -r _ _ suite pool sum _ <<<"$row"
	file=$3/${pool##*/}
	download "$(suite_url "$suite")/$pool" "$file.part" || { rm -f "$file.part"; return 1; }
	if [ "$(sha256_of "$file.part")" != "$sum" ]; then
		rm -f "$file.part"
		die "$1 $2: refused, $(suite_url "$suite")/$pool is not the file whose SHA-256 the list names ($sum)"
	fi
	mv "$file.part" "$file"
	jq -nc --arg package "$1" --arg version "$2" --arg sha256 "$sum" --arg file "$file" '$ARGS.named'
}

# fetch PACKAGE=VERSION... DIR
fetch() {
	local dir=${!#} package

	mkdir -p "$dir" 2>/dev/null || die "cannot write $dir: is the disk full?"
	for package in "${@:1:$#-1}"; do
		obtain "${package%%=*}" "${package#*=}" "$dir" && continue
		refresh
		obtain "${package%%=*}" "${package#*=}" "$dir" || gone "${package%%=*}" "${package#*=}"
	done
}

# unpack FILE DIR: a .deb is an ar archive, its data.tar.* the file system.
unpack() {
	local member options=''

	[ -r "$1" ] || die "$1: no such package file"
	mkdir -p "$2" 2>/dev/null || die "cannot write $2: is the disk full?"
	if have dpkg-deb; then
		dpkg-deb -x "$1" "$2" || die "$1: cannot be unpacked into $2: is the disk full?"
		return
	fi
	have ar || die "ar: not found, and no dpkg-deb, one of which unpacks $1; install package binutils"
	member=$(ar t "$1" | grep -m1 '^data\.tar') || die "$1: not a Debian package, it has no data.tar"
	case $member in *.xz) options=xz ;; *.gz) options=gzip ;; *.zst) options=zstd ;; esac
	[ -z "$options" ] || need_tool $options
	ar p "$1" "$member" | tar -x ${options:+--$options} -f - -C "$2" || die "$1: cannot be unpacked into $2: is the disk full?"
}

closure() {
	refresh
	LC_ALL=C awk -v pinned="${DEXBENCH_PINNED:-}" -f "$HERE/closure.awk" "$STATE/index" "$@" || exit 2
}

USAGE='package.sh: usage: package.sh resolve PATTERN[=VERSION] | fetch PACKAGE=VERSION... DIR | unpack FILE DIR | versions PACKAGE | closure PACKAGE=VERSION...'
need_tool jq
[ $# -ge 2 ] || die "$USAGE"
case $1,$# in
resolve,2 | unpack,3 | closure,*) "$@" ;;
versions,2) refresh; rows "$2" | cut -f2,3 ;;
fetch,*) [ $# -ge 3 ] || die "$USAGE"; "$@" ;;
*) die "$USAGE" ;;
esac
