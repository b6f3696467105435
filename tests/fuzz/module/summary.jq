# SPDX-License-Identifier: MIT
# What was done so far, from results/fuzz.jsonl: one line a kernel and kind, its boots added up.
def sum(f): map(f // 0) | add;
def line: [.[] | tostring] | join(" | ") | "| \(.) |";

["kernel", "checkers", "what", "boots", "requests", "processes", "kills", "failures", "complaints", "left behind", "minutes", "requests/s"] as $head |
([$head, ($head | map("---"))] | .[] | line),
(group_by([.kernel, .debug, .config, .fuzz, .mode]) | .[] | [.[0].kernel,
	(if .[0].debug then "KASAN, lockdep" else .[0].config // "no" | rtrimstr(".config") end), .[0].fuzz + (if .[0].mode == "parallel" then "" else ", " + .[0].mode end), length,
	sum(.requests), sum(.rounds) + sum(.processes), sum(.killed), sum(.injected), sum(.complaints | length),
	(map(select(.leaked != false)) | length), (sum(.host_seconds) / 60 | round),
	(sum(.requests) / ([sum(.host_seconds), 1] | max) | round)] | line)
