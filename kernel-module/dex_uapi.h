/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctl ABI between the dexbench module and user space.
 *
 * The only file that both sides include, with its parts dex_uapi_private.h and dex_uapi_hmm.h.
 * Each structure of a request starts with its own size, every field says (in) or (out), flags and
 * reserved fields must be 0, and 0 is never a valid enumerator of an input: an unset one is refused.
 *
 * Open /dev/dexbench for reading and writing (CAP_SYS_ADMIN, otherwise EPERM), map the sample
 * buffer, then issue requests.  A request acts on the memory of the process that opened the device
 * and on no other; from another process it, and mmap, fail with EPERM.  There is one request at a
 * time: the next one but DEX_IOC_NOP waits for it, or for a fatal signal.  DEX_IOC_STATE stops,
 * and waits for, a job before that.  A signal that is handled, or stops the process, ends no
 * request: one that only waits is begun again after it, any other goes on.
 *
 * Memory that a file keeps is charged to its opener's memory cgroup and, in VmLck, to its
 * RLIMIT_MEMLOCK (not with CAP_IPC_LOCK): the buffer, 16 bytes for each page of a device,
 * and the pages of a referenced one.  At most 64 + 4 + 64 MiB a file, and a region's.
 *
 * Errors of a request as a whole (errno of the ioctl):
 *   EFAULT      no argument at that address
 *   EINVAL      wrong size, flag, alignment, count or range
 *   EPERM       not the process that opened the device
 *   ENOBUFS     more samples asked for than the mapped buffer holds
 *   EOPNOTSUPP  batch > 1 where the kernel has no range call; pins before 5.16
 *   EINTR       a fatal signal came; the samples so far are valid
 *   EAGAIN      (DEX_IOC_DEVICE) the kernel, or DEX_MAX_THREADS, allows no more threads
 *   ENOTTY      unknown request
 *   EBUSY       (mmap, DEX_IOC_WATCH, DEX_IOC_DEVICE) the buffer, a watch or a
 *               device exists already; (DEX_IOC_HOLD) a folio is held already;
 *               (DEX_IOC_JOB) the last job still runs
 *   ENODEV      (mmap, DEX_IOC_JOB, DEX_IOC_STATE) no device, or it was removed meanwhile
 *   ENOMEM      too little memory, or more than RLIMIT_MEMLOCK allows
 *
 * DEX_IOC_HOLD, which converts one page, fails as a whole with the errors of one call, too.
 *
 * Errors of one call, in struct dex_sample:
 *   EFAULT      nothing mapped at the address, or read-only memory; range call: also what else
 *               ended the lookup after its first page; pins: also a page not there and writable
 *   EOPNOTSUPP  MAP_SHARED, shared file or hugetlb memory: not anonymous; memory whose
 *               missing pages userfaultfd watches (DEX_IOC_HOLD, DEX_IOC_JOB: as a whole; EFAULT if it
 *               is registered in the middle of them)
 *   EBUSY       range call only: a tail page of a large folio, a folio that somebody else holds
 *               locked, or a page still mapped elsewhere; the kernel's call does not say which
 *               DEX_IOC_LOOP: no success within max_iterations
 *   EINTR, ENOMEM, EHWPOISON   as the kernel's call returns them
 */
#ifndef DEX_UAPI_H
#define DEX_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DEX_ABI_VERSION 6
#define DEX_DEVICE_PATH "/dev/dexbench"

/* Bounds that the module enforces. */
#define DEX_MAX_SAMPLES	   (1U << 22) /* samples in the mapped buffer */
#define DEX_MAX_BATCH	   512U	      /* pages in one call */
#define DEX_MAX_HOLD_NS	   100000000U /* a folio stays locked */
#define DEX_MAX_LOOPS	   10000U     /* iterations of a driver's loop for one fault */
#define DEX_MAX_ENGINES	   16U	      /* of the software device */
#define DEX_MAX_MIRROR	   (1U << 18) /* pages that it can map */
#define DEX_MAX_BURST	   4096U      /* atomics before an engine looks up */
#define DEX_MAX_THREADS	   64U	      /* engines with a thread, of all files */
#define DEX_MAX_REFERENCED (1U << 14) /* pages: 64 MiB a file, as much as the largest buffer */

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
 * @clock_khz: (out) the kernel's calibration of the clock that stamps are read from; 0 if it has none
 * @max_batch: (out) pages that one call may convert; 1 without a range call
 */
struct dex_info {
	__u32 size;
	__u32 abi;
	__u32 body;
	__u32 walk;
	__u32 clock_khz;
	__u32 max_batch;
};

/**
 * struct dex_sample - one timed call
 * @start: clock before the call
 * @ticks: clock after the call less @start; saturates at U32_MAX
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
 * @batch: (in) pages per call, from 1 to dex_info.max_batch; pins: to DEX_MAX_BATCH
 * @reserved: (in) 0
 * @samples: (out) samples written
 * @attempted: (out) pages that calls were made for
 * @succeeded: (out) pages made exclusive (or looked up, or pinned)
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

/* Bytes that the event covers: one page, less than a huge page, a huge page and more. */
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

/*
 * The software device: engines that do atomics on the process's memory, through
 * a page table of their own whose entries are valid only while the page is
 * device-exclusive.  A missing entry is a device fault, handled as GPU drivers do
 * (Documentation/mm/hmm.rst, "Exclusive access memory"): one at a time, read-begin,
 * convert, program the entry under the driver's lock, read-retry.  A CPU touch
 * revokes: the notifier clears the entry and waits for the engines' accesses.
 *
 * Its memory is to be private anonymous base pages.
 */

/* Map pages by a reference alone, never revoked: what a device without exclusive access
 * would do; loses updates. */
#define DEX_DEVICE_REFERENCED 1U

/**
 * struct dex_device - make or remove the software device
 * @size: (in) sizeof(struct dex_device)
 * @flags: (in) 0 or DEX_DEVICE_REFERENCED
 * @start: (in) page-aligned
 * @length: (in) bytes, page-aligned, up to DEX_MAX_MIRROR pages (DEX_DEVICE_REFERENCED:
 *	DEX_MAX_REFERENCED); 0 removes the device,
 *	and all else is 0
 * @engines: (in) kernel threads, up to DEX_MAX_ENGINES; 0: the thread that asks for
 *	a job is the only engine
 * @cpu: (in) engine i is bound to CPU @cpu + i, which must be online; 0 without engines
 * @granule: (in) pages, aligned, of one device fault: a power of two up to DEX_MAX_BATCH
 * @reserved: (in) 0
 */
struct dex_device {
	__u32 size;
	__u32 flags;
	__aligned_u64 start;
	__aligned_u64 length;
	__u32 engines;
	__u32 cpu;
	__u32 granule;
	__u32 reserved;
};

/*
 * The device's page table as user space may see it: map DEX_MIRROR_OFFSET of the
 * file, read-only (for good: mprotect() cannot make it writable) and shared, one entry a
 * page, after DEX_IOC_DEVICE.  The device itself never reads it.
 */
#define DEX_MIRROR_OFFSET (1ULL << 32)

/**
 * struct dex_entry - one page of the device's range
 * @mapped: the device may use it now
 * @revoked: how often it was taken from the device, since DEX_IOC_DEVICE
 */
struct dex_entry {
	__u32 mapped;
	__u32 revoked;
};

/* Atomic: + operand; a new value each time; if unchanged, + operand.  For one engine with a
 * thread: + operand by a load and a store. */
enum dex_op { DEX_OP_ADD = 1, DEX_OP_EXCHANGE, DEX_OP_COMPARE, DEX_OP_TORN };

/* Which slot (of @span / @stride) engine e of E uses for its k-th atomic. */
enum dex_access {
	DEX_ACCESS_ONE = 1,  /* 0 */
	DEX_ACCESS_DISTINCT, /* e */
	DEX_ACCESS_STRIDED,  /* e + k * E, around and around */
	DEX_ACCESS_RANDOM,   /* uniform, from @seed */
};

#define DEX_JOB_WIDE 1U /* 64-bit words; otherwise 32-bit */

/**
 * struct dex_job - let the device work
 * @size: (in) sizeof(struct dex_job)
 * @flags: (in) 0 or DEX_JOB_WIDE
 * @op: (in) enum dex_op
 * @access: (in) enum dex_access
 * @offset: (in) of slot 0 in the device's range, bytes; a multiple of the word
 * @stride: (in) from slot to slot, bytes; a multiple of the word
 * @span: (in) of all slots, bytes: a multiple of @stride, inside the range; ONE: one
 *	slot; DISTINCT: as many as engines at least
 * @count: (in) atomics of each engine, at least 1
 * @until: (in) clock at which an engine stops however few it did, but not before one
 *	burst without a device fault; 0: none
 * @operand: (in)
 * @seed: (in) of RANDOM
 * @burst: (in) atomics between two looks at @until, signals and requests to stop, in
 *	which a revocation has to wait; from 1 to DEX_MAX_BURST
 * @samples: (in) device faults to keep a sample of, from sample 0 of the buffer
 * @reserved: (in) 0
 *
 * Without engines the request returns when the job is done, which @count, @until, another
 * thread's DEX_STATE_STOP (not an error) or a fatal signal ends; with engines at once.
 * A device fault's sample goes from the miss to the entry; ok is 1.
 */
struct dex_job {
	__u32 size;
	__u32 flags;
	__u32 op;
	__u32 access;
	__aligned_u64 offset;
	__aligned_u64 stride;
	__aligned_u64 span;
	__aligned_u64 count;
	__aligned_u64 until;
	__aligned_u64 operand;
	__aligned_u64 seed;
	__u32 burst;
	__u32 samples;
	__aligned_u64 reserved;
};

#define DEX_STATE_STOP 1U /* ask the engines to stop, also in the middle of a fault */
#define DEX_STATE_WAIT 2U /* until none is at work; another thread may STOP meanwhile */

/**
 * struct dex_state - what the current or last job did
 * @size: (in) sizeof(struct dex_state)
 * @flags: (in) DEX_STATE_STOP, DEX_STATE_WAIT
 * @running: (out) engines at work
 * @error: (out) negative errno of the first engine that had to give up: EFAULT, EBUSY
 *	(no success within DEX_MAX_LOOPS), EOPNOTSUPP (not private anonymous base pages),
 *	ENOMEM, EHWPOISON, ESRCH (the process is gone or about to be), EINTR (a fatal signal)
 * @begin: (out) clock when the job began
 * @end: (out) clock when the last engine ended; 0 as long as it runs
 * @delta: (out) by how much the device changed the sum of all words, modulo 2^64 (32-bit
 *	words: 2^32); what is found besides was done by others, what lacks is lost
 * @faults: (out) device faults handled
 * @retries: (out) passes of their loop that had to be repeated
 * @revoked: (out) entries taken away
 * @samples: (out) samples written
 * @reserved: (in) 0
 * @atomics: (out) successful ones of each engine
 */
struct dex_state {
	__u32 size;
	__u32 flags;
	__u32 running;
	__s32 error;
	__aligned_u64 begin;
	__aligned_u64 end;
	__aligned_u64 delta;
	__aligned_u64 faults;
	__aligned_u64 retries;
	__aligned_u64 revoked;
	__u32 samples;
	__u32 reserved;
	__aligned_u64 atomics[DEX_MAX_ENGINES];
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
#define DEX_IOC_DEVICE	_IOW('x', 0x49, struct dex_device)
#define DEX_IOC_JOB	_IOW('x', 0x4a, struct dex_job)
#define DEX_IOC_STATE	_IOWR('x', 0x4b, struct dex_state)
#define DEX_IOC_PIN	_IOWR('x', 0x50, struct dex_run) /* pin for DMA; unpinning is outside */
#define DEX_IOC_UNPIN	_IOWR('x', 0x51, struct dex_run) /* unpin; pinning is outside */

#include "dex_uapi_hmm.h"
#include "dex_uapi_private.h"

#endif /* DEX_UAPI_H */
