# shellcheck shell=bash disable=SC2154,SC2034 # scripts/check.sh's names; theirs who source this
# SPDX-License-Identifier: MIT
# gpu_atomic on a stub of CUDA's driver, each of whose calls can be made to fail, and what its result holds.

stubs=$DEX_TOP/build/tests/stub
mkdir -p "$scratch/no-libraries"

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

# kept DIRECTORY JQ-CONDITION: of the reason why there is no device; the other facts are there.
kept() {
	valid "$1/gpu.json"
	cat "$1/gpu.json"
	jq -e ".device == null and (.reason | $2) and .kernel == \"$(uname -r)\"" "$1/gpu.json"
	[ "$(ls "$1")" = gpu.json ]
}

# refuses HOW TEXT [STUB]: no GPU, the model instead, and the reason is a fact of the result.
refuses() {
	DEXBENCH_GPU_LIBRARIES=$stubs/${3:-now} STUB_CUDA=$1 gpu_atomic "$(one device gpu same idle)"
	holds ".device | .backend == \"model\" and .asked == \"auto\" and (.refused.cuda | contains(\"$2\")) and
		(.refused.opencl | contains(\"cannot be opened\"))"
}
