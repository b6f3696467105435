/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module's own files share; nothing here is for user space. */
#ifndef DEX_H
#define DEX_H

#include <linux/freezer.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "dex_arch.h"
#include "dex_uapi.h"

/* The notifier on one range, and what it has seen. */
struct dex_watcher {
	struct mmu_interval_notifier notifier;
	void *owner;
	spinlock_t lock; /* over count and the notifier's sequence */
	u64 count[DEX_EVENTS][DEX_OWNERS][DEX_EXTENTS];
	bool active;
};

/* The folio that is kept locked, if any; the worker unlocks it. */
struct dex_keep {
	struct work_struct work;
	wait_queue_head_t told;
	struct dex_sample *sample;
	struct page *page; /* NULL: none is held */
	ktime_t until;
	u64 start; /* stamp; the sample is the user's to overwrite */
	bool stop;
};

/* One engine of the software device: a kernel thread, or whoever asks for a job.  On cache
 * lines of its own: how large the kernel's structures in front are is not to be measured. */
struct dex_engine {
	u32 seq; /* odd while it uses entries; a revocation waits for it to move */
	struct dex_mirror *mirror;
	struct task_struct *task; /* NULL: the asking thread */
	u32 index;
	u32 job; /* the last one that it took up */
	u64 slot;
	u64 random;
	u64 atomics;
	u64 delta;
} ____cacheline_aligned_in_smp;

/* The software device: its page table, its engines, its current or last job. */
struct dex_mirror {
	struct mmu_interval_notifier notifier;
	struct dex_file *f;
	refcount_t users; /* of the structure: the file, and requests that look at it */
	bool gone;	  /* no longer the file's */
	u64 start;
	u64 pages;
	u32 flags;
	u32 granule;
	spinlock_t lock; /* the driver's: over the table and the notifier's sequence */
	char **table;	 /* where the kernel sees each page; NULL: not mapped */
	struct dex_entry *entries;
	struct mutex service; /* one device fault at a time; over what follows */
	struct page *batch[DEX_MAX_BATCH];
	u64 faults;
	u64 retries;
	u32 samples;

	struct dex_job job;
	u32 jobs; /* so far */
	wait_queue_head_t told;
	wait_queue_head_t done;
	atomic_t running;
	bool stop;
	int error;
	u64 begin;
	u64 end; /* 0: engines are at work */
	u64 revoked;
	u32 engines; /* threads */
	struct dex_engine engine[DEX_MAX_ENGINES];
};

/* One open of the device: one process, one buffer, at most one watch. */
struct dex_file {
	struct mm_struct *mm;	   /* the opener's, grabbed; used where current's, or after mmget */
	struct task_struct *owner; /* the opener */
	/* One request at a time.  No mutex: a process may be frozen in a request. */
	struct semaphore lock;
	struct dex_sample *samples;
	u64 max_samples;
	struct page *pages[DEX_MAX_BATCH];
	struct dex_watcher watcher;
	struct dex_keep keep;
	spinlock_t mirror_lock;
	struct dex_mirror *mirror; /* changes under both locks */
	struct dex_region *region; /* of device-private memory */
};

static __always_inline u32 dex_ticks(u64 start, u64 end)
{
	return min_t(u64, end - start, U32_MAX);
}

static __always_inline void dex_record(struct dex_sample *s, u64 start, u64 end, int error, u32 ok)
{
	s->start = start;
	s->ticks = dex_ticks(start, end);
	s->error = error;
	s->ok = ok;
}

/* Between two turns of a long request; no lock but f->lock is held. */
static __always_inline void dex_pause(void)
{
	cond_resched();
	try_to_freeze();
}

/* owner.c: what the file has to do with its opener. */
int dex_interrupted(void); /* the errno of a request that a signal ended before it began */
int dex_insert(struct dex_file *f, struct mmu_interval_notifier *notifier, u64 start, u64 length,
	       const struct mmu_interval_notifier_ops *ops);
bool dex_owner_ends(const struct dex_file *f);
bool dex_userfaultfd(struct mm_struct *mm, u64 start, u64 end);
int dex_check_userfaultfd(struct dex_file *f, u64 start, u64 end);
int dex_charge(struct dex_file *f, u64 pages);
int dex_charge_locked(struct dex_file *f, u64 pages);
void dex_uncharge(struct dex_file *f, u64 pages);
void dex_uncharge_locked(struct dex_file *f, u64 pages);
void *dex_alloc(u64 bytes); /* vfree() */
int dex_map(struct vm_area_struct *vma, void *memory, bool writable);

/* main.c: the errno of a run that is not allowed, or 0. */
int dex_check_run(struct dex_file *f, const struct dex_run *run);

/* buffer.c: what is mapped, and the buffer's end. */
int dex_mmap(struct file *file, struct vm_area_struct *vma);
void dex_buffer_free(struct dex_file *f);

/* exclusive.c: the operations; @run is validated, f->lock is held. */
int dex_clock(struct dex_file *f, struct dex_run *run);
int dex_gup(struct dex_file *f, struct dex_run *run);
int dex_convert(struct dex_file *f, struct dex_run *run);
u32 dex_max_batch(void);
void dex_count_pages(struct dex_file *f, struct dex_run *run);

/*
 * Make @batch pages exclusive and leave them locked in @pages; the mmap lock is
 * held.  0 if all are exclusive.  dex_let_go() follows in any case.
 */
int dex_take(struct dex_file *f, struct page **pages, unsigned long addr, u32 batch);
void dex_let_go(struct page **pages, u32 batch);

/* Whatever a conversion would have to undo is undone and notified of here. */
int dex_fault_in(struct mm_struct *mm, unsigned long addr, u32 batch);

/* driver.c: the consumers' loops; @loop is validated, f->lock is held. */
int dex_loop(struct dex_file *f, struct dex_loop *loop);

/* pin.c: pins and unpins, one of the two timed; @run is validated, f->lock is held. */
int dex_pin(struct dex_file *f, struct dex_run *run, bool unpin);

/* hold.c: the folio that stays locked; @hold is validated, f->lock is held. */
void dex_hold_init(struct dex_file *f);
int dex_hold_start(struct dex_file *f, const struct dex_hold *hold);
void dex_hold_stop(struct dex_file *f);

/* flush.c: when this returns no engine uses an entry that it saw before. */
void dex_engines_flush(struct dex_mirror *m);

/* mirror.c: the software device's page table. */
extern const struct mmu_interval_notifier_ops dex_mirror_ops;
/* Handle a device fault on page @i; from any thread, no lock is held. */
int dex_mirror_fault(struct dex_mirror *m, u64 i);

/* engine.c: the engines and their jobs; f->lock is held. */
int dex_engines_start(struct dex_mirror *m, u32 engines, u32 cpu);
void dex_engines_stop(struct dex_mirror *m);
int dex_job_start(struct dex_mirror *m, const struct dex_job *job);
void dex_job_state(struct dex_mirror *m, struct dex_state *state);
/* Stop, wait, or both, as @flags ask; f->lock is not held, but @m is. */
int dex_job_wait(struct dex_mirror *m, u32 flags);

/* device.c: the software device as a whole; f->lock is held. */
struct dex_mirror *dex_mirror_new(struct dex_file *f, const struct dex_device *device);
void dex_mirror_free(struct dex_mirror *m);
struct dex_mirror *dex_mirror_get(struct dex_file *f); /* NULL: no device; no lock needed */
void dex_mirror_put(struct dex_mirror *m);
int dex_mirror_mmap(struct dex_mirror *m, struct vm_area_struct *vma);

/* watch.c: the watch; f->lock is held, the mmap lock is not. */
int dex_watch_start(struct dex_file *f, u64 start, u64 length);
void dex_watch_stop(struct dex_file *f);
void dex_watch_read(struct dex_file *f, struct dex_events *events);

/* private.c: device-private memory; f->lock is held. */
#ifdef DEX_HAVE_PRIVATE
long dex_private_ioctl(struct dex_file *f, unsigned int cmd, void __user *arg);
void dex_private_free(struct dex_file *f);
#else
static inline long dex_private_ioctl(struct dex_file *f, unsigned int cmd, void __user *arg)
{
	return -EOPNOTSUPP;
}
static inline void dex_private_free(struct dex_file *f)
{
}
#endif

/* hmm.c: hmm_range_fault(); f->lock is held. */
#ifdef DEX_HAVE_HMM
long dex_hmm_ioctl(struct dex_file *f, void __user *arg);
#else
static inline long dex_hmm_ioctl(struct dex_file *f, void __user *arg)
{
	return -EOPNOTSUPP;
}
#endif

#endif /* DEX_H */
