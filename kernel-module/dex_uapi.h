/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctl ABI between the dexbench module and user space.
 *
 * The only file that both sides include.  Every structure starts with its own
 * size, every field says (in) or (out), flags and reserved fields must be 0,
 * and 0 is never a valid enumerator, so that an unset field is refused.
 *
 * Open /dev/dexbench (root: CAP_SYS_ADMIN), map the sample buffer, then issue
 * requests.  A request acts on the memory of the process that opened the
 * device and on no other; from another process it fails with EPERM.
 *
 * Errors of a request as a whole (errno of the ioctl):
 *   EINVAL      wrong size, flag, alignment, count or range
 *   EPERM       not the process that opened the device
 *   ENOBUFS     more samples asked for than the mapped buffer holds
 *   EOPNOTSUPP  batch > 1 where the kernel has no range call
 *   EINTR       a fatal signal came; the samples so far are valid
 *   ENOTTY      unknown request
 *   EBUSY       (mmap, DEX_IOC_WATCH) the buffer or a watch exists already;
 *               (DEX_IOC_HOLD) a folio is held already
 *
 * DEX_IOC_HOLD, which converts one page, fails as a whole with the errors of
 * one call, too.
 *
 * Errors of one call, in struct dex_sample:
 *   EFAULT      nothing mapped at the address, or the mapping is read-only
 *   EOPNOTSUPP  MAP_SHARED, shared file or hugetlb memory: not anonymous
 *   EBUSY       range call only: a tail page of a large folio, a folio that
 *               somebody else holds locked, or a page still mapped elsewhere;
 *               the kernel's call does not say which
 *               DEX_IOC_LOOP: no success within max_iterations
 *   EINTR, ENOMEM, EHWPOISON   as the kernel's call returns them
 */
#ifndef DEX_UAPI_H
#define DEX_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DEX_ABI_VERSION 2
#define DEX_DEVICE_PATH "/dev/dexbench"

/* Bounds that the module enforces. */
#define DEX_MAX_SAMPLES (1U << 22) /* samples in the mapped buffer */
#define DEX_MAX_BATCH	512U	   /* pages in one call */
#define DEX_MAX_HOLD_NS 100000000U /* a folio stays locked */
#define DEX_MAX_LOOPS	10000U	   /* iterations of a driver's loop for one fault */

/* Which of the kernel's interfaces the module was built for. */
enum dex_body {
	DEX_BODY_RANGE = 1, /* make_device_exclusive_range(), 5.14 to 6.14 */
	DEX_BODY_SINGLE,    /* make_device_exclusive(), since 6.15 */
};

/* What that interface does to find the PTE. */
enum dex_walk {
	DEX_WALK_RMAP = 1, /* rmap walk under the anon_vma root lock */
	DEX_WALK_FOLIO,	   /* folio walk of one PTE */
};

/**
 * struct dex_info - what this module is and what it runs on
 * @size: (in) sizeof(struct dex_info)
 * @abi: (out) DEX_ABI_VERSION of the module
 * @body: (out) enum dex_body
 * @walk: (out) enum dex_walk
 * @tsc_khz: (out) the kernel's calibration of the TSC; 0 if it has none
 * @max_batch: (out) pages that one call may convert; 1 without a range call
 */
struct dex_info {
	__u32 size;
	__u32 abi;
	__u32 body;
	__u32 walk;
	__u32 tsc_khz;
	__u32 max_batch;
};

/**
 * struct dex_sample - one timed call
 * @start: TSC before the call
 * @ticks: TSC after the call less @start; saturates at U32_MAX
 * @error: 0, or the negative errno of the first page that failed
 * @ok: pages that the call made exclusive (or looked up)
 */
struct dex_sample {
	__aligned_u64 start;
	__u32 ticks;
	__s16 error;
	__u16 ok;
};

/**
 * struct dex_run - do one operation @count times, each timed on its own
 * @size: (in) sizeof(struct dex_run)
 * @flags: (in) 0
 * @start: (in) page-aligned address of the first call
 * @stride: (in) bytes between the addresses of two calls; page-aligned
 * @count: (in) number of calls, one sample each, from sample 0 of the buffer
 * @batch: (in) pages per call, from 1 to dex_info.max_batch
 * @reserved: (in) 0
 * @samples: (out) samples written
 * @attempted: (out) pages that calls were made for
 * @succeeded: (out) pages made exclusive (or looked up)
 */
struct dex_run {
	__u32 size;
	__u32 flags;
	__aligned_u64 start;
	__aligned_u64 stride;
	__aligned_u64 count;
	__u32 batch;
	__u32 reserved;
	__aligned_u64 samples;
	__aligned_u64 attempted;
	__aligned_u64 succeeded;
};

/**
 * struct dex_watch - put an MMU interval notifier on a range, as a driver does
 * @size: (in) sizeof(struct dex_watch)
 * @flags: (in) 0
 * @start: (in) page-aligned
 * @length: (in) bytes, page-aligned; 0 removes the watch
 */
struct dex_watch {
	__u32 size;
	__u32 flags;
	__aligned_u64 start;
	__aligned_u64 length;
};

/* Kinds of notifier event: enum mmu_notifier_event, with numbers of our own. */
enum dex_event {
	DEX_EVENT_UNMAP,
	DEX_EVENT_CLEAR,
	DEX_EVENT_PROTECTION,
	DEX_EVENT_SOFT_DIRTY,
	DEX_EVENT_RELEASE,
	DEX_EVENT_MIGRATE,
	DEX_EVENT_EXCLUSIVE,
	DEX_EVENT_OTHER,
	DEX_EVENTS,
};

/* Whose event it is: this file's conversions, nobody's, somebody else's. */
enum dex_owner { DEX_OWNER_SELF, DEX_OWNER_NONE, DEX_OWNER_OTHER, DEX_OWNERS };

/* Bytes that the event covers: one page, up to 2 MiB, 2 MiB and more. */
enum dex_extent { DEX_EXTENT_PAGE, DEX_EXTENT_PTES, DEX_EXTENT_PMD, DEX_EXTENTS };

/**
 * struct dex_events - events on the watched range since the last reading
 * @size: (in) sizeof(struct dex_events)
 * @reserved: (in) 0
 * @count: (out) by enum dex_event, enum dex_owner, enum dex_extent
 */
struct dex_events {
	__u32 size;
	__u32 reserved;
	__aligned_u64 count[DEX_EVENTS][DEX_OWNERS][DEX_EXTENTS];
};

/**
 * struct dex_hold - make one page exclusive and keep its folio locked
 * @size: (in) sizeof(struct dex_hold)
 * @flags: (in) 0
 * @start: (in) page-aligned address; 0 if @ns is
 * @ns: (in) how long, up to DEX_MAX_HOLD_NS; 0 lets go of what is held
 * @sample: (in) index of the sample that tells of it
 *
 * The request returns with the folio locked; it is unlocked after @ns, when told
 * to, and when the file is closed, whichever comes first.  The sample's start is
 * when it was locked, its ticks are how long it was; 0 as long as it is.
 */
struct dex_hold {
	__u32 size;
	__u32 flags;
	__aligned_u64 start;
	__u32 ns;
	__u32 sample;
};

/* Whose handling of a device's atomic fault DEX_IOC_LOOP models. */
enum dex_pattern {
	DEX_PATTERN_NOUVEAU = 1, /* a notifier inserted per fault, one page */
	DEX_PATTERN_UVM,	 /* a lasting notifier per 2 MiB, a region of pages */
};

#define DEX_LOOP_CURE 1U /* fault the pages in before the sequence is read */

/**
 * struct dex_loop - handle device faults as a driver does, each one timed
 * @size: (in) sizeof(struct dex_loop)
 * @flags: (in) 0 or DEX_LOOP_CURE
 * @pattern: (in) enum dex_pattern
 * @max_iterations: (in) for one fault, from 1 to DEX_MAX_LOOPS
 * @iterations: (out) of all faults together
 * @run: (in, out) the faults, @run.batch pages each, all its fields checked as
 *	those of any run; NOUVEAU: batch is 1; UVM: batch is a power of two (also
 *	where there is no range call), start and stride multiples of its bytes, so
 *	that no region leaves its 2 MiB
 */
struct dex_loop {
	__u32 size;
	__u32 flags;
	__u32 pattern;
	__u32 max_iterations;
	__aligned_u64 iterations;
	struct dex_run run;
};

#define DEX_IOC_INFO	_IOWR('x', 0x40, struct dex_info)
#define DEX_IOC_NOP	_IO('x', 0x41)			 /* enter, check, return 0 */
#define DEX_IOC_CLOCK	_IOWR('x', 0x42, struct dex_run) /* two stamps, no call */
#define DEX_IOC_GUP	_IOWR('x', 0x43, struct dex_run) /* look the page up */
#define DEX_IOC_CONVERT _IOWR('x', 0x44, struct dex_run) /* make it exclusive */
#define DEX_IOC_WATCH	_IOW('x', 0x45, struct dex_watch)
#define DEX_IOC_EVENTS	_IOWR('x', 0x46, struct dex_events)
#define DEX_IOC_HOLD	_IOW('x', 0x47, struct dex_hold)
#define DEX_IOC_LOOP	_IOWR('x', 0x48, struct dex_loop)

#endif /* DEX_UAPI_H */
