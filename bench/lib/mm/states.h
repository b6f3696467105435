/* SPDX-License-Identifier: MIT */
/*
 * What else happens to memory that has an exclusive page: a table, a function each.
 *
 * The region is one page table's worth (STATES_PAGES), made of folios of one order and filled so
 * that the first word of a page tells whose it is.  `enter` brings the way to it about before any
 * page is exclusive, `operate` is what happens, `leave` undoes both.  Each has an errno for an
 * outcome, not an end: only what cannot be checked ends the program.
 *
 * What the kernel promises (Documentation/mm/hmm.rst, Exclusive access memory) holds for all: the
 * contents stay, and a driver is told when its page is no longer exclusive.  `promise` is what is
 * said of the operation itself.
 */
#ifndef LIB_STATES_H
#define LIB_STATES_H

#include <sys/types.h>

#include "lib/machine/dev.h"
#include "lib/mem/mem.h"

#define STATES_PAGES 512

/* In the order of tables: what reclaims, what merges, what moves or copies, what gets at a page
 * in another way, what takes it away. */
#define STATES_LIST(X)  \
	X(pageout)      \
	X(lazyfree)     \
	X(droppable)    \
	X(reclaim)      \
	X(dropped)      \
	X(memcg)        \
	X(swapoff)      \
	X(collapse)     \
	X(khugepaged)   \
	X(ksm)          \
	X(mremap)       \
	X(uffd_move)    \
	X(uffd_rwp)     \
	X(fork)         \
	X(fork_pinned)  \
	X(compact)      \
	X(hot_remove)   \
	X(mlock)        \
	X(pv_writev)    \
	X(ptrace)       \
	X(direct_io)    \
	X(io_uring)     \
	X(soft_offline) \
	X(hwpoison)     \
	X(coredump)

enum states_number {
#define X(name) STATES_##name,
	STATES_LIST(X)
#undef X
		STATES_N
};

struct state {
	struct mem mem;
	unsigned int order;
	size_t page;   /* the one that is exclusive, or would be */
	size_t victim; /* another of its folio; of order 0 itself */
	/* A state's own. */
	struct mem there; /* where the first @moved pages went */
	size_t moved;
	int fd;
	size_t lost; /* pages whose contents a child or a file of its own does not have */
	char *text;
	pid_t child;
	int converts; /* the page is made exclusive, and not only looked at */
};

struct states_entry {
	const char *promise; /* by whom and what */
	/* Each NULL, or: why it cannot be had here, or NULL. */
	const char *(*map)(struct state *s);   /* nothing is touched yet */
	const char *(*enter)(struct state *s); /* all is written */
	int (*operate)(struct state *s);       /* 0, or errno */
	void (*leave)(struct state *s);
	int waits;	  /* it sleeps: what it takes is no cost */
	int pairs;	  /* pages 2i and 2i + 1 hold the same */
	int may_drop;	  /* a page may read as zero afterwards */
	int takes_victim; /* it is gone, and must not be touched */
	int may_end;	  /* a kernel has died of it (results/sweep): for make sweep alone */
};

extern const struct states_entry *const states_table[STATES_N];

/* The region's pages, wherever they are now. */
char *states_page(const struct state *s, size_t i);
void states_fill(const struct state *s, const struct states_entry *entry);
/* The region as the state wants it, and nothing is exclusive yet; which page will be: the middle
 * one of the first folio, or the first.  NULL, or why it cannot be had. */
const char *states_prepare(struct state *s, const struct states_entry *entry, int middle);
/* Make the page exclusive, where it is to be; dies unless it is. */
void states_convert(const struct state *s, struct dev *dev);
size_t states_count(const struct state *s, enum mem_kind kind);
/* Write to page @i once; the page faults that it took. */
size_t states_touch(const struct state *s, size_t i);
/* Pages that hold what was filled in and @more; the victim, where it is taken, not looked at. */
size_t states_intact(const struct state *s, const struct states_entry *entry, int more);

/* Of one file each, for the table. */
#define X(name) extern const struct states_entry states_##name;
STATES_LIST(X)
#undef X

#endif /* LIB_STATES_H */
