# shellcheck shell=bash disable=SC2154 # bundle.sh's names
# SPDX-License-Identifier: MIT
# What a bundle is made of.  Sourced by bundle.sh, which has $kernels, $emulator and the rest of a plan.

# Scripts that boot a guest whose initramfs is there, as they are here.
BUNDLED=(scripts/lib.sh scripts/arch/x86.tsv scripts/campaign/boots.sh scripts/campaign/company.sh
	scripts/guest/boot.sh scripts/guest/qemu.sh scripts/guest/place.sh scripts/engine/here.sh scripts/bundle/runner.sh scripts/bundle/needs.tsv)

# bundle_kernel TOP KERNEL: its image and its initramfs, once for all specs that are one build; prints what
# boot.sh takes of it there.
bundle_kernel() {
	local key home brief=()

	key=$(jq -r .key <<<"$2")
	home=kernels/$key
	[ "$ROWS" = all ] || brief=(--brief)
	if [ ! -e "$1/$home" ]; then
		mkdir -p "$1/$home"
		cp "$(jq -r .bzimage <<<"$2")" "$1/$home/image"
		"$HERE/guest/boot.sh" --kernel="$2" --archive="$1/$home/initramfs" --mode="$MODE" --cases="$cases" \
			--runs="$RUNS" --pages="$PAGES" --counters="${COUNTERS:-}" --emulator="$emulator" "${brief[@]}" || exit
	fi
	jq -c --arg home "$home" "$KERNEL_FACTS"' + {same_as: .same_as, bzimage: "\($home)/image", initramfs: "\($home)/initramfs"}' <<<"$2"
}

bundle_kernels() {
	local kernel list=()

	mapfile -t list <<<"$kernels"
	for kernel in "${list[@]}"; do
		bundle_kernel "$1" "$kernel" || exit
	done >"$1/kernels.jsonl"
}

# bundle_program TOP FILE PLACE: with its libraries, to be called as PLACE.
bundle_program() {
	local library

	mkdir -p "$1/host/lib" "$1/${3%/*}"
	for library in $(libraries_of "$2"); do
		[ -e "$1/host/lib/${library##*/}" ] || cp -L "$library" "$1/host/lib/"
	done
	cp -L "$(loader_of "$2")" "$1/host/loader"
	strip -o "$1/host/${3##*/}" "$2"
	chmod 755 "$1/host/${3##*/}" "$1/host/loader"
	install -m 755 "$HERE/bundle/private.sh" "$1/$3"
}

# The suite's program is the guest's, for the oldest processor of its kind; dex-compare is for whoever wants the
# table there.  QEMU is the node's own; lockstep
# mode's is part of what is measured and comes along.
bundle_programs() {
	local script emulator_file

	for script in "${BUNDLED[@]}"; do
		install -D -m "$([ -x "$DEX_TOP/$script" ] && echo 755 || echo 644)" "$DEX_TOP/$script" "$1/$script"
	done
	install -m 755 "$HERE/bundle/entry.sh" "$1/run"
	bundle_program "$1" "$BUILD/guest/dexbench" build/dexbench
	bundle_program "$1" "$BUILD/dex-compare" build/dex-compare
	bundle_program "$1" "$(command -v jq)" bin/jq
	[ "$emulator" != null ] || { echo null >"$1/emulator.json"; return 0; }
	emulator_file=$(jq -r .emulator <<<"$emulator")
	bundle_program "$1" "$emulator_file" build/emulator
	jq -c '.emulator = "build/emulator"' <<<"$emulator" >"$1/emulator.json"
}

# sums TOP: of every file but those that say so, as sha256sum writes them.
sums() {
	(cd "$1" && find . -type f ! -path ./manifest.json ! -path ./SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
		xargs -d '\n' sha256sum)
}

bundle_manifest() {
	printf '%s\t%s\n' "$(arch_fact qemu)" "$(arch_fact qemu_package)" >>"$1/scripts/bundle/needs.tsv"
	sums "$1" >"$1/SHA256SUMS"
	jq -Rn --arg dexbench "$("$BUILD/dexbench" --version | sed 's/^dexbench //')" --slurpfile plan "$1/plan.json" \
		--rawfile needs "$1/scripts/bundle/needs.tsv" \
		'{schema: "dexbench.bundle.v1", dexbench: $dexbench, mode: $plan[0].mode, boots: ($plan[0].schedule | length),
		  needs: [$needs | splits("\n") | select(test("^[^#]")) / "\t" | {program: .[0], package: .[1]}],
		  files: [inputs | capture("^(?<sha256>[0-9a-f]{64})  (?<path>.+)$") | {path, sha256}]}' \
		"$1/SHA256SUMS" >"$1/manifest.json"
	(cd "$1" && sha256sum manifest.json) >>"$1/SHA256SUMS"
}
