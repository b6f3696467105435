# shellcheck shell=bash disable=SC2154 # scripts/check.sh's names
# SPDX-License-Identifier: MIT
# Stand-ins for kernels (standin.mk), built and kept as kernels are: what is proven is a constant in the image.

store=$scratch/store
mkdir -p "$store"

# tree_at DIR CONSTANT: a kernel's source as far as the store looks, in git, with what a build leaves.
tree_at() {
	local dir=$1

	mkdir -p "$dir"/{mm,include,scripts,lib,arch/x86/include}
	cp tests/stub/standin.mk "$dir/Makefile"
	echo '# x86' >"$dir/arch/x86/Makefile"
	echo '/* x86 */' | tee "$dir/arch/x86/include/x.h" "$dir/include/dex.h" >"$dir/scripts/x"
	printf '*.o\n/.config\n/build-here\n' >"$dir/.gitignore"
	constant "$dir" "$2"
	git -C "$dir" init -q
	save "$dir" "$2"
	echo object >"$dir/mm/rmap.o"
}

# constant DIR WORD: what the tree's image holds; WORDs of one length make files of one size.
constant() {
	printf 'const char made_of[] = "content-%s";\nint make_device_exclusive(void) { return 0; }\n' "$2" >"$1/mm/rmap.c"
}

save() { git -C "$1" add -A && git -C "$1" -c user.name=x -c user.email=x@x commit -q -m "$2"; }

kernels() { DEXBENCH_CACHE=$store/cache scripts/kernel/kernel.sh --json "$@"; }

# holds WORD SPEC: the image that SPEC gives holds WORD and no other.
holds() {
	local word=$1 json

	json=$(kernels "$2") || return
	echo "$json"
	same <(echo "content-$word") <(strings "$(jq -r .bzimage <<<"$json")" | grep ^content-)
	same <(echo "content-$word") <(strings "$(jq -r .build_tree <<<"$json")/vmlinux" | grep ^content-)
}

# all_of DIR: every file with its times, owners and bytes, git's own included.
all_of() {
	(cd "$1" && find . -printf '%p %y %T@ %U %m %s\n' | LC_ALL=C sort && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

# untouched DIR COMMAND...: DIR is the same afterwards.
untouched() {
	local dir=$1

	shift
	all_of "$dir" >"$scratch/before"
	"$@"
	same "$scratch/before" <(all_of "$dir")
}
