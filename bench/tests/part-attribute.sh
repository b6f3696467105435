# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# Attribution: guests do not notice that they are watched, and everything adds up.

# Apart from what other parts leave in the scratch directory.
attributed=$scratch/attributed
mkdir -p "$attributed"

# attribute_case CASE [VAR=VALUE...]
attribute_case() {
	env CASE="$1" OUT="$attributed/$1" KERNELS="rmap-6.12 folio-6.12" PAGES=1536 "${@:2}" \
		scripts/campaign/attribute.sh >"$attributed/$1.txt"
}

# The same bytes of samples with the plugin and without.
guest_is_not_changed() {
	attribute_case "$1"
	scripts/guest/boot.sh --kernel="$(scripts/kernel/kernel.sh --json rmap-6.12)" --mode=exact --cases="$1" \
		--pages=1536 --out="$attributed/$1-alone"
	same "$attributed/$1-alone/$1.json" "$attributed/$1/1-rmap-6.12/$1.json"
	jq -e '[.results[].ticks | length] | add > 100' "$attributed/$1-alone/$1.json"
}

# Every row's functions are the case's own value, the lower median of its samples a success.
adds_up() {
	local dir=$attributed/$1

	valid "$dir/attribution.json" "$dir/attribute.json"
	jq -e --slurpfile a "$dir/1-rmap-6.12/$1.json" --slurpfile b "$dir/2-folio-6.12/$1.json" '
		def value: (.ticks | sort | .[(length + 1) / 2 | floor - 1]) / .pages_per_sample / .ok * .attempted;
		def near(x): . - x | fabs < 1e-6;
		(.rows | length > 0) and all(.rows[]; . as $row |
			([.functions[].self[0]] | add | near($row.kernels[0].value)) and
			([.functions[].self[1]] | add | near($row.kernels[1].value)) and
			all([$a[0], 0], [$b[0], 1]; .[1] as $k |
				(.[0].results[] | select(.params == $row.params) | value | near($row.kernels[$k].value))))' \
		"$dir/attribution.json"
}

what_the_plugin_wrote() { valid "$attributed"/convert_latency/*/windows.json; }

# Fault-back is the same code under either walk; it is entered by a fault.
fault_is_on_the_path() {
	jq -e 'all(.rows[]; .delta == 0 and ([.functions[] | select(.self[2] != 0)] == []) and
		any(.functions[]; .function == "asm_exc_page_fault" and .inclusive[0] > 1000))' \
		"$attributed/fault_back/attribution.json"
}

# What the rmap walk is made of, and nothing of it on the other side.
walks_are_named() {
	jq -e 'def of(name): .functions[] | select(.function == name);
		all(.rows[]; (of("rmap_walk_anon") | .self[0] > 0 and .self[1] == 0) and
			(of("folio_walk_start") | .self[0] == 0 and .self[1] > 0) and
			(of("dex_convert") | .inclusive[0] > 1000) and
			(of("(clock)") | .self == [3, 3, 0]) and (.lines | length > 0))' \
		"$attributed/convert_latency/attribution.json"
}

# The CPU sleeps until the folio is unlocked.
waiting_is_idle() {
	jq -e '.rows[] | select(.params.state == "held") |
		.kernels[0] | .idle > 1000 and .halted == .samples and .interrupted > 0' \
		"$attributed/fault_back_state/attribution.json"
}

# From boots alone, as they were collected.
killed_attributing() {
	cp -r "$attributed/convert_latency" "$attributed/boots"
	rm "$attributed/boots"/attribution.* "$attributed/boots"/*=*
	whole_or_nothing 3 "$attributed/boots" attribution.json build/dex-compare --attribute --write
}

same_table_again() {
	build/dex-compare --attribute "$attributed/convert_latency" >"$attributed/again.txt"
	same "$attributed/convert_latency/attribution.txt" <(head -n -1 "$attributed/again.txt")
	xmllint --noout "$attributed/convert_latency/notifier=yes.svg" 2>/dev/null ||
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' \
			"$attributed/convert_latency/notifier=yes.svg"
	jq -e '.rows[0].kernels[0].value' "$attributed/convert_latency/attribution.json" |
		same - <(awk '{ n += $NF } END { print n }' "$attributed/convert_latency/notifier=yes.A.folded")
}

model_is_a_model() {
	rm -rf "$attributed/control_gup"
	attribute_case control_gup CACHE=1
	valid "$attributed/control_gup/attribution.json"
	grep 'a model, no cost' "$attributed/control_gup.txt"
	jq -e '.rows[0].model | .[0] == .[1] and ([.[0][].code_lines] | add > 20) and
		([.[0][].data_lines] | add > 20)' "$attributed/control_gup/attribution.json"
}

# values_of DIR: what is attributed.  A timer's interrupt may meet another function in another QEMU.
values_of() { jq -c '.rows[] | [.params, [.kernels[].value]]' "$1/attribution.json"; }

# What METHODOLOGY.md explains adds up.
recorded_attribution() {
	valid results/attribution/*/attribution.json
	jq -se 'all(.[].rows[]; . as $row | all(0, 1; . as $k |
		([$row.functions[].self[$k]] | add) - $row.kernels[$k].value | fabs < 1e-6))' \
		results/attribution/*/attribution.json
	jq -e '.slopes[0].slope | map(. * 10 | round / 10) == [399.8, 0]' results/attribution/sharers/attribution.json
}

attribute_refused() { refused 2 "$1" env KERNELS="rmap-6.12 folio-6.12" OUT="$attributed/none" "${@:2}" scripts/campaign/attribute.sh; }

questions_are_checked() {
	attribute_refused "no such case" CASE=no_such_case
	attribute_refused "has no exact mode" CASE=contend_threads MODE=exact
	attribute_refused "has no lockstep mode" CASE=hold_anon_vma MODE=lockstep
	attribute_refused "MODE=parallel: exact or lockstep" CASE=contend_threads MODE=parallel
	attribute_refused "CPUS= and LOCKSTEP= are for MODE=lockstep" CASE=convert_latency CPUS=4
	attribute_refused "CPUS=65: the plugin watches 2 to 64" CASE=contend_threads CPUS=65
	attribute_refused "give two, the baseline first" CASE=convert_latency KERNELS=rmap-6.12
	attribute_refused "names rmap-6.12 twice" CASE=convert_latency KERNELS="rmap-6.12 rmap-6.12"
	refused 2 "no function of that name was executed" \
		build/dex-compare --attribute --function=no_such_function "$attributed/convert_latency"
	refused 2 "no result with a value on both kernels" \
		build/dex-compare --attribute --params=notifier=maybe "$attributed/convert_latency"
	[ ! -e "$attributed/none" ]
}

stripped_kernel_is_refused() {
	local tree=$attributed/stripped built file

	built=$(scripts/kernel/kernel.sh rmap-6.12 | cut -f3)
	mkdir -p "$tree/include/config"
	for file in .config include/config/kernel.release Module.symvers; do
		cp "$built/$file" "$tree/$file"
	done
	(cd "$built" && cp --parents drivers/char/virtio_console.ko lib/test_hmm.ko drivers/block/brd.ko "$tree")
	attribute_refused "no System.map in $tree" CASE=convert_latency \
		KERNELS="rmap-6.12 image:$built/arch/x86/boot/bzImage,$tree"
	[ ! -e "$attributed/none" ]
}

# A QEMU that speaks another version, in its words; and this one with the wrong plugin alone.
other_interface_is_refused() {
	local other=7

	cat >"$attributed/qemu" <<-'EOF'
		#!/bin/sh
		echo "qemu: Could not load plugin: plugin requires API version 7, but this QEMU supports only a minimum version of 9" >&2
		exit 1
	EOF
	chmod +x "$attributed/qemu"
	attribute_refused "of interface 1 to 7: qemu: Could not load plugin: plugin requires API version 7, but this QEMU supports only a minimum version of 9" \
		CASE=convert_latency QEMU="$attributed/qemu"
	[[ $(scripts/guest/plugin.sh build/plugin/libdexplugin) != *-7.so ]] || other=1
	mkdir "$attributed/other"
	cp "build/plugin/libdexplugin-$other.so" "$attributed/other"
	refused 2 "plugin requires API version $other, but this QEMU supports only" \
		scripts/guest/plugin.sh "$attributed/other/libdexplugin"
	refused 2 "no such plugin; run make bench" scripts/guest/plugin.sh "$attributed/none"
}

# private_qemu DIR SUITE...: QEMU of the first suite with all that it needs, the others to help out,
# as DIR/qemu; nothing of it is installed.
private_qemu() {
	local dir=$1 suite library=$1/root/usr/lib/x86_64-linux-gnu

	mkdir -p "$dir"/{lists,cache/archives}/partial "$dir/root"
	for suite in "${@:2}"; do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${DEXBENCH_MIRROR:-http://deb.debian.org/debian} $suite main"
	done >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-EOF
		Dir::State "$dir"; Dir::State::lists "$dir/lists"; Dir::State::status "/dev/null";
		Dir::Cache "$dir/cache"; Dir::Etc::sourcelist "$dir/sources.list"; Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::main "/dev/null"; Dir::Etc::parts "/dev/null"; Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null"; APT::Install-Recommends "false"; APT::Architecture "amd64";
		APT::Default-Release "$2"; APT::Sandbox::User ""; Acquire::Languages "none";
	EOF
	APT_CONFIG=$dir/apt.conf apt-get -q --error-on=any update &&
		APT_CONFIG=$dir/apt.conf apt-get -q -y --download-only install qemu-system-x86 || return
	find "$dir/cache/archives" -name '*.deb' -exec dpkg-deb -x {} "$dir/root" \;
	# Where /lib is no link of the package's (Debian 12): the loader and libc.
	[ -L "$dir/root/lib" ] || cp -rn "$dir/root/lib/." "$dir/root/usr/lib/"
	cat >"$dir/qemu" <<-EOF
		#!/bin/sh
		export QEMU_MODULE_DIR=$library/qemu
		exec $library/ld-linux-x86-64.so.2 --library-path $library:$library/pulseaudio \
			$dir/root/usr/bin/qemu-system-x86_64 -L $dir/root/usr/share/qemu -L $dir/root/usr/share/seabios "\$@"
	EOF
	chmod +x "$dir/qemu"
	"$dir/qemu" --version
}

# other_qemu DIR PLUGIN VERSION: the plugin that it takes leaves the guest as it is, and sees what
# this machine's QEMU sees.
other_qemu() {
	local -x QEMU=$1/qemu

	"$QEMU" --version | grep "version $3"
	[[ $(scripts/guest/plugin.sh build/plugin/libdexplugin) = *-"$2.so" ]]
	scripts/guest/boot.sh --kernel="$(scripts/kernel/kernel.sh --json rmap-6.12)" --mode=exact --cases=convert_latency \
		--pages=1536 --out="$1/alone"
	CASE=convert_latency OUT=$1/attributed KERNELS="rmap-6.12 folio-6.12" PAGES=1536 scripts/campaign/attribute.sh >/dev/null
	same "$1/alone/convert_latency.json" "$1/attributed/1-rmap-6.12/convert_latency.json"
	same <(values_of "$attributed/convert_latency") <(values_of "$1/attributed")
}

asserting_case_has_no_cost() {
	rm -rf "$attributed/semantics"
	refused 2 "semantics: no result with a value" attribute_case semantics
}

check "attribution: convert_latency's samples are the same with and without the plugin" guest_is_not_changed convert_latency
check "attribution: fault_back's samples are the same with and without the plugin" guest_is_not_changed fault_back
check "attribution: what the plugin wrote follows its schema" what_the_plugin_wrote
check "attribution: functions add up to convert_latency's value" adds_up convert_latency
check "attribution: functions add up to fault_back's value" adds_up fault_back
check "attribution: each walk's functions are its own" walks_are_named
check "attribution: a fault is on the path" fault_is_on_the_path
for name in fault_back_state mm_ops driver_loop convert_thp hold_anon_vma; do
	check "attribution: $name" attribute_case "$name"
	check "attribution: functions add up to $name's value" adds_up "$name"
done
check "attribution: waiting is idle" waiting_is_idle
check "attribution: the same table again" same_table_again
check "attribution: killed while writing at 20 moments: nothing or all, and it goes on" killed_attributing
check "attribution: lines and pages" model_is_a_model
check "attribution: a case that asserts has no cost" asserting_case_has_no_cost
check "attribution: what is recorded adds up" recorded_attribution
check "attribution: questions are checked" questions_are_checked
check "attribution: a kernel without symbols is refused" stripped_kernel_is_refused
check "attribution: an interface of another version is refused" other_interface_is_refused
for qemu in "1 7\.2 bookworm" "4 10\.0 trixie" "7 11\. trixie-backports trixie"; do
	read -ra qemu <<<"$qemu"
	name="attribution: the plugin under QEMU ${qemu[1]//\\/}, interface ${qemu[0]}, of Debian's ${qemu[2]}"
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		skip "$name" "its packages are had by apt-get and dpkg-deb, which are not here"
	elif private_qemu "$attributed/${qemu[2]}" "${qemu[@]:2}" >"$attributed/apt.log" 2>&1; then
		check "$name" other_qemu "$attributed/${qemu[2]}" "${qemu[0]}" "${qemu[1]}"
		rm -rf "$attributed/${qemu[2]}/root"
	else
		skip "$name" "it is not to be had: $(grep -m 1 -E '^(E|W):' "$attributed/apt.log" || tail -n 1 "$attributed/apt.log")"
	fi
done
