# SPDX-License-Identifier: MIT
# An array of boots on nodes that fail, simulated: each node takes the next boot; when it fails, the boot it is at
# is lost, goes back to the queue, and the node comes back later.  What is done stays done.
#
# usage: awk -v boots=N -v seconds=S -v nodes=K -v mtbf=SECONDS -v repair=SECONDS -v seed=N -f fleet.awk
#
# Prints when the last boot was done (s), failures while somebody worked, seconds of work that were lost, and how
# often boots were begun.  mtbf=0: no node fails.

function life() { return mtbf ? -mtbf * log(1 - rand()) : 1e300 }

# The node that is free first; those that are away are free when they come back.
function first_free(   n, best) {
	best = 1
	for (n = 2; n <= nodes; n++)
		if (at[n] < at[best])
			best = n
	return best
}

# One boot on node n, to its end or to the node's.
function work(n) {
	begun++
	if (at[n] + seconds <= fails[n]) {
		at[n] += seconds
		if (at[n] > end)
			end = at[n]
		return 1
	}
	failures++
	lost += fails[n] - at[n]
	at[n] = fails[n] + repair
	fails[n] = at[n] + life()
	return 0
}

# A node that failed while it waited is back by now or later.
function wake(n) {
	while (fails[n] < at[n]) {
		fails[n] += repair
		if (fails[n] > at[n])
			at[n] = fails[n]
		fails[n] = at[n] + life()
	}
}

BEGIN {
	srand(seed)
	for (n = 1; n <= nodes; n++) {
		at[n] = 0
		fails[n] = life()
	}
	while (done < boots) {
		n = first_free()
		wake(n)
		done += work(n)
	}
	printf "%.3f\t%d\t%.3f\t%d\n", end, failures, lost, begun
}
