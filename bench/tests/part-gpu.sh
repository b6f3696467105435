# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# gpu_atomic without a GPU: on the model, on PoCL (OpenCL on the CPU), and on a stub of
# CUDA's driver, each of whose calls can be made to fail.

stubs=$DEX_TOP/build/tests/stub
export POCL_CACHE_DIR=$scratch/pocl-cache
# PoCL alone, whatever else is installed.
mkdir "$scratch/vendors"
cp /etc/OpenCL/vendors/pocl*.icd "$scratch/vendors" 2>/dev/null || true
export OCL_ICD_VENDORS=$scratch/vendors
mkdir -p "$POCL_CACHE_DIR" "$scratch/no-libraries"

# gpu_atomic ARG...: its result is $gpu, what it printed $scratch/gpu.text.
gpu=$scratch/gpu/gpu_atomic.json
gpu_atomic() {
	rm -rf "$scratch/gpu"
	mkdir "$scratch/gpu"
	build/dexbench --cases=gpu_atomic --pages=1536 --out="$scratch/gpu" "$@" >"$scratch/gpu.text"
	valid "$gpu" "$scratch/gpu/run.json"
}

# stub HOW ARG...: on the stub driver, which is told how.
stub() {
	local how=$1

	shift
	DEXBENCH_GPU_LIBRARIES=$stubs/now STUB_CUDA=$how gpu_atomic --gpu=cuda "$@"
}

# holds FILTER: it is true of the result.
holds() { jq -e "$1" "$gpu" >/dev/null || {
	jq -c '.device, (.results[] | [.params, .facts.end, .facts.reason, .facts.lost_updates])' "$gpu" | head -n 20
	echo "does not hold: $1"
	return 1
}; }

one() { printf -- '--benchmark_filter=memory:%s/scope:%s/pattern:%s/cpu:%s/' "$@"; }

# spans FILTER: it is true of each span; all of them were read, as many pages as are kept.
spans() {
	holds '.results | length > 0 and all(.facts | .end == "done" and .lost_updates == 0 and .first_ns == [] and
		([.spans[] | [.pages, (.read_ns, .again_ns | length)]] == [[4, 2, 2], [32, 30, 30], [256, 254, 254], [512, 256, 256]]))'
	holds '.results | all([.metrics[] | select(.name == "between").value] == [510])'
	holds ".results | all(.facts.spans | all($1))"
}

# What is true of any backend: nothing is left out, nothing fails, and where both sides added
# they did; the sum is right wherever it must be.
all_combinations() {
	holds '.complete and (.results | length) == 120 and (.results | map(.params) | unique | length) == 120'
	holds '.results | all(.facts.end == "done" or .facts.end == "unavailable")'
	holds '.results | all(if .facts.end == "done" then .skipped == null and .facts.reason == null
		else .skipped == .facts.reason and .skipped != "" and .metrics == [] end)'
	holds '[.results[] | select(.facts.end == "done" and .facts.predicted_sound)] | length > 0 and
		all(.facts.lost_updates == 0)'
	holds '[.results[] | select(.facts.end == "done") | {touch: (.params.cpu == "touching"), launch: .facts.launches[]}] |
		all(.launch.atomics > 0 and .launch.seconds > 0 and (.launch.cpu_adds > 0) == .touch)'
	holds '[.results[] | select(.facts.end == "done" and .params.pattern == "distinct")] |
		all([.facts.launches[].pages] == [1, 1, 16, 16, 256, 256, 1024, 1024, 1024, 1024])'
	holds '[.results[] | select(.facts.end == "done")] | all((.params.pattern == "span") == (.facts.spans != []) and
		.metrics[0].name == (if .facts.spans == [] then "atomics_rate" else "between" end))'
}

done_memories() {
	holds "([.results[] | select(.facts.end == \"done\") | .params.memory] | unique) == $1"
}

on_the_model() {
	gpu_atomic --gpu=model
	all_combinations
	done_memories '["device", "pinned", "system_exclusive"]'
	holds '.device.backend == "model" and (.device.device | startswith("model"))'
	# A CPU's touch of a page that the device has costs a fault, of the host's none: both were
	# timed, page by page, and nothing is said of page tables.
	holds '[.results[] | select(.params.pattern == "distinct" and .params.memory == "system_exclusive") | .facts |
		[(.first_ns, .second_ns, .touch_ns | length), .path]] | all(. == [256, 256, 256, null])'
}

# The model takes the two pages alone.
model_spans() {
	gpu_atomic --gpu=model '--benchmark_filter=memory:(pinned|system_exclusive)/scope:sys/pattern:span/cpu:idle/'
	spans '.path == null'
}

# A driver that takes all between: the first read of each page faults.  Pagemap knows nothing
# of the stub's means, but is asked about the pages between and no other.
stub_spans() {
	stub 88=1,exclusive=1 '--benchmark_filter=memory:system_.*/scope:sys/pattern:span/cpu:idle/'
	spans '(.read_ns | add) > (.again_ns | add)'
	holds '[.results[].facts.spans[] | select(.path) | .path.present - .pages] | unique | . == [] or . == [-2]'
	stub 88=1,livelock=32 "$(one system_exclusive sys span idle)"
	holds '.results[0].facts | .rescues == 1 and [.spans[] | [.pages, (.read_ns | length)]] == [[4, 2], [32, 0]]'
	stub 88=1 '--benchmark_filter=memory:(device|pinned)/scope:sys/pattern:span/'
	holds '[.results[] | .skipped] | length == 4 and .[0] == "the CPU cannot touch this memory" and .[1] == .[0] and
		.[2] == "the CPU has to leave the pages between alone" and .[3] == null'
}

# negative HOW ARG...: the case of that name, on the stub; its result is $gpu.
negative() {
	local how=$1

	shift
	rm -rf "$scratch/gpu"
	mkdir "$scratch/gpu"
	DEXBENCH_GPU_LIBRARIES=$stubs/now STUB_CUDA=$how build/dexbench --cases=gpu_negative --out="$scratch/gpu" "$@"
	mv "$scratch/gpu/gpu_negative.json" "$gpu"
	valid "$gpu"
	holds '.complete and (.results | length) == 6'
}

# Whatever becomes of it, the run does not fail.  Of huge pages there may be none here.
negative_memories() {
	negative 88=1 --gpu=cuda
	holds '[.results[] | select(.params.memory != "hugetlb")] | all(.facts.outcome == "worked" and .ok == 4 and
		.facts.path.exclusive == 0)'
	holds '[.results[] | select(.params.memory == "hugetlb")] | all(.facts.outcome == "worked" or (.skipped | test("vm.nr_hugepages")))'
	negative "" --gpu=cuda
	holds '.results | all(.facts.outcome == "refused" and .skipped == "the device does not reach pageable memory")'
	negative 88=1,wait=700 --gpu=cuda
	holds '[.results[] | select(.params.memory != "hugetlb")] |
		all(.facts.outcome == "context lost" and (.skipped | test("ILLEGAL_ADDRESS")))'
	DEXBENCH_GPU_TIMEOUT_MS=300 negative 88=1,hang=1 --gpu=cuda
	holds '[.results[] | select(.params.memory != "hugetlb")] | all(.facts.outcome == "context lost" and (.skipped | test("was killed")))'
	negative 88=1,lose=1 --gpu=cuda
	holds '[.results[] | select(.params.memory != "hugetlb")] | all(.facts.outcome == "worked" and .facts.lost_updates == 5)'
	negative "" --gpu=model
	holds '.results | all(.facts.outcome == "refused")'
}

# The protocol itself: every touch finds the device's page protected, and takes it back.
model_revokes() {
	local pinned exclusive

	gpu_atomic --gpu=model "$(one pinned sys distinct idle)"
	pinned=$(jq '.results[0].facts.touch_ns | sort | .[128]' "$gpu")
	gpu_atomic --gpu=model "$(one system_exclusive sys distinct idle)"
	exclusive=$(jq '.results[0].facts.touch_ns | sort | .[128]' "$gpu")
	echo "median touch: $pinned ns of a shared page, $exclusive ns of an exclusive one"
	[ "$exclusive" -gt "$pinned" ]
}

on_pocl() {
	gpu_atomic --gpu=opencl
	all_combinations
	done_memories '["device", "pinned", "system_migrating"]'
	no_ceiling "opencl: no ceiling, its code cannot leave out words"
	holds '.device.backend == "opencl" and .device.is_cpu'
	holds '[.results[] | select(.facts.end == "done") | .params | [.memory, .scope, .pattern]] | unique | length == 24'
}

# It maps memory beside the CPU, and pagemap says so.
pocl_path() {
	gpu_atomic --gpu=opencl "$(one system_migrating sys distinct touching)"
	holds '.results[0].facts | .path == {exclusive: 0, migrated: 0, present: 1024, other: 0, swap_types: []}'
}

# kept DIRECTORY JQ-CONDITION: of the reason why there is no device; the other facts are there.
kept() {
	valid "$1/gpu.json"
	cat "$1/gpu.json"
	jq -e ".device == null and (.reason | $2) and .kernel == \"$(uname -r)\"" "$1/gpu.json"
	[ "$(ls "$1")" = gpu.json ]
}

pocl_without_cache() {
	POCL_CACHE_DIR=/proc/nowhere refused 2 "GPU=opencl cannot be had: clGetDeviceIDs" \
		env GPU=opencl OUT="$scratch/gpu-cacheless" scripts/campaign/gpu.sh
	kept "$scratch/gpu-cacheless" 'startswith("GPU=opencl cannot be had: clGetDeviceIDs")'
}

opencl_without_platform() {
	OCL_ICD_VENDORS=$scratch/no-libraries gpu_atomic --gpu=opencl "$(one device gpu same idle)"
	holds '.device.refused.opencl | startswith("clGetPlatformIDs: -1001")'
	holds '.results[0].skipped == .device.refused.opencl'
}

# takes PLATFORMS PLATFORM DEVICE: of what a stub of OpenCL has; bench/tests/stub_libopencl.c.
takes() {
	DEXBENCH_GPU_LIBRARIES=$stubs/opencl STUB_OPENCL=$1 build/dexbench --record-gpu --gpu=opencl >"$scratch/taken"
	cat "$scratch/taken"
	jq -e --arg platform "platform at $2" --arg device "$3" \
		'.backend == "opencl" and .refused == {} and .platform == $platform and .device == $device and
		.is_cpu == ($device == "CPU")' "$scratch/taken"
}

# A GPU, wherever it is; then whatever there is, on the first platform that has it.
best_of_opencl() {
	takes c 0 CPU
	takes g 0 GPU
	takes c/g 2 GPU
	takes cg/c 0 GPU
	takes ac//g 4 GPU
	takes //c 2 CPU
	takes a/c 0 accelerator
	takes ///////////g 11 GPU
}

opencl_refuses() {
	DEXBENCH_GPU_LIBRARIES=$stubs/opencl STUB_OPENCL=/ build/dexbench --record-gpu --gpu=opencl |
		jq -e '.refused.opencl | startswith("clGetDeviceIDs: -1: no device")'
	DEXBENCH_GPU_LIBRARIES=$stubs/opencl STUB_OPENCL=c/g STUB_REFUSES=1 build/dexbench --record-gpu --gpu=opencl |
		jq -e '.refused.opencl == "clBuildProgram for GPU: -30"'
}

# soundness HOW ADDRESSING MEMORY...: the kinds in which adds of both sides may be mixed.
soundness() {
	local how=$1 addressing=$2

	shift 2
	stub "$how"
	all_combinations
	holds ".device.addressing == \"$addressing\""
	holds "([.results[] | select(.facts.end == \"done\" and .params.cpu == \"touching\" and .facts.predicted_sound) |
		.params.memory] | unique) == $(printf '%s\n' "$@" | jq -R . | jq -sc .)"
	holds '[.results[] | select(.params.cpu == "touching" and .params.scope == "gpu" and .facts.end == "done")] |
		length > 0 and all(.facts.predicted_sound | not)'
	holds '[.results[] | select(.facts.path != null)] | all(.facts.path.exclusive == 0 and .facts.path.present > 0)'
}

# A PCIe GPU without HMM.
on_the_stub() {
	soundness "" none managed_cpu managed_migrating
	done_memories '["device", "managed_cpu", "managed_migrating", "pinned"]'
	holds '.device | .backend == "cuda" and .device == "Stub GPU" and .addressing == "none" and .target == "sm_70" and
		.attributes["13"] == 1500000 and .attributes["147"] == null and (.attributes | length) == 14'
	holds '[.results[] | select(.params.memory | startswith("system"))] | all(.skipped | test("attribute 88 is 0"))'
	# 512 threads add 1024 times each, in what the stub says are 2 ms for words of the device's
	# own, eight times that for one word, and a hundred times that in other memory.
	holds '[.results[] | select(.facts.end == "done") | .facts.launches[].atomics] | all(. == 524288)'
	holds '[.results[] | select(.facts.end == "done") | .facts.launches[].seconds / ({device: 1}[.params.memory] // 100) /
		({distinct: 1, span: 1}[.params.pattern] // 8)] | all((. - 0.002 | fabs) < 1e-6)'
	holds '[.results[] | select(.params.pattern == "distinct" and .facts.end == "done") | [.metrics[] |
		select(.name == ("first_p50", "first_max", "second_p50")).value]] | all(. == [2127, 2255, 500])'
}

# The stub's rates, whatever is compared with them: other memory does not set its own ceiling.
ceiling_is_measured() {
	stub "" '--benchmark_filter=/scope:sys/.*/cpu:idle/'
	holds '[.results[].facts.ceiling] | unique | length == 1 and (.[0] | .reason == null and .one_word == 32768000 and
		.distinct == 262144000 and .aggregated == .one_word and .slices == 8 and (.points | length) == 11)'
	holds '[.results[] | .facts.ceiling.adds_per_clock * 1500000000] | all((. - 32768000 | fabs) < 1)'
	holds '[.results[] | select(.facts.end == "done") | ({device: 1}[.params.memory] // 100) *
		(.metrics[] | select(.name == "of_ceiling").value)] | length == 16 and all((. - 1 | fabs) < 1e-6)'
}

# no_ceiling REASON
no_ceiling() {
	holds "[.results[].facts.ceiling] | all((.reason | contains(\"$1\")) and .one_word == null and .slices == null)"
	holds '[.results[].metrics[].name | select(endswith("ceiling"))] == []'
}

ceiling_is_unknown() {
	gpu_atomic --gpu=model "$(one pinned sys distinct idle)"
	no_ceiling "model: no ceiling, the device tells of no L2"
	stub 38=-1 "$(one device gpu same idle)"
	no_ceiling "cuda: no ceiling, the device tells of no L2"
	stub free=400000 "$(one device gpu same idle)"
	no_ceiling "more than a quarter"
	stub lose=1 "$(one pinned sys distinct touching)"
	no_ceiling "33 adds were lost in the device's own memory"
}

lost_where_expected() {
	stub lose=7 "$(one pinned sys same touching)"
	holds '.complete and (.results[0].facts | .end == "done" and .lost_updates == 35 and (.predicted_sound | not))'
	holds '.results[0].metrics | map({(.name): .value}) | add | .lost_updates == 35 and .predicted_sound == 0'
}

# lost_where_promised HOW CPU LOST
lost_where_promised() {
	rm -rf "$scratch/gpu"
	mkdir "$scratch/gpu"
	DEXBENCH_GPU_LIBRARIES=$stubs/now STUB_CUDA=$1 refused 2 "$3 adds were lost in pinned memory at scope sys" \
		build/dexbench --cases=gpu_atomic --gpu=cuda --pages=1536 --out="$scratch/gpu" "$(one pinned sys same "$2")"
	valid "$gpu"
	holds '.complete == false'
}

# The launch that warms up is the first, where a device is most likely to go wrong.
lost_in_the_first_launch() {
	stub lose=0,lose_first=7 "$(one pinned sys same touching)"
	holds '.complete and .results[0].facts.lost_updates == 7'
	lost_where_promised lose=0,lose_first=3,86=1 touching 3
	lost_where_promised lose=0,lose_first=3 idle 3
}

# ends HOW END REASON MEMORY: one execution, in others of which nothing is wrong.
ends() {
	stub "$1" "$(one "$4" sys same idle)"
	holds ".complete and (.results[0] | .facts.end == \"$2\" and (.skipped | contains(\"$3\")))"
}

hangs() {
	DEXBENCH_GPU_TIMEOUT_MS=300 ends hang=1 failed "did not end within 300 ms (DEXBENCH_GPU_TIMEOUT_MS) and was killed" device
	refute pgrep -f -- "--out=$scratch/gpu"
}

hangs_at_once() {
	local begin=$SECONDS

	DEXBENCH_GPU_START_MS=300 refuses sleep=1 "did not get ready within 300 ms (DEXBENCH_GPU_START_MS) and was killed"
	# Asked for by name, it is waited for once and not in each of its executions.
	DEXBENCH_GPU_START_MS=3000 stub sleep=1 '--benchmark_filter=scope:sys/pattern:same/cpu:idle/'
	holds '.complete and (.device.refused.cuda | contains("within 3000 ms")) and (.results | length == 6) and
		([.results[] | [.skipped, .facts.end]] | unique) == [[.device.refused.cuda, "failed"]]'
	[ $((SECONDS - begin)) -lt 15 ]
}

# More time to get ready than to work.
starts_slowly() {
	DEXBENCH_GPU_TIMEOUT_MS=1000 ends slow=2,alloc=2 unavailable "CUDA_ERROR_OUT_OF_MEMORY (2)" device
}
# A launch over 16 pages or more ends only when the CPU has read each of them: it is not a
# good sample, and the last; with a CPU that touches them anyway nothing of the kind is done.
rescued() {
	stub 88=1,livelock=16 '--benchmark_filter=memory:system_.*/scope:sys/pattern:distinct/cpu:idle/'
	holds '.complete and (.results | length) == 2'
	holds '.results | all(.facts | .end == "done" and .rescues == 1 and .lost_updates == 0 and .first_ns == [] and
		([.launches[] | [.pages, .rescues]] == [[1, 0], [1, 0], [16, 1]]))'
	holds '.results | all(.errors == [0, 0, 110] and .attempted == 18 and .ok == 2 and ([.metrics[].name] | index("cold_rate")) == null and
		(.metrics[] | select(.name == "rescues")).value == 1)'
	stub 88=1,livelock=1 "$(one system_exclusive sys same idle)"
	holds '.results[0].facts | .end == "done" and .rescues == 2 and [.launches[].rescues] == [1]'
}

# If reading does not help, the watchdog ends it, and what was tried is to be seen.
not_rescued() {
	DEXBENCH_GPU_TIMEOUT_MS=1500 stub 88=1,hang=1 "$(one system_exclusive sys same idle)"
	holds '.results[0].facts | .end == "failed" and .rescues == 1 and (.reason | contains("was killed"))'
	DEXBENCH_GPU_TIMEOUT_MS=1500 stub 88=1,hang=1 "$(one system_exclusive sys same touching)"
	holds '.results[0].facts | .end == "failed" and .rescues == 0'
}

touching_comes_first() {
	build/dexbench --cases=gpu_atomic --benchmark_list_tests |
		awk -F'cpu:' '{ split($2, cpu, "/"); if (cpu[1] != (NR % 2 ? "touching" : "idle")) exit 1 } END { exit !NR }'
}


# The child of one execution dies; the next one is none the worse.
dies_alone() {
	stub alloc=2 '--benchmark_filter=scope:sys/pattern:same/cpu:idle/'
	holds '.complete and (.results | length) == 6 and all(.results[]; .facts.end == "unavailable")'
	stub wait=700 '--benchmark_filter=memory:pinned/scope:sys/'
	holds '.complete and (.results | length) == 10 and all(.results[]; .facts.end == "failed" or
		.params.pattern == "span" and .params.cpu == "touching")'
}

# Memory that takes no advice is none to measure in; the others are there.
no_advice() {
	DEXBENCH_GPU_LIBRARIES=$stubs/bare STUB_CUDA=88=1 gpu_atomic --gpu=cuda '--benchmark_filter=scope:sys/pattern:same/cpu:idle/'
	holds '.complete and ([.results[] | select(.facts.end != "done") | [.params.memory, .facts.end, .skipped]] | sort) ==
		(["managed_cpu", "system_exclusive"] | map([., "unavailable", "libcuda.so.1 has no cuMemAdvise"]))'
}

# What the backend loads, from its own table.
calls_of_cuda() { sed -n 's/^\t\t{ "\(cu[A-Za-z0-9_]*\)", .*/\1/p' bench/gpu/cuda_api.c; }

# fails CALL GOOD: after as many that go well one CALL fails, in all kinds of memory.  An
# execution of which that is true says which call it was and what it answered, and claims no
# sum; $ended are the ends that there were.
fails() {
	local call=$1 good=$2 which=now

	[ "$call" != cuMemAdvise_v2 ] || which=new
	DEXBENCH_GPU_LIBRARIES=$stubs/$which STUB_CUDA="88=1,after:$call=$good,fail:$call=999" \
		gpu_atomic --gpu=cuda '--benchmark_filter=scope:sys/pattern:distinct/cpu:idle/' 2>"$scratch/gpu.errors"
	holds "(.results | length) == 6 and .complete and all(.results[]; if .facts.end == \"done\" then .facts.lost_updates == 0 else
		(.facts.reason | test(\"^${call%_v2}[(:].*[(]999[)]\")) and .skipped == .facts.reason and .metrics == [] and
		.facts.lost_updates == null end)"
	ended=$(jq -r '[.results[].facts.end] | unique | join(" ")' "$gpu")
}

# The first call of each function fails: what cannot be had is unavailable, what goes wrong on
# the device has failed.  What gives memory back does so when all sums are taken.
every_call_fails() {
	local call ended expected count=0

	for call in $(calls_of_cuda); do
		count=$((count + 1))
		case $call in
		cuGetErrorName | cuMemFree_v2 | cuMemFreeHost | cuDevicePrimaryCtxRelease_v2) expected="done" ;;
		cuMemHost* | cuMemAllocManaged | cuMemAdvise* | cuMemsetD32_v2 | cuCtxSynchronize) expected="done unavailable" ;;
		cuModuleGetFunction | cuLaunchKernel | cuEvent[RSE]* | cuMemcpyDtoH_v2) expected=failed ;;
		*) expected=unavailable ;;
		esac
		fails "$call" 0
		echo "$call: $ended, expected $expected; $(wc -l <"$scratch/gpu.errors") lines"
		[ "$ended" = "$expected" ]
		case $call in
		*Free* | *Release*)
			grep -c "^dexbench: the GPU, when giving back: ${call%_v2}: CUDA error (999)$" "$scratch/gpu.errors"
			;;&
		*) refute grep -v "when giving back: ${call%_v2}: " "$scratch/gpu.errors" ;;
		esac
	done
	[ "$count" -gt 20 ]
}

# Calls that are made over and over, once they had gone well.
later_calls_fail() {
	local call ended good

	fails cuMemAlloc_v2 1
	[ "$ended" = "done unavailable" ]
	fails cuEventCreate 1
	[ "$ended" = unavailable ]
	for call in $(calls_of_cuda | grep -E '^cu(ModuleGetFunction|LaunchKernel|Event[RSE].*|MemcpyDtoH_v2)$'); do
		for good in 1 4 11; do # 11: the launch that is timed page by page
			fails "$call" $good
			echo "$call after $good: $ended"
			[ "$ended" = failed ]
		done
	done
}

# refuses HOW TEXT [STUB]: no GPU, the model instead, and the reason is a fact of the result.
refuses() {
	DEXBENCH_GPU_LIBRARIES=$stubs/${3:-now} STUB_CUDA=$1 gpu_atomic "$(one device gpu same idle)"
	holds ".device | .backend == \"model\" and .asked == \"auto\" and (.refused.cuda | contains(\"$2\")) and
		(.refused.opencl | contains(\"cannot be opened\"))"
}

second_target() {
	stub "load70=$1" "$(one device sys distinct idle)"
	holds '.device | .target == "sm_75" and (.target_refused | contains("cuModuleLoadDataEx"))'
	holds '.results[0].facts.end == "done"'
}

newer_advice() {
	DEXBENCH_GPU_LIBRARIES=$stubs/new STUB_CUDA=88=1 gpu_atomic --gpu=cuda '--benchmark_filter=scope:sys/pattern:same/cpu:idle/'
	holds '.results | length == 6 and all(.facts.end == "done")'
}

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

# votes CUBIN KERNEL: instructions VOTE or VOTEU, then RED, in 16 bytes each, little-endian.
votes() {
	readelf -x ".text.$2" "$1" 2>/dev/null | awk '/^ *0x/ { n++; op = substr($2, 4, 1) substr($2, 1, 2)
		if (op == "806" || op == "886") vote++
		if (op == "98e") red++ } END { print (n ? vote + 0 " " red + 0 : "no code") }'
}

# The mask keeps the assembler from turning a warp's adds into one, at either scope; where
# the address is known to be one, it does, and what is written by hand is done once.
assembles() {
	local arch cubin=$scratch/code.cubin scope

	for arch in 75 80 90; do
		build/tests/ptx_dump 0 >"$scratch/code.ptx"
		"$1" -arch=sm_$arch -o "$cubin" "$scratch/code.ptx" # as a driver takes the first target
		build/tests/ptx_dump 1 >"$scratch/code.ptx"
		"$1" -arch=sm_$arch -o "$cubin" "$scratch/code.ptx"
		for scope in gpu sys; do
			same <(echo "0 8") <(votes "$cubin" "add_scatter_$scope")
			same <(echo "1 8") <(votes "$cubin" "add_uniform_$scope")
			same <(echo "1 8") <(votes "$cubin" "add_aggregated_$scope")
			readelf -SW "$cubin" 2>/dev/null | grep -q "\.text\.stamped_$scope "
		done
	done
}

not_in_a_campaign() {
	build/dexbench --list | jq -e 'map(select(.case | startswith("gpu_"))) | length == 2 and
		all(.modes == [] and (.primary | not))'
}

check "gpu: no campaign takes the case by itself" not_in_a_campaign
check "gpu: unknown backend" refused 2 "--gpu=frob: one of auto, cuda, opencl, model" \
	build/dexbench --cases=gpu_atomic --gpu=frob
check "gpu: the model" on_the_model
check "gpu: the model takes pages back" model_revokes
if reason=$(build/dexbench --record-gpu --gpu=opencl | jq -re '.refused.opencl // empty'); then
	for name in "all patterns and scopes" "pagemap" "no cache" "no platform"; do
		skip "gpu: OpenCL, $name" "$reason"
	done
else
	check "gpu: OpenCL, all patterns and scopes" on_pocl
	if [ "$(id -u)" -eq 0 ]; then
		check "gpu: OpenCL, pagemap" pocl_path
	else
		skip "gpu: OpenCL, pagemap" "not root, whom pagemap shows no frames"
	fi
	check "gpu: OpenCL, no cache" pocl_without_cache
	check "gpu: OpenCL, no platform" opencl_without_platform
fi
check "gpu: OpenCL, which of several devices" best_of_opencl
check "gpu: OpenCL, none of several platforms has a device" opencl_refuses
check "gpu: CUDA, all of it on a GPU without HMM" on_the_stub
check "gpu: CUDA, soundness with HMM" soundness 88=1 hmm managed_cpu managed_migrating system_exclusive system_migrating
check "gpu: CUDA, soundness with ATS" soundness 88=1,100=1,86=1 ats managed_cpu managed_migrating pinned \
	system_exclusive system_migrating
check "gpu: the ceiling is the device's own memory's" ceiling_is_measured
check "gpu: no ceiling, and why" ceiling_is_unknown
check "gpu: the pages between two, on the model" model_spans
check "gpu: the pages between two, taken by a driver" stub_spans
check "gpu: memory that cannot be exclusive" negative_memories
check "gpu: CUDA, adds are lost where that is expected" lost_where_expected
check "gpu: CUDA, adds are lost where none may be" lost_where_promised lose=1,86=1 touching 5
check "gpu: CUDA, adds are lost in the launch that warms up" lost_in_the_first_launch
check "gpu: CUDA, out of memory" ends alloc=2 unavailable "CUDA_ERROR_OUT_OF_MEMORY (2)" device
check "gpu: CUDA, little memory free" ends free=9000000 unavailable "more than a quarter" managed_cpu
check "gpu: CUDA, launch refused" ends launch=719 failed "CUDA_ERROR_LAUNCH_FAILED (719)" device
check "gpu: CUDA, illegal address" ends wait=700 failed "CUDA_ERROR_ILLEGAL_ADDRESS (700)" pinned
check "gpu: CUDA, advice refused" ends advise=801 unavailable "cuMemAdvise(preferred location: CPU)" managed_cpu
check "gpu: CUDA, advice refused (the process's own memory)" ends advise=801,88=1 unavailable \
	"cuMemAdvise(preferred location: CPU)" system_exclusive
check "gpu: CUDA, no managed memory" ends 89=0 unavailable "attribute 83 or 89 is 0" managed_migrating
check "gpu: CUDA, a device that hangs" hangs
check "gpu: CUDA, a launch that ends when its pages are read" rescued
check "gpu: CUDA, a launch that does not" not_rescued
check "gpu: a CPU that touches comes first" touching_comes_first
check "gpu: CUDA, a driver that hangs" hangs_at_once
check "gpu: CUDA, a driver that takes its time" starts_slowly
check "gpu: CUDA, one that dies alone" dies_alone
check "gpu: CUDA, no device (cuInit)" refuses init=100 "cuInit: CUDA_ERROR_NO_DEVICE (100)"
check "gpu: CUDA, no device (count)" refuses count=0 "no device"
check "gpu: CUDA, a driver that crashes" refuses segv=1 "killed by signal 11"
check "gpu: CUDA, a driver without a function" refuses "" "has no cuMemAllocManaged" old
check "gpu: CUDA, PTX refused twice" refuses load=218 "cuModuleLoadDataEx: CUDA error (218): no PTX for sm_75: ptxas fatal"
for error in 209 218 222; do
	check "gpu: CUDA, PTX refused once ($error)" second_target $error
done
check "gpu: CUDA, the newer cuMemAdvise" newer_advice
check "gpu: CUDA, no cuMemAdvise" no_advice
check "gpu: CUDA, every call fails" every_call_fails
check "gpu: CUDA, a later call fails" later_calls_fail
check "gpu: CUDA, an error without a name" refuses fail:cuGetErrorName=1,fail:cuInit=100 "cuInit: CUDA error (100)"
check "gpu: no library at all" no_libraries
check "gpu: make gpu's whole run" whole_run
check "gpu: make gpu twice in one second" same_second
check "gpu: make gpu, facts before the driver is asked" facts_come_first
check "gpu: make gpu, what it is given" refuses_to_start
assembler=$(command -v ptxas || ls /usr/local/cuda/bin/ptxas 2>/dev/null || true)
if [ -n "$assembler" ]; then
	check "gpu: assembled code aggregates where it should, and only there" assembles "$assembler"
else
	skip "gpu: assembled code aggregates where it should, and only there" "no ptxas in PATH or /usr/local/cuda/bin"
fi
