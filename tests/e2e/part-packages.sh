# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Packages and kernels that a distribution built, from an archive made here: a few packages of a few
# bytes, their list, no network, and where it says so no apt and no dpkg.

# shellcheck source=tests/e2e/synthetic-archive.sh
. "$TESTS/e2e/synthetic-archive.sh"

package_sh=scripts/kernel/package.sh

# ask COMMAND...: of this archive alone, with a cache of its own.
ask() { env DEXBENCH_CACHE="$scratch/cache" DEXBENCH_MIRROR="file://$archive" DEXBENCH_SUITES=trixie "$@"; }

# path_without NAME...: a PATH with all programs but these (patterns).
path_without() {
	local dir=$scratch/path-$* name

	mkdir "$dir" 2>/dev/null || { echo "$dir"; return; }
	for name in /bin /sbin /usr/sbin /usr/bin; do ln -sf -t "$dir" "$name"/*; done
	for name; do
		# shellcheck disable=SC2086 # a pattern
		rm -f "$dir"/$name
	done
	echo "$dir"
}

resolves() {
	same <(echo '{"package":"linux-source-6.12","version":"6.12.10-1"}') <(ask $package_sh resolve 'linux-source-6.*')
	same <(printf '6.12.2-1\ttrixie\n6.12.10-1\ttrixie\n') <(ask $package_sh versions linux-source-6.12)
	# Decided once; a newer one counts when somebody asks for it.
	cp "$archive/Packages" "$scratch/Packages"
	printf 'Package: linux-source-6.12\nVersion: 6.12.11-1\n\n' >>"$archive/Packages"
	publish
	rm "$scratch"/cache/packages/*/index
	same <(echo 6.12.10-1) <(ask $package_sh resolve 'linux-source-6.*' | jq -r .version)
	same <(echo 6.12.11-1) <(ask env UPDATE=1 $package_sh resolve 'linux-source-6.*' | jq -r .version)
	same <(echo 6.12.2-1) <(ask env DEXBENCH_PINNED='linux-source-6.9=6.9.1-1 linux-source-6.12=6.12.2-1' $package_sh resolve 'linux-source-6.*' | jq -r .version)
	mv "$scratch/Packages" "$archive/Packages"
	publish
	rm -r "$scratch/cache"
}

# fetched_and_unpacked PATH
fetched_and_unpacked() {
	local got

	rm -rf "$scratch/into"
	got=$(ask env PATH="$1" $package_sh fetch linux-source-6.12=6.12.2-1 "$scratch/debs")
	[ "$(jq -r .sha256 <<<"$got")" = "$(sha256sum <"$archive/pool/linux-source-6.12_6.12.2-1_all.deb" | cut -c1-64)" ]
	ask env PATH="$1" $package_sh unpack "$(jq -r .file <<<"$got")" "$scratch/into"
	same <(echo 6.12.2-1) "$scratch/into/usr/src/here"
}

without_apt() {
	fetched_and_unpacked "$(path_without 'apt*' 'dpkg*')"
	anew env PATH="$(path_without xz)" $package_sh resolve linux-source-6.12
	refused 2 'no dpkg-deb' ask env PATH="$(path_without 'apt*' 'dpkg*' ar)" $package_sh unpack \
		"$archive/pool/linux-source-6.12_6.12.2-1_all.deb" "$scratch/into"
	refused 2 'install curl or wget' anew env PATH="$(path_without 'apt*' 'dpkg*' curl wget)" \
		DEXBENCH_MIRROR=http://127.0.0.1:9/debian $package_sh resolve linux-source-6.12
}

version_gone() {
	ask $package_sh versions linux-source-6.12 >/dev/null
	refused 2 'linux-source-6.12 6.12.1-1 is not in the archive' ask $package_sh fetch linux-source-6.12=6.12.1-1 "$scratch/debs"
	grep -F 'it has 6.12.10-1 (trixie), 6.12.2-1 (trixie)' "$scratch/stderr"
	grep -F 'DEXBENCH_MIRROR=' "$scratch/stderr"
	refute grep network "$scratch/stderr"
	refused 2 'no such package' ask $package_sh resolve linux-source-6.13
	grep -F 'it has linux-source-6.9 linux-source-6.12' "$scratch/stderr"
	refused 2 'a version goes with one' ask $package_sh resolve 'linux-source-6.*=1'
}

# Its file is in the list but no longer in the pool, or it is another.
other_bytes() {
	local file=$archive/pool/linux-source-6.12_6.12.2-1_all.deb

	cp "$file" "$scratch/kept.deb"
	echo >>"$file"
	refused 2 'SHA-256' ask $package_sh fetch linux-source-6.12=6.12.2-1 "$scratch/other"
	grep refused "$scratch/stderr"
	[ -z "$(ls "$scratch/other")" ]
	rm "$file"
	refused 2 'is not in the archive' ask $package_sh fetch linux-source-6.12=6.12.2-1 "$scratch/other"
	mv "$scratch/kept.deb" "$file"
}

# sign KEY-HOME [CODENAME]
sign() {
	rm -f "$suite/InRelease"
	printf 'Codename: %s\nSHA256:\n %s %s main/binary-amd64/Packages.xz\n' "${2:-trixie}" \
		"$(sha256sum <"$suite/main/binary-amd64/Packages.xz" | cut -c1-64)" 1 |
		gpg --homedir "$1" --batch --quiet --clearsign -o "$suite/InRelease"
}

make_key() {
	mkdir -m 700 "$1"
	gpg --homedir "$1" --batch --quiet --passphrase '' --quick-generate-key "$2" ed25519 2>/dev/null
	gpg --homedir "$1" --export >"$1.gpg"
}

# anew COMMAND...: with nothing read yet; the line that says it reads is no error.
anew() {
	local rc=0

	rm -rf "$scratch/cache"
	ask "$@" 2>"$scratch/anew" || rc=$?
	grep -v ': reading the package lists' "$scratch/anew" >&2 || true
	return "$rc"
}

signatures() {
	local home=$scratch/gpg other=$scratch/gpg-other

	make_key "$home" archive
	make_key "$other" stranger
	export DEXBENCH_KEYRING=$home.gpg
	sign "$home"
	anew $package_sh resolve linux-source-6.12 2>"$scratch/said"
	same /dev/null "$scratch/said"
	xz -c /dev/null >"$scratch/empty.xz"
	mv "$suite/main/binary-amd64/Packages.xz" "$scratch/kept.xz"
	cp "$scratch/empty.xz" "$suite/main/binary-amd64/Packages.xz"
	refused 2 'refused, its SHA-256 is not the one that InRelease names' anew $package_sh resolve linux-source-6.12
	mv "$scratch/kept.xz" "$suite/main/binary-amd64/Packages.xz"
	sign "$home" bookworm
	refused 2 'signed for another suite than trixie' anew $package_sh resolve linux-source-6.12
	sign "$other"
	refused 2 'not signed by a key of' anew $package_sh resolve linux-source-6.12
	DEXBENCH_KEYRING=$scratch/none.gpg anew $package_sh resolve linux-source-6.12 2>"$scratch/said"
	[ "$(grep -c 'warning: .*nobody vouches' "$scratch/said")" -eq 1 ]
	rm "$suite/InRelease"
	gpgconf --homedir "$home" --kill all
	gpgconf --homedir "$other" --kill all
}

# Nobody answers there, whatever asks.
no_network() {
	local path

	for path in "$PATH" "$(path_without curl)" "$(path_without 'apt*' 'dpkg*')"; do
		refused 2 'is the network up?' anew env PATH="$path" DEXBENCH_MIRROR=http://127.0.0.1:9/debian $package_sh resolve linux-source-6.12
	done
	refused 2 'holds dists/ and pool/' anew env DEXBENCH_MIRROR="file://$scratch/nothing" $package_sh resolve linux-source-6.12
	refute grep network "$scratch/stderr"
}

distro_package() {
	local kernel

	kernel=$(ask scripts/kernel/distro.sh deb:linux-image-cloud-amd64 2>"$scratch/said")
	cat "$scratch/said"
	same <(echo "$kernel") <(ask scripts/kernel/distro.sh "deb:linux-image-$release=9.1-1")
	# What is in the cache needs no archive.
	mv "$archive" "$archive.away"
	rm -r "$scratch"/cache/packages
	same <(echo "$kernel") <(ask scripts/kernel/distro.sh deb:linux-image-cloud-amd64)
	mv "$archive.away" "$archive"
	same <(printf '%s\n' virtio virtio_ring virtio_pci virtio_console brd) \
		<(jq -r '.guest_modules[] | split("/")[-1] | rtrimstr(".ko")' <<<"$kernel")
	jq -r '.guest_modules[]' <<<"$kernel" | xargs grep -La license | same /dev/null -
	same <(printf '%s\n' compiler "linux-binary-$release" "linux-headers-$release" "linux-image-$release" "linux-modules-$release" tools) \
		<(jq -r '.packages[] | select(.sha256 | length == 64) | .package' <<<"$kernel" | sort)
	jq -e --arg release "$release" '.release == $release and .toolchain.cc == "x86_64-linux-gnu-gcc-14" and
		(.build_tree | startswith($ARGS.positional[0]))' <<<"$kernel" --args "$(jq -r .build_root <<<"$kernel")/"
	grep -F 'CURDIR' "$(jq -r .build_tree <<<"$kernel")/Makefile"
}

no_device_private() {
	local spec

	spec=deb:linux-image-6.12.10-amd64
	ask $package_sh versions tools >/dev/null
	refused 2 'built without CONFIG_DEVICE_PRIVATE' ask scripts/kernel/distro.sh $spec
	grep -F "Debian's 7.2 and 7.3 have it" "$scratch/stderr"
	refused 2 'is not in the archive' ask scripts/kernel/distro.sh $spec=6.12.1-1
}

# images DIR: an image and headers in DIR, modules beside them as a distribution has them.
images() {
	mkdir -p "$1/boot" "$1/lib/modules/$release"
	fake_image "$1/boot/vmlinuz-$release" "$release"
	fake_tree "$1/usr/src/linux-headers-$release" "$release" CONFIG_DEVICE_PRIVATE=y CONFIG_VIRTIO_PCI=m CONFIG_VIRTIO_CONSOLE=y
	fake_modules "$1/lib/modules/$release"
	ln -s "../../../usr/src/linux-headers-$release" "$1/lib/modules/$release/build"
}

image_names() {
	local dir=$scratch/"a, b+c"/d kernel

	images "$dir"
	kernel=$(ask scripts/kernel/kernel.sh --json "image:$dir/boot/vmlinuz-$release,$dir/lib/modules/$release/build+nosmt+x=1")
	jq -e --arg image "$(realpath "$dir")/boot/vmlinuz-$release" '.cmdline == "nosmt x=1" and .bzimage == $image and
		(.guest_modules | map(split("/")[-1])) == ["virtio.ko", "virtio_ring.ko", "virtio_pci.ko", "brd.ko"]' <<<"$kernel"
	fake_image "$dir/boot/other" 9.2
	refused 2 'give a matching pair' ask scripts/kernel/kernel.sh "image:$dir/boot/other,$dir/lib/modules/$release/build"
	rm "$dir/lib/modules/$release/kernel/drivers/virtio/virtio_ring.ko.xz"
	refused 2 'module virtio_pci needs virtio_ring' ask scripts/kernel/kernel.sh "image:$dir/boot/vmlinuz-$release,$dir/lib/modules/$release/build"
	rm "$dir/lib/modules/$release/kernel/drivers/virtio/virtio_pci.ko.xz"
	refused 2 'no module virtio_pci' ask scripts/kernel/kernel.sh "image:$dir/boot/vmlinuz-$release,$dir/lib/modules/$release/build"
	echo CONFIG_MODULE_SIG_FORCE=y >>"$dir/usr/src/linux-headers-$release/.config"
	refused 2 'built with CONFIG_MODULE_SIG_FORCE=y' ask scripts/kernel/kernel.sh "image:$dir/boot/vmlinuz-$release,$dir/lib/modules/$release/build"
	sed -i 's/^CONFIG_DEVTMPFS=y/# &/' "$dir/usr/src/linux-headers-$release/.config"
	refused 2 'built without CONFIG_DEVTMPFS=y' ask scripts/kernel/kernel.sh "image:$dir/boot/vmlinuz-$release,$dir/lib/modules/$release/build"
}

# A root of one program, busybox.
small_root() {
	mkdir -p "$1/usr/bin" "$1/bin" "$1/tmp"
	cp "$(command -v busybox)" "$1/bin/busybox"
	ln -s ../../bin/busybox "$1/usr/bin/env"
	ln -s busybox "$1/bin/sh"
	ln -s busybox "$1/bin/cat"
}

# in_root PREFIX...: as the user that PREFIX makes one.
in_root() {
	local root=$scratch/root dir="$scratch/seen inside" rc=0

	echo "from outside" >"$dir/file"
	same <(echo "from outside") <("$@" scripts/kernel/in-root.sh "$root" "$dir" -- cat "$dir/file")
	"$@" scripts/kernel/in-root.sh "$root" "$dir" -- sh -c "echo inside >'$dir/file'; [ ! -e /usr/bin/make ] && exit 7" || rc=$?
	[ "$rc" -eq 7 ]
	same <(echo inside) "$dir/file"
	refute grep -F "$root" /proc/self/mounts
}

runs_in_root() {
	small_root "$scratch/root"
	mkdir "$scratch/seen inside"
	in_root env
	refused 2 'no root file system' scripts/kernel/in-root.sh "$scratch/nothing" / -- true
	refused 2 'not the absolute path of a directory' scripts/kernel/in-root.sh "$scratch/root" relative -- true
}

runs_as_user() {
	chown -R 65534:65534 "$scratch/root" "$scratch/seen inside"
	chmod a+x "$all_scratch" "$scratch"
	in_root setpriv --reuid=65534 --regid=65534 --clear-groups
}

# campaign_again PLAN-FILTER TABLE-FILTER: the recorded one, with what these change.
again=$scratch/again
campaign_again() {
	rm -rf "$again"
	mkdir "$again"
	jq "${1:-.}" "$RECORDED/plan.json" >"$again/plan.json"
	jq "${2:-.}" "$RECORDED/compare.json" >"$again/compare.json"
}

# reproduces STATUS TEXT...: what reproduce.sh says of the two.
reproduces() {
	local rc=0 status=$1 text

	shift
	scripts/campaign/reproduce.sh "$RECORDED" "$again" >"$scratch/said" || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq "$status" ]
	for text; do grep -F -- "$text" "$scratch/said"; done
}

reproduced_or_not() {
	local changed moved

	changed='(.rows[] | select(.case == "convert_latency" and .params.notifier == "no" and .kernel == "folio-7.x") | .value) += 2'

	campaign_again
	reproduces 0 'values are equal'
	campaign_again . "$changed"
	reproduces 1 ', 2' '1 of '
	moved='.kernels[] |= if .spec == "folio-7.x" then .source = "linux-source-7.3_7.3.5-1" | .packages[].version = "7.3.5-1" else . end'
	campaign_again "$moved" "$changed"
	reproduces 3 'package linux-source-7.3: recorded 7.3.4-1~bpo13+1, now 7.3.5-1 (folio-7.x)' ', 2' '1 of these are of kernels that moved, 0 are not' \
		DEXBENCH_MIRROR=https://snapshot.debian.org/archive/debian/
	campaign_again "$moved"
	reproduces 3 'values are equal' 'other versions than recorded'
	campaign_again '.kernels[].packages = [{package: "linux-source-6.12", version: "6.12.117-1", sha256: "0"}]'
	reproduces 3 'package linux-source-7.3: recorded 7.3.4-1~bpo13+1, now none'
	campaign_again '.kernels[].compiler = "another"'
	reproduces 3 'compiler: recorded gcc' 'now another'
	refused 2 'no plan.json' scripts/campaign/reproduce.sh "$RECORDED" "$scratch/nothing"
}

# stand_in_campaign DIR: a copy of the scripts whose ab.sh boots nothing: it writes down the kernels that it is
# given and makes up one value.
stand_in_campaign() {
	mkdir -p "$1"
	cp -r scripts kernels kernel-module "$1"
	cat >"$1/scripts/campaign/ab.sh" <<-'END'
		#!/bin/sh
		set -eu
		mkdir -p "$OUT"
		"${0%/*}/../kernel/kernel.sh" --json "$KERNELS" | jq -s '{mode: "exact", date: "2026-01-02T03:04:05Z", cases: ["a"], kernels: map(. + {same_as: null})}' >"$OUT/plan.json"
		jq -n --arg kernel "$KERNELS" '{rows: [{case: "a", params: {}, metric: "m", kernel: $kernel, value: 1}]}' >"$OUT/compare.json"
	END
}

# The archive moves on, at first with the recorded version still in it.
recorded_versions() {
	local top=$scratch/top spec=deb:linux-image-$release record=$scratch/record rc=0

	stand_in_campaign "$top"
	ask env OUT="$record" KERNELS="$spec" "$top/scripts/campaign/ab.sh"
	cp "$archive/Packages" "$scratch/Packages"
	add_kernel "$release" 9.1-2 CONFIG_DEVICE_PRIVATE=y CONFIG_VIRTIO_PCI=y CONFIG_VIRTIO_CONSOLE=y
	publish
	rm -r "$scratch/cache"
	[ "$(ask $package_sh resolve "linux-image-$release" | jq -r .version)" = 9.1-2 ]
	same <(echo 'all 1 values are equal') <(ask "$top/scripts/campaign/reproduce.sh" "$record")
	rm -r "$scratch/cache"
	awk 'BEGIN { RS = ""; ORS = "\n\n" } !/Version: 9\.1-1/' "$archive/Packages" >"$scratch/newer"
	cp "$scratch/newer" "$archive/Packages"
	publish
	ask "$top/scripts/campaign/reproduce.sh" "$record" >"$scratch/said" || rc=$?
	cat "$scratch/said"
	[ "$rc" -eq 3 ]
	grep -F "package linux-image-$release: recorded 9.1-1, now 9.1-2 ($spec)" "$scratch/said"
	refute grep 'package compiler' "$scratch/said"
	cp "$scratch/Packages" "$archive/Packages"
	publish
	rm -r "$scratch/cache"
	refused 2 'is the network up?' anew env DEXBENCH_MIRROR=http://127.0.0.1:9/debian "$top/scripts/campaign/reproduce.sh" "$record"
}

# cloud_kernel: Debian's newest, once in the cache; without a network it says so in $scratch/cloud-said.
cloud_kernel() { scripts/kernel/kernel.sh --json deb:linux-image-cloud-amd64 >"$scratch/cloud.json" 2>"$scratch/cloud-said"; }

cloud_kernel_boots() {
	local kernel

	kernel=$(cat "$scratch/cloud.json")
	make -s bench build/guest.cpio
	scripts/guest/boot.sh --kernel="$kernel" --mode=exact --cases=convert_latency --pages=1536 --out="$scratch/boot"
	jq -e --arg release "$(jq -r .release <<<"$kernel")" '.kernel.release == $release' "$scratch/boot/run.json"
	jq -e '.results | length > 0 and all(.ok == .attempted and .ok > 0)' "$scratch/boot/convert_latency.json"
}

make_archive
recorded
check "packages: the newest, a decided, a pinned one" resolves
check "packages: without apt and dpkg through a mirror" without_apt
check "packages: a version that is gone lists what is there" version_gone
check "packages: other bytes than the list names are refused" other_bytes
if command -v gpg >/dev/null; then
	check "packages: lists that nobody or a stranger signed" signatures
else
	skip "packages: signatures" "gpg makes them, and there is none"
fi
check "packages: the network is named only if it is the cause" no_network
check "deb:linux-image: image, modules in order, root to build in" distro_package
check "deb:linux-image without CONFIG_DEVICE_PRIVATE" no_device_private
check "image: names with blanks, plus and comma; modules beside it" image_names
if ! unshare --mount true 2>/dev/null && ! unshare --user --mount --map-root-user true 2>/dev/null; then
	skip "a root to build modules in" "this machine gives no name space"
else
	check "a root to build modules in" runs_in_root
	if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --mount --map-root-user true 2>/dev/null; then
		check "a root to build modules in, as a user" runs_as_user
	else
		skip "a root to build modules in, as a user" "not root here, or users may make no name space"
	fi
fi
check "make reproduce tells other values from other versions" reproduced_or_not
check "make reproduce asks for the recorded versions" recorded_versions
if cloud_kernel; then
	check "Debian's own kernel boots and converts" cloud_kernel_boots
elif grep -qF 'is the network up?' "$scratch/cloud-said"; then
	skip "Debian's own kernel" "no network, and it is not in the cache"
else
	check "Debian's own kernel" same /dev/null "$scratch/cloud-said"
fi
