# SPDX-License-Identifier: MIT
# Who may include whom: `awk -f check-layers.awk FILE...` prints each breach as
# file:line and exits 1.  Only quoted includes count; the rule of the first
# pattern that a file matches holds.  Rooms of bench/lib have floors besides.
BEGIN {
	n = 0
	rule("^kernel-module/dex_uapi\\.h$", "^dex_uapi_(private|hmm)\\.h$")
	rule("^kernel-module/arch/", "^$")
	rule("^kernel-module/", "^(dex|dex_arch|dex_private|compat|dex_uapi)\\.h$")
	rule("^bench/cases/", "^(bench\\.h|lib/[a-z]+/[a-z]+\\.h|gpu/gpu\\.h)$")
	rule("^bench/lib/arch/arch\\.h$", "^lib/arch/x86/[a-z]+\\.h$")
	rule("^bench/lib/(machine/(dev|private)|workers/device)\\.c$", "^(lib/[a-z]+/[a-z]+\\.h|\\.\\./kernel-module/dex_uapi\\.h)$")
	rule("^bench/lib/", "^lib/[a-z]+/[a-z]+\\.h$")
	rule("^bench/gpu/", "^(gpu/[a-z]+|lib/(arch/arch|core/[a-z]+|machine/[a-z]+))\\.h$")
	rule("^bench/stats/", "^stats/[a-z]+\\.h$")
	rule("^bench/runner/cbench/", "^cbench\\.h$")
	rule("^bench/plugin/", "^(plugin/[a-z_]+|lib/arch/(arch|decode|mark))\\.h$")
	rule("^bench/attribute/", "^(lib/arch/arch|attribute/[a-z]+|stats/[a-z]+|lib/core/[a-z]+)\\.h$")
	rule("^bench/results/", "^(better\\.h|results\\.h|results/[a-z0-9_]+\\.h|stats/[a-z]+\\.h|lib/core/[a-z]+\\.h)$")
	rule("^bench/report/", "^(report\\.h|report/[a-z]+\\.h|results/[a-z]+\\.h|lib/core/[a-z]+\\.h)$")
	rule("^bench/compare/", "^(compare\\.h|compare/cells\\.h|report/(report|series|history)\\.h|results/[a-z]+\\.h|attribute/command\\.h|stats/[a-z]+\\.h|lib/core/[a-z]+\\.h)$")
	rule("^bench/plan/", "^(plan\\.h|report/report\\.h|results/[a-z]+\\.h|stats/[a-z]+\\.h|lib/core/[a-z]+\\.h)$")
	rule("^tests/", ".")
	rule("^bench/runner/", "^(bench|better|list)\\.h$|^runner/[a-z]+\\.h$|^runner/cbench/cbench\\.h$|^gpu/gpu\\.h$|^lib/[a-z]+/[a-z]+\\.h$")
	rule("^bench/", "^(better\\.h|lib/[a-z]+/[a-z]+\\.h)$")
	# bench/lib/README.md says what each is.
	floor["arch"] = floor["core"] = 0
	floor["machine"] = 1
	floor["mem"] = floor["trace"] = 2
	floor["workers"] = floor["mm"] = 3
}

function rule(files, allowed)
{
	file_of[n] = files
	allowed_of[n++] = allowed
}

# The room of a file, or of an include, in bench/lib.
function room(path, part)
{
	return split(path, part, "/") > 2 ? part[2] : ""
}

function breach(name, why)
{
	printf "%s:%d: may not include \"%s\"%s\n", FILENAME, FNR, name, why
	bad = 1
}

# From @here into @there, two rooms; a room that has no floor is in nobody's reach.
function check_floors(here, there, name)
{
	if (here != there && (!(here in floor) || !(there in floor) || floor[there] >= floor[here]))
		breach(name, ": room " there " is not below " here)
}

/^#include "/ {
	split($0, part, "\"")
	for (i = 0; i < n; i++)
		if (FILENAME ~ file_of[i])
			break
	if (i < n && part[2] !~ allowed_of[i])
		breach(part[2])
	else if (FILENAME ~ /^bench\/lib\// && part[2] ~ /^lib\//)
		check_floors(room(substr(FILENAME, 7)), room(part[2]), part[2])
}

/LINUX_VERSION_CODE|KERNEL_VERSION\(/ && FILENAME ~ /^kernel-module\// {
	printf "%s:%d: asks for a version; probe for the feature in Kbuild\n", FILENAME, FNR
	bad = 1
}

END { exit bad }
