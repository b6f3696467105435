# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# make gpu, from the machine's facts to the directory of results.

# shellcheck source=tests/e2e/gpu-stubs.sh
. "$TESTS/e2e/gpu-stubs.sh"

no_libraries() {
	export DEXBENCH_GPU_LIBRARIES=$scratch/no-libraries
	gpu_atomic "$(one device gpu same idle)"
	holds '.device | .backend == "model" and (.refused | keys) == ["cuda", "opencl"] and all(.refused[]; test("cannot be opened"))'
	gpu_atomic --gpu=cuda '--benchmark_filter=scope:sys/pattern:same/cpu:idle/'
	holds '.results | length == 6 and all(.skipped | startswith("libcuda.so.1 cannot be opened"))'
	refused 2 "no GPU here: cuda: libcuda.so.1 cannot be opened" env OUT="$scratch/gpu-none" scripts/campaign/gpu.sh
	grep -qF "(the machine's facts: $scratch/gpu-none/gpu.json)" "$scratch/stderr"
	kept "$scratch/gpu-none" 'test("^no GPU here: cuda: .*; opencl: libOpenCL.so.1 cannot be opened")'
	refused 2 "never overwritten" env OUT="$scratch/gpu-none" scripts/campaign/gpu.sh
	refused 2 "GPU=cuda cannot be had" env GPU=cuda OUT="$scratch/gpu-no-cuda" scripts/campaign/gpu.sh
	kept "$scratch/gpu-no-cuda" 'startswith("GPU=cuda cannot be had: libcuda.so.1")'
}

refuses_to_start() {
	refused 2 "GPU=frob: one of auto, cuda, opencl, model" env GPU=frob OUT="$scratch/gpu-never" scripts/campaign/gpu.sh
	refused 2 "DEXBENCH_GPU_START_MS=2s: a number of milliseconds" \
		env DEXBENCH_GPU_START_MS=2s OUT="$scratch/gpu-never" scripts/campaign/gpu.sh
	[ ! -e "$scratch/gpu-never" ]
}

# machine: a root directory of one with NVIDIA's open module, its nvidia-smi first in PATH, and
# only the stub's driver; what its kernel says in HMM's favour.
machine() {
	root=$scratch/gpu-machine
	mkdir -p "$root"/{proc/driver/nvidia,sys/module/nvidia_uvm/parameters,boot} "$scratch/gpu-bin"
	echo 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.1' >"$root/proc/driver/nvidia/version"
	echo 0 >"$root/sys/module/nvidia_uvm/parameters/uvm_disable_hmm"
	printf 'CONFIG_DEVICE_PRIVATE=y\nCONFIG_HMM_MIRROR=y\n' | gzip >"$root/proc/config.gz"
	printf '#!/bin/sh\necho "    Addressing Mode                       : HMM"\n' >"$scratch/gpu-bin/nvidia-smi"
	chmod +x "$scratch/gpu-bin/nvidia-smi"
	export PATH=$scratch/gpu-bin:$PATH DEXBENCH_SYSROOT=$root DEXBENCH_GPU_LIBRARIES=$stubs/now
}

facts_of_the_machine='.driver_flavour == "open" and .uvm_parameters == {uvm_disable_hmm: "0"} and
	.config.DEVICE_PRIVATE == "y" and .config.TEST_HMM == "n"'

# tree_for_results DIRECTORY: one of its own, for where results go by themselves.
tree_for_results() {
	mkdir "$1"
	cp -r scripts "$1"
	ln -s "$DEX_TOP/build" "$1/build"
}

whole_run() {
	local tree=$scratch/gpu-tree out

	machine
	tree_for_results "$tree"
	STUB_CUDA=init=100 refused 2 "no GPU here: cuda: cuInit" "$tree/scripts/campaign/gpu.sh"
	kept "$tree"/results/gpu-unknown-2* 'startswith("no GPU here: cuda: cuInit")'
	STUB_CUDA=88=1 PAGES=1536 "$tree/scripts/campaign/gpu.sh"
	out=$(echo "$tree"/results/gpu-Stub_GPU-2*)
	valid "$out/gpu.json" "$out/gpu_atomic.json" "$out/run.json"
	jq -e "$facts_of_the_machine"' and .addressing_mode == "HMM" and .device.backend == "cuda" and .reason == null' "$out/gpu.json"
	jq -e '.complete and all(.results[]; .facts.end == "done" or .skipped == "the CPU cannot touch this memory" or
		.params.pattern == "span" and (.skipped | test("leave the pages between alone")))' "$out/gpu_atomic.json"
	refused 2 "never overwritten" env OUT="$out" scripts/campaign/gpu.sh
}

# Two that begin in one second have a directory each.
same_second() {
	local tree=$scratch/gpu-twice

	machine
	tree_for_results "$tree"
	mkdir "$tree/bin"
	# shellcheck disable=SC2016 # its own parameters
	printf '#!/bin/sh\ncase $1 in +*-*) echo 20260101-000000 ;; *) exec %s "$@" ;; esac\n' "$(type -P date)" >"$tree/bin/date"
	chmod +x "$tree/bin/date"
	for _ in 1 2; do
		PATH=$tree/bin:$PATH STUB_CUDA=init=100 refused 2 "no GPU here: cuda: cuInit" "$tree/scripts/campaign/gpu.sh"
	done
	kept "$tree/results/gpu-unknown-20260101-000000" 'startswith("no GPU here: cuda: cuInit")'
	kept "$tree/results/gpu-unknown-20260101-000000.2" 'startswith("no GPU here: cuda: cuInit")'
}

# What is on the disk while the driver hangs, and if nothing ends well.
facts_come_first() {
	local out=$scratch/gpu-first pid

	machine
	STUB_CUDA=sleep=1 DEXBENCH_GPU_START_MS=5000 OUT=$out scripts/campaign/gpu.sh &
	pid=$!
	timeout 20 sh -c "until grep -q 'backend was asked and has not' '$out/gpu.json'; do sleep 0.1; done" 2>/dev/null
	# shellcheck disable=SC2046 # its child, which waits for the driver
	kill -9 "$pid" $(pgrep -P "$pid")
	kept "$out" '. == "the backend was asked and has not answered"'
	jq -e "$facts_of_the_machine"' and .addressing_mode == "HMM"' "$out/gpu.json"
	rm -r "$out"
	STUB_CUDA=sleep=1 DEXBENCH_GPU_START_MS=300 refused 2 "did not get ready within 300 ms" env OUT="$out" scripts/campaign/gpu.sh
	kept "$out" 'test("did not get ready within 300 ms")'
	jq -e "$facts_of_the_machine"' and .addressing_mode == "HMM"' "$out/gpu.json"
	rm -r "$out"
	printf '#!/bin/sh\nexec sleep 60\n' >"$scratch/gpu-bin/nvidia-smi"
	STUB_CUDA=init=100 DEXBENCH_GPU_START_MS=900 refused 2 "CUDA_ERROR_NO_DEVICE" env OUT="$out" scripts/campaign/gpu.sh
	jq -e "$facts_of_the_machine"' and .addressing_mode == null' "$out/gpu.json"
}

check "gpu: no library at all" no_libraries
check "gpu: make gpu's whole run" whole_run
check "gpu: make gpu twice in one second" same_second
check "gpu: make gpu, facts before the driver is asked" facts_come_first
check "gpu: make gpu, what it is given" refuses_to_start
