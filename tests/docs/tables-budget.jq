# SPDX-License-Identifier: MIT
# Tables of what a fleet's campaign costs: results/budget/budget.json and fleet.json.

def hours: . / 3600 | if . < 1000 then fixed(1) else grouped end;
def gib: . / 1024 | if . < 10 then fixed(1) else grouped end;

def table_budget: .[0][0] as $b |
	(["", "CPU seconds", "MiB"] | head),
	(["a boot of next to nothing", ($b.boot.cpu_s | fixed(1)), "-"],
	 ["a boot of all \($b.cases | length) cases that can be counted", ($b.boot.all_cpu_s | fixed(1)),
	  "\($b.boot.results_mib | fixed(1)), packed \($b.boot.packed_mib | fixed(1))"],
	 ["a thousand million instructions of a guest", ($b.cpu_s_per_1e9_instructions | fixed(1)), "-"],
	 ["a build with a source file changed", ($b.build // error("builds were not measured") | (.cpu_s, .kernel_mib) | fixed(1))],
	 ["a bundle of one kernel", ($b.bundle.cpu_s | fixed(1)), ($b.bundle.mib | fixed(1))] | cells);

# The dearest, and the rest together.
def table_budget_cases: .[0][0].cases | sort_by(-.cpu_s) as $cases |
	(["case", "CPU seconds in a boot"] | head),
	($cases[:8][] | ["`\(.case)`", (.cpu_s | fixed(1))] | cells),
	(["the other \($cases[8:] | length) together", ($cases[8:] | map(.cpu_s) | add | fixed(1))] | cells);

# Of the series: builds, what is kept, and boots on so many nodes.
def table_budget_series: .[0][0] as $b | .[1][0] as $f |
	(["\($f.commits | grouped) commits, \($f.configurations) configurations, all cases", ""] | head),
	(["CPU hours of \($f.boots | grouped) builds, one file each", ($f.boots * $b.build.cpu_s | hours)], ["CPU hours of \($f.boots | grouped) boots", ($f.boots * $f.boot_s | hours)],
	 ["GiB of kernels in the cache, if all are kept", ($f.boots * $b.build.kernel_mib | gib)],
	 ["GiB of results, packed", ($f.boots * $b.boot.packed_mib | gib)] | cells);

def table_fleet: .[0][0].fleets |
	(["nodes", "hours, estimated", "simulated", "from", "to", "nodes that failed", "minutes of work lost"] | head),
	(.[] | [(.nodes | tostring), (.estimate_s | hours), (.simulated | (.mean_s, .low_s, .high_s) | hours),
		(.simulated.failures | fixed(1)), (.simulated.lost_s / 60 | fixed(1))] | cells);
