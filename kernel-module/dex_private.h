/* SPDX-License-Identifier: GPL-2.0-only */
/* What private.c and migrate.c share: the region of device-private memory. */
#ifndef DEX_PRIVATE_H
#define DEX_PRIVATE_H

#include <linux/memremap.h>

#include "dex.h"

struct dex_region {
	struct dev_pagemap pagemap; /* its owner is the file */
	unsigned long first;	    /* page frame */
	u32 pages;
	u32 next;	     /* where the search for a free page begins */
	char *memory;	     /* the device's: what page frame @first + i holds is in page i of it */
	unsigned long *used; /* bits; set under f->lock, cleared by whoever frees a page */
	atomic64_t faults;
	atomic64_t empty;
	unsigned long src[DEX_MAX_BATCH]; /* of the migration that f->lock, or the end, allows */
	unsigned long dst[DEX_MAX_BATCH];
};

static inline struct dex_region *dex_region_of(struct dev_pagemap *map)
{
	return container_of(map, struct dex_region, pagemap);
}

/* The device's memory behind a page of the region. */
static inline void *dex_memory(const struct dex_region *r, unsigned long pfn)
{
	return r->memory + ((pfn - r->first) << PAGE_SHIFT);
}

/* A free page, locked and with one reference, as a migration wants it; NULL: there is none. */
struct page *dex_frame(struct dex_region *r);

/* migrate.c */
int dex_migrate(struct dex_file *f, struct dex_migrate *migrate);
vm_fault_t dex_migrate_to_ram(struct vm_fault *vmf);
void dex_migrate_away(struct dex_region *r, u32 from, u32 pages);

#endif /* DEX_PRIVATE_H */
