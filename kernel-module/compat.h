/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file that knows that kernels differ.
 *
 * Kbuild asks the kernel's own headers and Module.symvers and defines
 * DEX_HAVE_*; version numbers are never looked at, because two kernels under
 * comparison can carry the same one.  Nothing here wraps the measured call:
 * its two forms stay two bodies in exclusive.c.
 */
#ifndef DEX_COMPAT_H
#define DEX_COMPAT_H

#include <linux/memremap.h>
#include <linux/mm.h>

#include "dex_uapi.h"

/* Which body of exclusive.c is compiled, and the walk that upstream has behind that interface. */
#if defined(DEX_HAVE_RANGE)
#define DEX_BODY      DEX_BODY_RANGE
#define DEX_BODY_WALK DEX_WALK_RMAP
#elif defined(DEX_HAVE_SINGLE)
#define DEX_BODY      DEX_BODY_SINGLE
#define DEX_BODY_WALK DEX_WALK_FOLIO
#else
#error "this kernel exports no make_device_exclusive*(): build it with CONFIG_DEVICE_PRIVATE=y"
#endif

/*
 * kernels/dexbench_walk.c, where it is compiled in, chooses the walk at boot
 * and says which.
 */
#ifdef DEX_HAVE_WALK_SWITCH
bool dexbench_walk_is_folio(void);
#endif

static inline enum dex_walk dex_walk_flavour(void)
{
#ifdef DEX_HAVE_WALK_SWITCH
	return dexbench_walk_is_folio() ? DEX_WALK_FOLIO : DEX_WALK_RMAP;
#else
	return DEX_BODY_WALK;
#endif
}

/*
 * 6.5, commit ca5e863233e8 ("mm/gup: remove vmas parameter from
 * get_user_pages_remote()").
 */
static inline long dex_gup_remote(struct mm_struct *mm, unsigned long addr, unsigned int flags,
				  struct page **page)
{
#ifdef DEX_HAVE_GUP_VMAS
	return get_user_pages_remote(mm, addr, 1, flags, page, NULL, NULL);
#else
	return get_user_pages_remote(mm, addr, 1, flags, page, NULL);
#endif
}

/*
 * 5.16, commit 55b8fe703bc5 ("gup: Introduce FOLL_NOFAULT flag to disable page faults").  Without it
 * a pin may fault, and DEX_IOC_PIN is refused.
 */
#ifdef DEX_HAVE_NOFAULT
#define DEX_FOLL_NOFAULT FOLL_NOFAULT
#else
#define DEX_FOLL_NOFAULT 0
#endif

/*
 * 6.3, commit bc292ab00f6c ("mm: introduce vma->vm_flags wrapper functions").
 */
static inline void dex_vma_flags(struct vm_area_struct *vma, unsigned long set, unsigned long clear)
{
#ifdef DEX_HAVE_VM_FLAGS_SET
	vm_flags_set(vma, set);
	vm_flags_clear(vma, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

#ifdef DEX_HAVE_PRIVATE

/* 6.19; before, the page map was the one that the page was born with. */
static inline void dex_frame_init(struct page *page, struct dev_pagemap *pagemap)
{
#ifdef DEX_HAVE_PAGE_INIT_PGMAP
	zone_device_page_init(page, pagemap, 0);
#else
	zone_device_page_init(page);
#endif
}

/* 6.14: the field moved to the folio. */
static inline struct dev_pagemap *dex_page_pagemap(const struct page *page)
{
#ifdef DEX_HAVE_PAGE_PGMAP
	return page_pgmap(page);
#else
	return page->pgmap;
#endif
}

/* 6.19: what is freed is a folio. */
#ifdef DEX_HAVE_FOLIO_FREE
#define dex_frame_freed	      folio_free
#define DEX_FREED	      struct folio
#define dex_freed_page(folio) folio_page(folio, 0)
#else
#define dex_frame_freed	     page_free
#define DEX_FREED	     struct page
#define dex_freed_page(page) (page)
#endif

#endif /* DEX_HAVE_PRIVATE */

#endif /* DEX_COMPAT_H */
