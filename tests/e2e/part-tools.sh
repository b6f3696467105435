# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What setup.sh says of machines that lack something: a PATH of links from which a tool, dpkg and
# apt are taken away, a compiler that finds no such header, and other distributions' os-release.

links=$scratch/links
sysroot=$scratch/machine

# path_without NAME...: everything but dpkg, apt and those.
path_without() {
	local name

	if [ ! -e "$links" ]; then
		mkdir "$links" "$scratch/away"
		find /sbin/ /usr/sbin/ /bin/ /usr/bin/ -maxdepth 1 \( -type f -o -type l \) ! -name 'apt*' ! -name 'dpkg*' \
			-exec ln -sf -t "$links" {} +
	fi
	rm -f "$links"/apt-get
	find "$scratch/away" -mindepth 1 -exec mv -f -t "$links" {} +
	for name; do
		[ ! -e "$links/$name" ] || mv "$links/$name" "$scratch/away/"
	done
}

# setup OS-RELEASE STEP...: of a machine that says so of itself; $in_front come before it.
in_front=()
setup() {
	local release=$1

	shift
	[ $# -gt 0 ] || set -- kernel boot
	mkdir -p "$sysroot/etc"
	printf '%b\n' "$release" >"$sysroot/etc/os-release"
	env PATH="$links" DEXBENCH_SYSROOT="$sysroot" "${in_front[@]}" scripts/setup.sh "$@"
}

lacks() { refused 2 "dexbench: error: missing: $1" setup "${@:2}"; }

each_distribution() {
	path_without bison
	lacks "bison; as root: apt-get install -y --no-install-recommends bison" 'ID=debian'
	lacks "bison; as root: apt-get install -y --no-install-recommends bison" 'ID=linuxmint\nID_LIKE="ubuntu debian"'
	lacks "bison; as root: dnf install bison" 'ID=fedora'
	lacks "bison; as root: dnf install bison" 'ID="rocky"\nID_LIKE="rhel centos fedora"'
	lacks "bison; as root: pacman -S --needed bison" "ID=arch"
	lacks "bison; as root: pacman -S --needed bison" "ID=manjaro\nID_LIKE=arch"
	lacks "bison; as root: zypper install bison" 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"'
	lacks "bison; as root: apk add bison" 'ID=alpine'
	lacks "bison; install them, by the names that this system has for Debian's bison" 'ID=nixos'
	lacks "bison; install them, by the names that this system has for Debian's bison" ''
	path_without bison flex qemu-system-x86_64
	lacks "bison, flex, qemu-system-x86_64; as root: dnf install bison flex qemu-system-x86-core" 'ID=fedora'
	lacks "bison, flex, qemu-system-x86_64; as root: zypper install bison flex qemu-x86" 'ID=opensuse-leap'
}

# Each that a step needs, taken away alone, is named alone.
each_tool() {
	local tool

	for tool in cpio jq strip flock taskset pgrep bc flex perl xz git; do
		path_without "$tool"
		lacks "$tool; as root: " ID=fedora boot kernel
	done
	path_without make
	lacks "make; as root: dnf install make" ID=fedora compare
	path_without busybox
	lacks "a static busybox; as root: dnf install busybox" ID=fedora boot
	ln -sf "$(command -v env)" "$links/busybox"
	lacks "a static busybox; as root: dnf install busybox" ID=fedora boot
	path_without shuf
	ln -sf "$(command -v busybox)" "$links/shuf"
	lacks "GNU shuf; as root: apk add coreutils" ID=alpine boot
	path_without curl wget
	lacks "curl or wget or apt-get; as root: apk add curl" ID=alpine deb
	in_front=(CC="no-such-cc -O2")
	path_without
	refused 2 "no-such-cc -O2 (CC)" setup ID=fedora compare
}

# A compiler that has never heard of a header, or of a library.
each_header() {
	local header

	path_without
	cat >"$scratch/cc" <<-'END'
		#!/bin/sh
		program=$(cat)
		case "$program $*" in *$HIDDEN*) exit 1 ;; esac
		printf '%s\n' "$program" | ${0%/cc}/links/g"${COMPILER:-cc}" "$@"
	END
	chmod +x "$scratch/cc"
	for header in "jansson.h with libjansson|dnf install jansson-devel" "gsl/gsl_cdf.h with libgsl|dnf install gsl-devel" \
		"zlib.h with libz|dnf install zlib-devel" "hwloc.h with libhwloc|dnf install hwloc-devel" \
		"gelf.h with libelf|dnf install elfutils-libelf-devel" "sha2.h with libmd|dnf install libmd-devel" \
		"argp.h with libc|dnf install glibc-devel"; do
		in_front=(CC="$scratch/cc" HIDDEN="${header%% *}")
		lacks "${header%|*}; as root: ${header#*|}" ID=fedora build kernel
	done
	in_front=(CC="$scratch/cc" HIDDEN="-lelf")
	lacks "gelf.h with libelf; as root: apk add elfutils-dev" ID=alpine
	in_front=(CXX="$scratch/cc" COMPILER=++ HIDDEN="benchmark/benchmark.h")
	lacks "benchmark/benchmark.h with libbenchmark; as root: zypper install benchmark-devel" ID=opensuse-leap build
	in_front=()
	setup ID=fedora build
}

# Nothing is asked for that the step does not use.
only_what_is_needed() {
	path_without chromium dkms gnuplot mandoc shellcheck cppcheck ctags
	setup ID=debian build run
	path_without qemu-system-x86_64 bison flex bc perl cpio busybox g++ git
	setup ID=debian compare
	path_without bison flex bc perl git curl wget
	in_front=(KERNELS="| image:/my kernels/bzImage,/my kernels/build")
	setup ID=fedora build run
	path_without curl wget
	in_front=(KERNELS="image:/a,/b tree:/c@v1")
	setup ID=fedora build run
	in_front=(TREE=/c)
	setup ID=fedora build run
	in_front=(KERNELS="image:/a,/b deb:linux-source-6.12")
	lacks "curl or wget or apt-get" ID=fedora build run
	in_front=()
}

# On a machine without dpkg and apt the programs, and kernels that need no package, go on.
without_dpkg() {
	local tree=$scratch/image

	path_without
	setup ID=debian build run
	PATH=$links make -s bench
	PATH=$links build/dex-compare results/reference >/dev/null || [ $? -eq 1 ]
	mkdir -p "$tree/include/config"
	echo CONFIG_DEVICE_PRIVATE=y >"$tree/.config"
	echo 6.12.0 >"$tree/include/config/kernel.release"
	printf '0x0\tmake_device_exclusive\tvmlinux\tEXPORT_SYMBOL_GPL\t\n' >"$tree/Module.symvers"
	{
		head -c $((0x20e)) /dev/zero
		printf '\020\0006.12.0 (x)\0'
	} >"$tree/bzImage"
	PATH=$links DEXBENCH_CACHE=$scratch/cache scripts/kernel/kernel.sh --json "image:$tree/bzImage,$tree" | jq -e '.release == "6.12.0"'
	mkdir -p "$scratch/none"
	refused 2 "tree:$scratch/none: $scratch/none: not a kernel source tree" \
		env PATH="$links" DEXBENCH_CACHE="$scratch/cache" scripts/kernel/kernel.sh "tree:$scratch/none"
}

# An apt-get that says what it was asked for; `brings` is what it installs.
fake_apt() {
	cat >"$links/apt-get" <<-END
		#!/bin/sh
		echo "\$*" >>"$scratch/asked"
		[ ! -e "$scratch/no-network" ] || { echo "E: no network"; exit 100; }
		[ "\$1" = update ] || [ ! -e "$scratch/brings" ] || ln -sf /usr/bin/bison "$links/bison"
	END
	chmod +x "$links/apt-get"
}

debian_installs() {
	path_without bison
	fake_apt
	lacks "bison; as root: apt-get install -y --no-install-recommends bison" ID=debian --install-nothing kernel
	[ ! -e "$scratch/asked" ]
	touch "$scratch/brings"
	DEXBENCH_CACHE=$scratch/cache setup ID=debian 2>"$scratch/said"
	same <(echo "dexbench: installing bison") "$scratch/said"
	same <(printf '%s\n' update "install -y --no-install-recommends bison") "$scratch/asked"
	rm "$links/bison" "$scratch/brings"
	DEXBENCH_CACHE=$scratch/cache setup ID=debian 2>"$scratch/said" && return 1
	grep "error: still missing, though bison is installed: bison" "$scratch/said"
	touch "$scratch/no-network"
	DEXBENCH_CACHE=$scratch/cache setup ID=debian 2>"$scratch/said" && return 1
	grep "error: packages could not be installed: E: no network (see $scratch/cache/setup.log); without a network, install elsewhere: bison" "$scratch/said"
	rm "$scratch/asked" "$scratch/no-network"
	in_front=(setpriv --reuid=65534 --clear-groups)
	chmod -R a+rX "$all_scratch" "$scratch"
	lacks "bison; as root: apt-get install -y --no-install-recommends bison" ID=debian
	in_front=()
	lacks "bison; as root: dnf install bison" ID=fedora
	[ ! -e "$scratch/asked" ]
}

# A package of each family a row, and probes that there are.
table_is_whole() {
	awk -F'\t' '/^=/ { n = n ? n : NF; bad = bad || NF != n } !/^[#=]/ && (NF != n || $2 !~ /^(command|any|gnu|static|compiler|c|c\+\+|library|pkgconfig|file|font|python|perl) /) {
		print; bad = 1 } END { exit bad }' scripts/tools.tsv
	refused 2 "no step 'frob'; one of: run compare" scripts/setup.sh frob
}

check "setup: the table is whole" table_is_whole
check "setup: each distribution's command" each_distribution
check "setup: each tool, taken away" each_tool
check "setup: each header, taken away" each_header
check "setup: only what the step needs" only_what_is_needed
check "without dpkg and apt" without_dpkg
check_others "setup: on Debian root installs, others are told" debian_installs
