/* SPDX-License-Identifier: MIT */
/* The cases, in the order of every list and table: controls first. */
#ifndef BENCH_LIST_H
#define BENCH_LIST_H

#define BENCH_LIST(X)         \
	X(control_clock)      \
	X(control_ioctl)      \
	X(control_gup)        \
	X(control_peer)       \
	X(control_rates)      \
	X(control_lock)       \
	X(convert_latency)    \
	X(convert_range)      \
	X(convert_mappings)   \
	X(convert_place)      \
	X(convert_shared)     \
	X(convert_thp)        \
	X(convert_state)      \
	X(hold_anon_vma)      \
	X(fault_back)         \
	X(fault_back_state)   \
	X(fault_back_threads) \
	X(migrate_private)    \
	X(fault_back_private) \
	X(private_threads)    \
	X(stay_or_migrate)    \
	X(notifiers)          \
	X(hmm_fault)          \
	X(driver_loop)        \
	X(mm_ops)             \
	X(track_ops)          \
	X(dax)                \
	X(dax_pinned)         \
	X(device_atomic)      \
	X(ping_pong)          \
	X(residence)          \
	X(ping_pong_threads)  \
	X(device_span)        \
	X(device_lost)        \
	X(semantics)          \
	X(semantics_doc)      \
	X(semantics_thp)      \
	X(pte_bits)           \
	X(states)             \
	X(contend_anon_vma)   \
	X(scale_anon_vma)     \
	X(contend_threads)    \
	X(contend_mmap)       \
	X(contend_fork)       \
	X(contend_folio)      \
	X(contend_devices)    \
	X(gpu_atomic)         \
	X(gpu_negative)

#endif /* BENCH_LIST_H */
