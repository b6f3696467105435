# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Bad input: one clear line, exit status 2, nothing half-written.

recorded

ab() { env "$@" scripts/campaign/ab.sh; }

# nothing_left DIR COMMAND...: also leaves no DIR behind.
nothing_left() {
	local dir=$1

	shift
	"$@"
	[ ! -e "$dir" ] || { echo "left behind: $(find "$dir")"; return 1; }
}

kernel_refused() { refused 2 "$1" scripts/kernel/kernel.sh "$2"; }

not_a_kernel_tree() {
	mkdir -p "$scratch/tree"
	kernel_refused "not a kernel source tree" "tree:$scratch/tree"
}

missing_revision() {
	mkdir -p "$scratch/repo/mm"
	: >"$scratch/repo/mm/rmap.c"
	git -C "$scratch/repo" init -q
	git -C "$scratch/repo" add -A
	git -C "$scratch/repo" -c user.name=x -c user.email=x@x commit -q -m x
	kernel_refused "has no revision 'v9.9'" "tree:$scratch/repo@v9.9"
}

# An image and a build tree that look real where kernel.sh looks.
fake_image() {
	local dir=$1 config=$2 tree_release=$3

	mkdir -p "$dir/include/config"
	printf 'CONFIG_%s=y\n' 64BIT BLK_DEV_INITRD DEVTMPFS SERIAL_8250_CONSOLE MODULES VIRTIO_PCI VIRTIO_CONSOLE >"$dir/.config"
	echo "$config" >>"$dir/.config"
	echo "$tree_release" >"$dir/include/config/kernel.release"
	printf '0x0\tmake_device_exclusive\tvmlinux\tEXPORT_SYMBOL_GPL\t\n' >"$dir/Module.symvers"
	{
		head -c $((0x20e)) /dev/zero
		printf '\020\000' # the version string is at 0x10 + 0x200 = 0x210
		printf '6.12.0 (someone@somewhere)\0'
	} >"$dir/bzImage"
}

no_device_private() {
	fake_image "$scratch/np" '# CONFIG_DEVICE_PRIVATE is not set' 6.12.0
	kernel_refused "without CONFIG_DEVICE_PRIVATE" "image:$scratch/np/bzImage,$scratch/np"
}

mismatched_pair() {
	fake_image "$scratch/mp" CONFIG_DEVICE_PRIVATE=y 7.3.4
	kernel_refused "the image is 6.12.0, the build tree makes modules for 7.3.4" \
		"image:$scratch/mp/bzImage,$scratch/mp"
}

# A campaign of the kernels that are left would look like the one that was asked for.
one_kernel_is_wrong() {
	local image=$scratch/ok/bzImage,$scratch/ok

	fake_image "$scratch/ok" CONFIG_DEVICE_PRIVATE=y 6.12.0
	nothing_left "$scratch/o" refused 2 "unknown kernel 'folio-7'" ab KERNELS="image:$image folio-7" OUT="$scratch/o"
	refused 2 "unknown kernel 'folio-7'" env CASE=convert_latency KERNELS="image:$image folio-7" OUT="$scratch/o" scripts/campaign/attribute.sh
	refused 2 "unknown kernel 'folio-7" env KERNELS="folio-7" OUT="$scratch/soak" scripts/guest/soak.sh
}

# What a plan, a boot or a campaign lacks is named.
what_is_missing() {
	cp -r "$RECORDED" "$scratch/lacking"
	edit "$scratch/lacking/plan.json" '.kernels = []'
	refused 2 "a plan without kernels" build/dex-compare "$scratch/lacking"
	cp "$RECORDED/plan.json" "$scratch/lacking"
	gzip "$scratch"/lacking/*-folio-6.12/run.json
	refused 2 "only case files may be packed" build/dex-compare "$scratch/lacking"
	cp -r "$RECORDED" "$scratch/incomplete"
	rm "$scratch"/incomplete/*-folio-6.12/fault_back.json
	refused 2 "samples were not kept" build/dex-compare "$scratch/incomplete"
}

# Boots of two instruments are no campaign, so what goes on with one must be the same.
other_instrument() {
	local f

	cp -r "$RECORDED" "$scratch/begun"
	rm "$scratch"/begun/{compare.json,report.txt}
	for f in "$scratch"/begun/*/run.json; do
		edit "$f" '.dexbench = "0000000"'
	done
	refused 2 "was begun with dexbench 0000000, here is" ab OUT="$scratch/begun"
	for f in "$scratch"/begun/*/run.json; do
		edit "$f" ".dexbench = \"$(build/dexbench --version | cut -d' ' -f2-)\" | .host.qemu = \"QEMU 1.0\""
	done
	refused 2 "was begun with QEMU 1.0, here is" ab OUT="$scratch/begun"
}

existing_out() {
	mkdir -p "$scratch/out"
	echo mine >"$scratch/out/mine"
	refused 2 "never overwritten" ab OUT="$scratch/out"
	same <(echo mine) <(ls -A "$scratch/out")
}

# small_disk SIZE COMMAND...: run it with a file system of that size at
# $scratch/disk; what it left there is listed in $scratch/left.
small_disk() {
	local rc=0 size=$1

	shift
	mkdir -p "$scratch/disk"
	mount -t tmpfs -o size="$size" tmpfs "$scratch/disk"
	"$@" || rc=$?
	find "$scratch/disk" -mindepth 1 -printf '%P\n' >"$scratch/left"
	umount "$scratch/disk"
	return "$rc"
}

fill_up() { head -c 16M /dev/zero >"$scratch/disk/filler" 2>/dev/null || true; }

plan_without_room() {
	fill_up
	refused 2 "No space left on device (df -h" ab OUT="$scratch/disk/out" \
		KERNELS="image:$scratch/ok/bzImage,$scratch/ok"
}

full_disk_plan() {
	small_disk 16k plan_without_room
	same <(echo filler) "$scratch/left"
}

report_without_room() {
	cp -r "$RECORDED" "$scratch/disk/plan"
	rm "$scratch"/disk/plan/{report.txt,compare.json}
	fill_up
	refused 2 "cannot" build/dex-compare --write "$scratch/disk/plan"
}

full_disk_report() {
	small_disk 2M report_without_room
	refute grep -E 'report.txt|compare.json|tmp' "$scratch/left"
}

not_root() {
	refused 2 "not root" setpriv --reuid=65534 --clear-groups build/dexbench
}

# made WORD...: make, as a user calls it.
made() { env -u MAKELEVEL -u MAKEFLAGS -u MFLAGS make "$@"; }

unknown_variables() {
	refused 2 "KERNEL: make shell takes one; did you mean KERNELS?" made ab KERNEL=folio-6.12
	refused 2 "KERNEL_: no such variable; did you mean KERNEL?" made ab KERNEL_=folio-6.12
	refused 2 "prefix: no such variable; did you mean PREFIX?" made -s install prefix=/usr
	refused 2 "xyzzy_plugh: no such variable; docs/reference.md lists them" made xyzzy_plugh=1
	# Names of our own are not a caller's make's concern.
	MAKELEVEL=1 make -s help THEIRS=1 >/dev/null
	# shellcheck disable=SC2046 # one word a variable
	made -s help $(sed -n 's/^\([A-Z_]*\) .*/\1=/p' scripts/variables.txt | grep -vE '^(MAKEFLAGS|SHELL)=')
}

# Whatever a Makefile or a script reads of what may be said is on the list.
variables_are_listed() {
	local listed

	listed=$(sed -n 's/^\([A-Z_]*\) .*/\1/p' scripts/variables.txt)
	same <(sort -u <<<"$listed" | wc -l) <(wc -l <<<"$listed")
	# shellcheck disable=SC2046 # names of files
	refute grep -vxF "$listed" <(grep -hoE '\$\{(DEXBENCH_)?[A-Z]+:[-+?]' $(find scripts -name '*.sh') scripts/series/bisect-step |
		grep -oE '[A-Z_]+' | grep -vxE 'HOME|PATH|XDG_CACHE_HOME|DEX_[A-Z]*|BRIEF|PILOT|PROBE|PERF_BINARY')
	refute grep -vxF "$listed" <(grep -hoE '^[A-Z]+[[:space:]]*\?=' Makefile scripts/*.mk tests/*.mk | grep -oE '[A-Z]+')
}

# Every target with every variable: no recipe has the value in it, whatever it says.
values_are_data() {
	local target value="\$(shell touch $scratch/ran)';touch $scratch/ran;\"\`touch $scratch/ran\`"
	local given=()

	mapfile -t given < <(awk -v value="$value" '/^[A-Z]/ && $1 != "KERNEL" && $2 ~ /asked|host/ { print $1 "=" value }' scripts/variables.txt)
	for target in $(made help | cut -d' ' -f1); do
		made -n "$target" "${given[@]}" >"$scratch/recipe" 2>&1 || true
		[ -s "$scratch/recipe" ]
		refute grep -F "touch $scratch/ran" "$scratch/recipe"
	done
	made -n shell KERNEL="$value" | refute grep -F "touch $scratch/ran"
	{ made -s kernels KERNELS="x;touch $scratch/ran" 2>&1 || true; } | grep "unknown kernel 'x;touch'"
	made -s -n build/version VERSION="1';touch $scratch/ran;'" | bash || true
	made -s help VERSION="$value" >/dev/null
	[ ! -e "$scratch/ran" ]
}

# split_into WANTED VALUE: specs between <>, and the way back.
split_into() {
	local specs

	mapfile -t specs < <(split_kernels "$2")
	same <(echo "$1") <(printf '<%s>' "${specs[@]}" | sed 's/<>//'; echo)
	[ "${#specs[@]}" -eq 0 ] || same <(split_kernels "$2") <(split_kernels "$(join_kernels "${specs[@]}")")
}

lists_of_kernels() {
	split_into "<a><b><c>" $' a  b\tc\n'
	split_into "<tree:/my trees/linux@v6.12><tree:/my trees/linux>" "tree:/my trees/linux@v6.12 | tree:/my trees/linux"
	split_into "<tree:/a b/c>" "| tree:/a b/c"
	split_into "<tree:/a|b>" "tree:/a|b"
	split_into "<a, ü+b=c|d><e  f>" "  a, ü+b=c|d |  | e  f | "
	split_into "" " | "
	split_into "" ""
	HOME="/a&b" split_into "<tree:/a&b/linux>" "tree:~/linux"
	HOME=/h split_into "<tree:/h/linux><image:/h/bz,/h/build><tree:/x/~/y>" "tree:~/linux image:~/bz,~/build tree:/x/~/y"
	kernel_refused "tree:/no such/tree: /no such/tree: no such directory" "tree:/no such/tree"
	nothing_left "$scratch/o" refused 2 "/no such/tree: no such directory" ab OUT="$scratch/o" KERNELS="| tree:/no such/tree"
	refused 2 "/no such/tree: no such directory" env KERNELS="| tree:/no such/tree" scripts/kernel/kernels.sh
	refused 2 "/no such/tree: no such directory" env CASE=convert_latency OUT="$scratch/o" \
		KERNELS="tree:/no such/tree | tree:/none" scripts/campaign/attribute.sh
}

values_either_way() {
	local words=(pages=256 touches=10 atomic-cost=3 device-fault=9000 cpu-fault=20000)
	local -a two=()

	for word in "${words[@]}"; do
		two+=("--${word%=*}" "${word#*=}")
	done
	same <(build/dex-plan "${words[@]/#/--}") <(build/dex-plan "${two[@]}")
	same <(build/dex-plan "${words[@]/#/--}") <(build/dex-plan "${words[@]/#/--}" --form text)
	refused 2 "--pages=7: give a multiple of 512" build/dexbench --pages 7
	refused 2 "unknown option --frob" build/dexbench --pages 4096 --frob --benchmark_filter=x
	# Behind the directories, and between them.
	same <(build/dex-compare --format=tsv "$RECORDED") <(build/dex-compare "$RECORDED" --format tsv)
	same <(build/dex-compare --format=tsv "$RECORDED") <(build/dex-compare --format tsv -- "$RECORDED")
}

# Ours are found wherever they stand, and whatever stood before them.
options_refused() {
	refused 2 "--cases needs a value: --cases=REGEX; --help says more" build/dexbench --cases
	refused 2 "--json=yes: --json takes no value" build/dex-compare --json=yes "$RECORDED"
	refused 2 "--record is short for 3 options, --record-" build/dexbench --record
	refused 2 "unknown option -xy" build/dex-compare --json "$RECORDED" -xy
	refused 2 "unknown option -x;" build/dex-compare --json "$RECORDED" -x
	refused 2 "unknown option -x;" build/dex-plan --pages -x -x
	refused 2 "unknown option --benchmark_frob=1" build/dexbench --benchmark_frob=1
	refused 2 "convert: dexbench takes options alone" build/dexbench convert
	refused 2 "which results?" build/dex-compare --
	refused 2 "--format and --json: each says what is printed; give one of them" build/dex-compare --json --format=md "$RECORDED"
	refused 2 "--verify and --dat: each says what is printed" build/dex-compare --dat="$scratch/no" --verify=- "$RECORDED"
}

check "variables that nobody knows" unknown_variables
check "variables: one list" variables_are_listed
check "values are data" values_are_data
check "KERNELS with blanks, bars, commas and letters" lists_of_kernels
check "unknown kernel" kernel_refused "unknown kernel 'rmap-9.9'; one of rmap-6.12" rmap-9.9
check "missing tree" kernel_refused "no such directory" tree:/nonexistent
check "a tree that is no kernel" not_a_kernel_tree
check "missing revision" missing_revision
check "deb: of something else" kernel_refused "the form is deb:linux-source-X.Y" deb:hello
check "image: without a build tree" kernel_refused "the form is image:BZIMAGE,BUILDTREE" image:/x
check "image: missing file" kernel_refused "no such kernel image" image:/nonexistent,/tmp
check "kernel without CONFIG_DEVICE_PRIVATE" no_device_private
check "image and modules of different kernels" mismatched_pair
check "CASES matches nothing" nothing_left "$scratch/o" refused 2 "matches no case; one of: control_clock" \
	ab CASES=nosuch OUT="$scratch/o"
check "CASES is no regular expression" refused 2 "not a regular expression" ab 'CASES=(' OUT="$scratch/o"
check "CASES of another mode" nothing_left "$scratch/o" refused 2 "not to be had in MODE=exact" \
	ab CASES=contend_threads OUT="$scratch/o"
check "CASE for CASES" nothing_left "$scratch/o" refused 2 "here it is CASES=convert_latency" \
	ab CASE=convert_latency OUT="$scratch/o"
check "one kernel of several is wrong" one_kernel_is_wrong
check "OUT is a finished campaign, packed" refused 2 "holds a finished campaign" ab OUT=results/reference
check "dex-compare: parts that are missing" what_is_missing
check "unknown MODE" refused 2 "one of exact, lockstep, parallel, timing" ab MODE=fast OUT="$scratch/o"
check "several CPUs in exact mode" refused 2 "exact mode has one CPU" ab MODE=exact CPUS=2 OUT="$scratch/o"
check "one CPU where two campaigns are asked for" nothing_left "$scratch/o" refused 2 "lockstep mode is for two CPUs" \
	ab CPUS=1 OUT="$scratch/o"
check "ROWS" refused 2 "ROWS=few: all or brief" ab MODE=lockstep ROWS=few OUT="$scratch/o"
check "ROWS=brief in another mode" refused 2 "only lockstep mode has a brief selection" ab MODE=exact ROWS=brief OUT="$scratch/o"
check "PRIMARY, where no difference is by chance" refused 2 "in MODE=exact no difference is by chance" \
	ab MODE=exact CASES=fault_back PRIMARY=fault_back OUT="$scratch/o"
check "PRIMARY, of a case that is not chosen" nothing_left "$scratch/o" refused 2 "PRIMARY=convert_range:pages=1: no case of this campaign; its cases: fault_back" \
	ab MODE=parallel CASES=fault_back PRIMARY="fault_back convert_range:pages=1" OUT="$scratch/o"
check "PRIMARY, of a parameter that there is not" refused 2 "fault_back has no parameter order; it has touch" \
	ab MODE=parallel CASES=fault_back PRIMARY=fault_back:order=1 OUT="$scratch/o"
check "PRIMARY, of a value that there is not" refused 2 "fault_back touch is one of read, write" \
	ab MODE=parallel CASES=fault_back PRIMARY=fault_back:touch=rad OUT="$scratch/o"
check "PRIMARY, that names no row" refused 2 "give CASE or CASE:NAME=VALUE" \
	ab MODE=parallel CASES=fault_back PRIMARY=fault_back:touch OUT="$scratch/o"
check "more CPUs than the host" refused 2 "this host has $(nproc)" \
	ab MODE=parallel CPUS=$(($(nproc) + 1)) OUT="$scratch/o"
check "boot.sh: unknown mode" refused 2 "one of exact, lockstep, parallel, timing" scripts/guest/boot.sh --kernel='{}' --mode=x
check "BOOTS is no number" refused 2 "BOOTS=x: not a positive number" ab BOOTS=x OUT="$scratch/o"
check "PAGES is no multiple of 512" refused 2 "give a multiple of 512" ab PAGES=100 OUT="$scratch/o"
check "a kernel twice" nothing_left "$scratch/o" refused 2 "names rmap-9.9 twice" \
	ab KERNELS="rmap-9.9 rmap-9.9" OUT="$scratch/o"
check "OUT exists" existing_out
check "OUT was begun with another instrument" other_instrument
fake_image "$scratch/ok" CONFIG_DEVICE_PRIVATE=y 6.12.0
if mkdir "$scratch/m" && mount -t tmpfs tmpfs "$scratch/m" 2>/dev/null; then
	umount "$scratch/m"
	check "full disk: the plan" full_disk_plan
	check "full disk: the report" full_disk_report
else
	skip "full disk" "no file system may be mounted here"
fi
check "dex-compare: no directory" refused 2 "which results?" build/dex-compare
check "dex-compare: not a plan" refused 2 "neither plan.json, run.json nor compare.json" build/dex-compare "$scratch"
check "dex-compare: unknown option" refused 2 "unknown option --frob" build/dex-compare --frob
check "dexbench: unknown option" refused 2 "unknown option --frob" build/dexbench --frob
check "command lines: a value is behind = or the next word" values_either_way
check "command lines: one line says what is wrong with an option" options_refused
check "dexbench: unknown mode" refused 2 "one of exact, lockstep, parallel, timing" build/dexbench --mode=x
check "dexbench: bad --pages" refused 2 "multiple of 512" build/dexbench --pages=7
check "dexbench: bad --run" refused 2 "--run=0: give a number, 1 or more" build/dexbench --run=0
check "dexbench: bad --counters" refused 2 "--counters=x: one of yes, no" build/dexbench --counters=x
if [ "$(id -u)" -ne 0 ]; then
	skip "dexbench: without the module" "not root, which it says first"
elif [ -e /dev/dexbench ]; then
	skip "dexbench: without the module" "the module is loaded here"
else
	check "dexbench: without the module" refused 2 "the module is not loaded" build/dexbench
fi
if [ "$(id -u)" -eq 0 ]; then
	check "dexbench: not root" not_root
else
	check "dexbench: not root" refused 2 "not root" build/dexbench
fi
