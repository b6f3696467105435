# SPDX-License-Identifier: MIT
# What is the processor's stands below directories arch/, and nowhere else but for what a list has a reason for:
# `awk -f check-arch.awk LIST FILE...` prints each other line as file:line and each entry of the list that nothing
# needs, and exits 1; with -v show=1 also what stands outside, and why.  An entry: a file and a part of its lines, both
# as patterns, and the reason, between tabs.
BEGIN {
	FS = "\t"
	n = 0
	register = "%[re]?(ax|bx|cx|dx|di|si|sp|bp)([^a-z]|$)"
	word = "x86|(^|[^a-z])(rd)?tsc|lfence|cpuid|ia32|mmintrin|bzimage|q35|qemu64|ttys[0-9]|tcgtcg|asm_(exc|sysvec)|" \
		"ffffffff[89a]|2 ?mib|sz_2m|\\(size_t\\)2 << 20|>> 63|asm(__)? volatile|(^|[^a-z_])asm\\(|" register
}

FNR == 1 { files++ }

files == 1 {
	if (/^#/)
		next
	if (NF != 3) {
		printf "%s:%d: not a file, a pattern and a reason\n", FILENAME, FNR
		bad = 1
		next
	}
	file_of[n] = "^(" $1 ")$"
	line_of[n] = $2
	reason_of[n] = $3
	place_of[n++] = FILENAME ":" FNR
	next
}

FILENAME !~ /(^|\/)arch\// && tolower($0) ~ word {
	for (i = 0; i < n; i++)
		if (FILENAME ~ file_of[i] && $0 ~ line_of[i])
			break
	if (i < n) {
		used[i]++
		if (show)
			printf "%s:%d: outside: %s\n", FILENAME, FNR, reason_of[i]
		next
	}
	printf "%s:%d: has what is the processor's; it belongs below a directory arch/: %s\n", FILENAME, FNR, $0
	bad = 1
}

END {
	for (i = 0; i < n; i++)
		if (!used[i]) {
			printf "%s: nothing needs this entry any more\n", place_of[i]
			bad = 1
		}
	exit bad
}
