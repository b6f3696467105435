# shellcheck shell=bash disable=SC2154,SC2164 # scripts/check.sh's names and errexit
# SPDX-License-Identifier: MIT
# What goes wrong with a device or its driver is said, and spoils nothing else: each of CUDA's calls
# can be made to fail.

# shellcheck source=tests/e2e/gpu-stubs.sh
. "$TESTS/e2e/gpu-stubs.sh"

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

second_target() {
	stub "load70=$1" "$(one device sys distinct idle)"
	holds '.device | .target == "sm_75" and (.target_refused | contains("cuModuleLoadDataEx"))'
	holds '.results[0].facts.end == "done"'
}

newer_advice() {
	DEXBENCH_GPU_LIBRARIES=$stubs/new STUB_CUDA=88=1 gpu_atomic --gpu=cuda '--benchmark_filter=scope:sys/pattern:same/cpu:idle/'
	holds '.results | length == 6 and all(.facts.end == "done")'
}

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
