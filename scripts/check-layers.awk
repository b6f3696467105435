# SPDX-License-Identifier: MIT
# Who may include whom: `awk -f check-layers.awk FILE...` prints each breach as
# file:line and exits 1.  Only quoted includes count; the rule of the first
# pattern that a file matches holds.
BEGIN {
	n = 0
	rule("^kernel-module/dex_uapi\\.h$", "^$")
	rule("^kernel-module/arch/", "^$")
	rule("^kernel-module/", "^(dex|dex_arch|compat|dex_uapi)\\.h$")
	rule("^bench/arch/[a-z]+\\.h$", "^arch/x86/[a-z]+\\.h$")
	rule("^bench/arch/", "^(arch/decode|lib/mark)\\.h$")
	rule("^bench/cases/", "^(bench\\.h|lib/[a-z]+\\.h|gpu/gpu\\.h)$")
	rule("^bench/lib/(dev|device)\\.c$", "^(arch/arch\\.h|lib/[a-z]+\\.h|\\.\\./kernel-module/dex_uapi\\.h)$")
	rule("^bench/gpu/", "^((gpu|lib)/[a-z]+|arch/arch)\\.h$")
	rule("^bench/lib/", "^(lib/[a-z]+|arch/arch)\\.h$")
	rule("^bench/stats/", "^stats/[a-z]+\\.h$")
	rule("^bench/cbench/", "^cbench\\.h$")
	rule("^bench/plugin/", "^(plugin/[a-z_]+|arch/(arch|decode))\\.h$")
	rule("^bench/attribute/", "^(arch/arch|attribute/[a-z]+|stats/[a-z]+|lib/(bounds|json|die|fields|input|markup|names|quote|samples))\\.h$")
	rule("^bench/results/", "^(better\\.h|results\\.h|results/[a-z0-9_]+\\.h|stats/[a-z]+\\.h|lib/(bounds|die|input|json|names|quote|samples)\\.h)$")
	rule("^bench/report/", "^(report\\.h|report/picture\\.h|results/[a-z]+\\.h|lib/(die|fields|input|json|markup|quote)\\.h)$")
	rule("^bench/compare/", "^(compare\\.h|compare/cells\\.h|report/report\\.h|results/[a-z]+\\.h|attribute/command\\.h|stats/[a-z]+\\.h|lib/(args|die|fields|json|pages|quote)\\.h)$")
	rule("^bench/plan/", "^(plan\\.h|report/report\\.h|results/[a-z]+\\.h|stats/[a-z]+\\.h|lib/(args|json|die|input|names|quote|samples)\\.h)$")
	rule("^bench/tests/", ".")
	rule("^bench/", "^(bench|better|describe|list|options|run|result)\\.h$|^cbench/cbench\\.h$|^gpu/gpu\\.h$|^lib/[a-z]+\\.h$")
}

function rule(files, allowed)
{
	file_of[n] = files
	allowed_of[n++] = allowed
}

/^#include "/ {
	split($0, part, "\"")
	for (i = 0; i < n; i++)
		if (FILENAME ~ file_of[i])
			break
	if (i < n && part[2] !~ allowed_of[i]) {
		printf "%s:%d: may not include \"%s\"\n", FILENAME, FNR, part[2]
		bad = 1
	}
}

/LINUX_VERSION_CODE|KERNEL_VERSION\(/ && FILENAME ~ /^kernel-module\// {
	printf "%s:%d: asks for a version; probe for the feature in Kbuild\n", FILENAME, FNR
	bad = 1
}

END { exit bad }
