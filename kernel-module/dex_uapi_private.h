/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Device-private memory: the part of the ABI in dex_uapi.h, which includes it, that migrates
 * pages instead of making them exclusive.
 *
 * A file has at most one region of such memory: page frames that no CPU can reach, and behind
 * them kernel memory that stands for the device's.  DEX_IOC_MIGRATE moves pages of the process
 * there, a CPU that touches one moves it back.  What is there when the region is removed, or
 * the file closed, is moved back, whoever has it mapped by then.
 *
 * The region's pages are charged as all memory that a file keeps, and to VmLck besides the
 * struct pages of its frames, DEX_FRAME_STRUCTS.
 */
#ifndef DEX_UAPI_PRIVATE_H
#define DEX_UAPI_PRIVATE_H

#include <linux/types.h>

#define DEX_MAX_PRIVATE	  (1U << 15) /* pages of a region: 128 MiB */
#define DEX_MAX_REGIONS	  8U	     /* of all files: each takes page frames for 128 MiB */
#define DEX_FRAME_STRUCTS 512U	     /* pages that these frames' structs take */

/**
 * struct dex_private - make or remove the region of device-private memory
 * @size: (in) sizeof(struct dex_private)
 * @flags: (in) 0
 * @pages: (in) up to DEX_MAX_PRIVATE; 0 removes it
 * @reserved: (in) 0
 *
 * EOPNOTSUPP: the kernel has no such memory, or not in a form that the module knows; EBUSY:
 * there is a region; EAGAIN: there are DEX_MAX_REGIONS.
 */
struct dex_private {
	__u32 size;
	__u32 flags;
	__u32 pages;
	__u32 reserved;
};

/* What a migration consists of; each is a sample, in this order.  The copy is the device's
 * work, and here a CPU's. */
enum dex_stage { DEX_STAGE_SETUP, DEX_STAGE_COPY, DEX_STAGE_PAGES, DEX_STAGE_FINALIZE, DEX_STAGES };

/**
 * struct dex_migrate - move pages into the region
 * @size: (in) sizeof(struct dex_migrate)
 * @flags: (in) 0
 * @run: (in, out) the migrations, @run.batch pages each, up to DEX_MAX_BATCH, checked as any
 *	run; each has DEX_STAGES samples, @run.samples counts them all
 *
 * The first sample of a migration tells how it went: ok is how many pages were moved, error
 * why the first that was not was not:
 *   EFAULT      no mapping has all of the pages, or one of them is not there
 *   EOPNOTSUPP  not private anonymous memory
 *   ENOMEM      no page of the region is free
 *   EBUSY       pinned, locked, exclusive, swapped out, or in device-private memory already
 * ENODEV as a whole: no region.
 */
struct dex_migrate {
	__u32 size;
	__u32 flags;
	struct dex_run run;
};

/**
 * struct dex_frames - what became of the region's pages
 * @size: (in) sizeof(struct dex_frames)
 * @reserved: (in) 0
 * @pages: (out) of the region
 * @used: (out) that hold a page of somebody's now
 * @faults: (out) CPU faults on them, since the region was made
 * @empty: (out) of these, faults that found the page taken by another and moved nothing
 *
 * ENODEV: no region.
 */
struct dex_frames {
	__u32 size;
	__u32 reserved;
	__aligned_u64 pages;
	__aligned_u64 used;
	__aligned_u64 faults;
	__aligned_u64 empty;
};

#define DEX_IOC_PRIVATE _IOW('x', 0x4c, struct dex_private)
#define DEX_IOC_MIGRATE _IOWR('x', 0x4d, struct dex_migrate)
#define DEX_IOC_FRAMES	_IOWR('x', 0x4e, struct dex_frames)

#endif /* DEX_UAPI_PRIVATE_H */
