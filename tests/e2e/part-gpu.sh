# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# gpu_atomic without a GPU: on the model, on PoCL (OpenCL on the CPU), and on a stub of
# CUDA's driver: what is measured, and what is said of it.

# shellcheck source=tests/e2e/gpu-stubs.sh
. "$TESTS/e2e/gpu-stubs.sh"
mkdir "$scratch/pocl-cache"
export POCL_CACHE_DIR=$scratch/pocl-cache
# PoCL alone, whatever else is installed.
mkdir "$scratch/vendors"
cp /etc/OpenCL/vendors/pocl*.icd "$scratch/vendors" 2>/dev/null || true
export OCL_ICD_VENDORS=$scratch/vendors

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

# takes PLATFORMS PLATFORM DEVICE: of what a stub of OpenCL has; tests/stub/stub_libopencl.c.
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

touching_comes_first() {
	build/dexbench --cases=gpu_atomic --benchmark_list_tests |
		awk -F'cpu:' '{ split($2, cpu, "/"); if (cpu[1] != (NR % 2 ? "touching" : "idle")) exit 1 } END { exit !NR }'
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
check "gpu: a CPU that touches comes first" touching_comes_first
assembler=$(command -v ptxas || ls /usr/local/cuda/bin/ptxas 2>/dev/null || true)
if [ -n "$assembler" ]; then
	check "gpu: assembled code aggregates where it should, and only there" assembles "$assembler"
else
	skip "gpu: assembled code aggregates where it should, and only there" "no ptxas in PATH or /usr/local/cuda/bin"
fi
