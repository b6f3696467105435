#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Build the emulator of MODE=lockstep, or reuse it from the cache.
#
# usage: emulator.sh [--suite=NAME] [--parameters=q=N,pause=N,seed=N]
#
# It is Debian's own QEMU source package, unchanged, with emulator/*.c linked in by
# ld --wrap: by default the version that is installed here, with NAME (trixie, say) the
# newest of that release.  Prints one JSON object: emulator (the program), qemu, source,
# key, parameters (what DEXBENCH_LOCKSTEP takes), and lockstep (those given, else the defaults).
#
# The package's objects stay in the cache, so that a change of ours links anew and no more.
#
# Environment: DEXBENCH_CACHE, CC, JOBS, UPDATE=1 (look for a newer package of --suite).
set -eu
. "$(dirname "$0")/lib.sh"

STATE=$DEX_CACHE/apt-source
APT=(-o Dir::State="$STATE" -o Dir::State::lists="$STATE/lists" -o Dir::State::status=/dev/null
	-o Dir::Cache="$STATE/cache" -o Dir::Etc::sourcelist="$STATE/sources.list"
	-o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root -o Acquire::Retries=3)
CC=${CC:-gcc}
JOBS=${JOBS:-$(nproc)}
OTHERWISE='MODE=parallel works without this emulator'
PROGRAM=$(arch_fact qemu)
PACKAGE=$(arch_fact qemu_package)
CONFIGURE=(--target-list="$(arch_fact qemu_target)" --without-default-features --enable-tcg --enable-plugins
	--enable-fdt=system --disable-debug-info --disable-install-blobs --disable-docs --disable-tools
	--firmwarepath=/usr/share/qemu:/usr/share/seabios:/usr/lib/ipxe/qemu)
# What QEMU's loop over its CPUs calls, besides what runs one (probe_exec).
WRAPPED=(cpu_can_run all_cpu_threads_idle icount_prepare_for_run)
# What translated code calls, and what interrupts are handed to.
read -ra HELPERS <<<"$(arch_fact qemu_helpers)"
HANDLERS=(icount_handle_interrupt)
# What the generator of calls to plugins asks and is asked, in a QEMU that needs plugins.c.
PLUGINS=(tcg_cflags_has plugin_gen_tb_end)

# The system's own mirror, whose lists are read and never changed.
# shellcheck disable=SC2016 # apt expands these
mirror() {
	apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		awk -v security="$1" '($1 ~ /-security$/) == security { print $2; found = 1; exit }
			END { if (!found) print "http://deb.debian.org/debian" (security ? "-security" : "") }'
}

# refresh SUITE: private lists of its source packages.
refresh() {
	local by='deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'

	mkdir -p "$STATE/lists/partial" "$STATE/cache/archives/partial" ||
		die "cannot write $STATE: is the disk full?"
	printf '%s main\n' "$by $(mirror 0) $1" "$by $(mirror 0) $1-updates" \
		"$by $(mirror 1) $1-security" >"$STATE/sources.list"
	log "reading Debian's list of source packages ($1)"
	apt-get "${APT[@]}" -q -o APT::Update::Error-Mode=any update >"$STATE/update.log" 2>&1 ||
		die "the list of $1's source packages could not be read: $(grep -m1 '^[EW]:' "$STATE/update.log"); is the network up? $OTHERWISE"
}

# newest SUITE: the version of its newest QEMU; decided once, as for kernels.
newest() {
	local memo=$DEX_CACHE/resolved/qemu-$1 version

	if [ ! -f "$memo" ] || [ -n "${UPDATE:-}" ]; then
		refresh "$1"
		version=$(apt-cache "${APT[@]}" showsrc --only-source qemu | sed -n 's/^Version: //p' | sort -V | tail -n 1)
		[ -n "$version" ] || die "--suite=$1: Debian's lists have no source package qemu there"
		mkdir -p "${memo%/*}"
		atomic_write "$memo" <<<"$version"
	fi
	cat "$memo"
}

# The version of the QEMU that runs the other modes.
installed() {
	dpkg-query -W -f '${source:Version}' "$PACKAGE" 2>/dev/null ||
		die "Debian's package $PACKAGE is not installed, so there is no version to follow; install it, or give --suite=NAME"
}

# unpack_source SUITE VERSION: into $stock/src, with Debian's patches.
unpack_source() {
	local part=$stock/part

	rm -rf "$part"
	mkdir -p "$part"
	refresh "$1"
	log "downloading qemu $2"
	(cd "$part" && apt-get "${APT[@]}" -q source --download-only "qemu=$2") >"$stock/download.log" 2>&1 ||
		die "qemu $2: no such source package in $1 ($(grep -m1 '^E:' "$stock/download.log")); upgrade $PACKAGE, or give --suite=$1 for the newest.  $OTHERWISE"
	dpkg-source --no-check -x "$part"/*.dsc "$part/src" >"$stock/unpack.log" 2>&1 ||
		die "cannot unpack qemu $2 into $part: $(tail -n 1 "$stock/unpack.log")"
	mv -T "$part/src" "$stock/src"
	rm -rf "$part"
}

# Nothing of the caller's but where programs are: the system's own Python, above all.
quietly() { env -i PATH=/usr/bin:/bin HOME="$HOME" LC_ALL=C "$@"; }

configure() {
	rm -rf "$stock/build"
	mkdir "$stock/build"
	(cd "$stock/build" && quietly ../src/configure --cc="$CC" "${CONFIGURE[@]}") >"$stock/configure.log" 2>&1 ||
		die "qemu $version: cannot be configured: $(grep -m1 -E 'ERROR|Could not|not found' "$stock/configure.log"); the whole log is $stock/configure.log"
}

# compile SUITE VERSION: the package's objects, in the place where their paths are true.
compile() {
	local steps

	[ "$(cat "$stock/built" 2>/dev/null)" != "$stock" ] || return 0
	"$DEX_TOP/scripts/setup.sh" emulator
	[ -d "$stock/src" ] || unpack_source "$1" "$2"
	log "configuring qemu $2"
	configure
	steps=$(ninja -C "$stock/build" -n "$PROGRAM" | sed -n 's/^\[[0-9]*\/\([0-9]*\)\].*/\1/p' | tail -n 1)
	run_logged "building qemu $2" "${steps:-1500}" "$stock/build.log" \
		quietly ninja -C "$stock/build" -d keeprsp -j "$JOBS" "$PROGRAM" ||
		die "qemu $2 did not build: $(grep -m1 'error:' "$stock/build.log"); the whole log is $stock/build.log"
	printf '%s' "$stock" >"$stock/built"
}

# The object of QEMU's loop over its CPUs; 7.2 and 10.0 have it in different libraries.
loop() {
	ninja -C "$stock/build" -t targets all | sed -n 's/^\(.*accel_tcg_tcg-accel-ops-rr\.c\.o\):.*/\1/p'
}

# needs NAME: the loop calls it.
needs() { nm -u "$stock/build/$loop" | grep -qw "$1"; }

# refers FILES NAME: objects like these refer to what another file defines.
refers() { find "$stock/build/" -name "$1" -exec nm -u {} + | grep -w "$2" >/dev/null; }

# must_name WHO FILES NAME...: they do, or --wrap reaches nobody.
must_name() {
	local who=$1 files=$2 name

	shift 2
	for name; do
		refers "$files" "$name" || die "qemu $version: its $who does not refer to $name(), which emulator/ wraps.  $OTHERWISE"
	done
}

# How this QEMU calls what runs a CPU: the first of the names its loop asks for.
probe_exec() {
	local name

	for name in tcg_cpus_exec tcg_cpu_exec; do
		! needs "$name" || { echo "$name"; return; }
	done
	die "qemu $version: its loop calls neither tcg_cpus_exec() nor tcg_cpu_exec(); emulator/ was written for 7.2 and 10.0.  $OTHERWISE"
}

# ours FLAG... -o OBJECT FILE: with the flags that the loop's own file was compiled with.
ours() {
	local flags

	flags=$(quietly ninja -C "$stock/build" -t commands "$loop" | tail -n 1)
	(cd "$stock/build" && eval "${flags%% -MD *}" -I"$DEX_TOP/emulator" -c '"$@"') # quoted for a shell
}

# link_command OUTPUT ARGUMENT...: the package's own, which may have most of its words in a file.
link_command() {
	local output=$1 words=$dir/link.rsp

	shift
	[ ! -f "$stock/build/$PROGRAM.rsp" ] ||
		sed "s|-o $PROGRAM |-o $output |" "$stock/build/$PROGRAM.rsp" >"$words"
	printf '%s %s\n' "$(quietly ninja -C "$stock/build" -t commands "$PROGRAM" | tail -n 1 |
		sed "s|-o $PROGRAM |-o $output |; s|@$PROGRAM.rsp|@$words|")" "$*"
}

# link: our objects and the package's, into $dir.
link() {
	local loop exec name object flags=() objects=() files=(lockstep params) wrapped

	loop=$(loop)
	[ -n "$loop" ] || die "qemu $version: it has no accel/tcg/tcg-accel-ops-rr.c, whose loop emulator/ wraps.  $OTHERWISE"
	exec=$(probe_exec)
	flags=(-DEXEC="$exec")
	echo '#include "qemu/osdep.h"
#include "hw/core/cpu.h"
void *probe(CPUState *cpu); void *probe(CPUState *cpu) { return cpu->icount_decr_ptr; }' >"$dir/probe.c"
	! ours -o "$dir/probe.o" "$dir/probe.c" 2>/dev/null || flags+=(-DHAVE_DECR_PTR)
	! refers '*plugin-gen.c.o' tcg_cflags_has || files+=(plugins)
	for name in "${files[@]}"; do
		object=$dir/$name.o
		ours "${flags[@]}" -o "$object" "$DEX_TOP/emulator/$name.c" 2>"$dir/compile.log" ||
			die "qemu $version: emulator/$name.c does not fit it: $(grep -m1 'error:' "$dir/compile.log").  $OTHERWISE"
		objects+=("$object")
	done
	wrapped=("${WRAPPED[@]}" "$exec")
	must_name loop "${loop##*/}" "${wrapped[@]}"
	must_name translator '*translate*.o' "${HELPERS[@]}"
	must_name accelerator '*tcg-accel-ops.c.o' "${HANDLERS[@]}"
	wrapped+=("${HELPERS[@]}" "${HANDLERS[@]}")
	if [[ " ${files[*]} " == *" plugins "* ]]; then
		must_name translator '*translator.c.o' plugin_gen_tb_end
		wrapped+=("${PLUGINS[@]}")
	fi
	link_command "$dir/qemu.part" "${objects[@]}" "${wrapped[@]/#/-Wl,--wrap=}" >"$dir/link.sh"
	(cd "$stock/build" && quietly sh "$dir/link.sh") >"$dir/link.log" 2>&1 ||
		die "qemu $version: the emulator does not link: $(grep -m1 -E 'undefined|error' "$dir/link.log"); the whole log is $dir/link.log"
	mv "$dir/qemu.part" "$dir/$PROGRAM"
}

# describe_build: what was built, as JSON; it must run to be described.
describe_build() {
	local program=$dir/$PROGRAM

	jq -nc --arg emulator "$program" --arg key "$key" --arg source "$version" \
		--arg qemu "$("$program" --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')" \
		--argjson parameters "$(DEXBENCH_LOCKSTEP=describe "$program")" \
		'{emulator: $emulator, qemu: $qemu, source: $source, key: $key, parameters: $parameters}'
}

# describe_run PARAMETERS: that, and the values to run it with.
describe_run() {
	local said

	said=$(DEXBENCH_LOCKSTEP=$1 "$dir/$PROGRAM" --version 2>&1) ||
		die "LOCKSTEP=$1: ${said#lockstep: }"
	jq -c --arg given "$1" '. + {lockstep: ((.parameters | map_values(.default)) +
		($given | [splits(",") | select(. != "") / "=" | {(.[0]): (.[1] | tonumber)}] | add // {}))}' "$dir/emulator.json"
}

suite='' version='' parameters=''
for arg; do
	case $arg in
	--suite=?*) suite=${arg#*=} ;;
	--parameters=*) parameters=${arg#*=} ;;
	*) die "emulator.sh: unknown option $arg; usage: emulator.sh [--suite=NAME] [--parameters=q=N,pause=N,seed=N]" ;;
	esac
done
need_tool jq
command -v dpkg-query >/dev/null 2>&1 || die "this is not a Debian system, whose QEMU package the emulator is built from; $OTHERWISE"
need_tool "${CC%% *}" gcc
if [ -n "$suite" ]; then
	version=$(newest "$suite")
else
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	version=$(installed)
fi
made=$(printf '%s\n' "$version" "${CONFIGURE[*]}" "$("$CC" --version | head -n 1)")
stock=$DEX_CACHE/emulators/stock/$(digest <<<"$made")
key=$( (echo "$made" "${WRAPPED[*]} ${HELPERS[*]} ${HANDLERS[*]} ${PLUGINS[*]}"; cat "$DEX_TOP"/emulator/*.[ch]) | digest)
dir=$DEX_CACHE/emulators/$key
mkdir -p "$stock" "$dir" || die "cannot write $DEX_CACHE/emulators: is the disk full?"
exec 9>"$stock/lock"
flock -n 9 || { log "another build of the emulator is under way, waiting for it"; flock 9; }
if [ "$(jq -r .emulator "$dir/emulator.json" 2>/dev/null)" != "$dir/$PROGRAM" ]; then
	compile "$suite" "$version"
	link
	describe_build | atomic_write "$dir/emulator.json"
fi
describe_run "$parameters"
