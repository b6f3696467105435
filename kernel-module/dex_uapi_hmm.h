/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * hmm_range_fault(): the part of the ABI in dex_uapi.h, which includes it, that looks pages up as
 * drivers do before they map pages or move them.
 */
#ifndef DEX_UAPI_HMM_H
#define DEX_UAPI_HMM_H

#include <linux/types.h>

#define DEX_HMM_FAULT	 1U /* fault in what is not there */
#define DEX_HMM_WRITE	 2U /* to be written to; with DEX_HMM_FAULT alone */
#define DEX_HMM_UNLOCKED 4U /* hmm_range_fault_unlocked_timeout(), which has the loop in it */

/**
 * struct dex_hmm - look pages up by hmm_range_fault(), each call timed
 * @size: (in) sizeof(struct dex_hmm)
 * @flags: (in) DEX_HMM_FAULT, DEX_HMM_WRITE, DEX_HMM_UNLOCKED
 * @max_iterations: (in) of the driver's loop for one call, from 1 to DEX_MAX_LOOPS
 * @reserved: (in) 0
 * @iterations: (out) of the driver's loop, of all calls together
 * @large: (out) pages found in a mapping of more than one page
 * @run: (in, out) the calls, @run.batch pages each, up to DEX_MAX_BATCH, checked as any run
 *
 * A sample goes from the reading of the notifier's sequence to when it is known that nothing
 * came between, the lock of the address space included; ok is how many pages were found as
 * asked for.  The file's own device-private pages stay where they are, anybody else's come back.
 *
 * EOPNOTSUPP as a whole: the kernel has no such function.  A sample's error may be EFAULT, EINVAL
 * (no ordinary mapping), EPERM (not to be written to), EOPNOTSUPP (userfaultfd waits for missing
 * pages there), EBUSY (no success within @max_iterations), EHWPOISON and ENOMEM, too.
 */
struct dex_hmm {
	__u32 size;
	__u32 flags;
	__u32 max_iterations;
	__u32 reserved;
	__aligned_u64 iterations;
	__aligned_u64 large;
	struct dex_run run;
};

#define DEX_IOC_HMM _IOWR('x', 0x4f, struct dex_hmm)

#endif /* DEX_UAPI_HMM_H */
