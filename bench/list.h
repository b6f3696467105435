/* SPDX-License-Identifier: MIT */
/* The cases, in the order of every list and table: controls first. */
#ifndef BENCH_LIST_H
#define BENCH_LIST_H

#define BENCH_LIST(X)      \
	X(control_clock)   \
	X(control_ioctl)   \
	X(control_gup)     \
	X(control_peer)    \
	X(convert_latency) \
	X(convert_range)   \
	X(convert_shared)  \
	X(convert_thp)     \
	X(convert_state)   \
	X(fault_back)

#endif /* BENCH_LIST_H */
