// SPDX-License-Identifier: GPL-2.0-only
/*
 * The software device's engines: what a GPU's cores are to its memory.
 *
 * An engine does bursts of atomics through the device's page table.  Its sequence
 * number is odd during a burst.  A revocation, which clears an entry first, then waits
 * for each odd number to change, and so for accesses that are under way, as a GPU's TLB
 * invalidation does.  It needs no lock of the engine's, which starts the next burst at
 * once: a lock that is not fair, as in most guests, would be its own again for seconds.
 *
 * The operations are atomic among engines.  A CPU's plain (not locked) increment is
 * safe against them only if the page is never used by both at once: that is what
 * makes a lost update a test of exclusivity.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "dex.h"

#define NO_MISS U64_MAX

static atomic_t threads; /* of all files */

/* False if another engine was quicker; a later attempt will do. */
static bool wide(struct dex_engine *e, const struct dex_job *job, u64 *word)
{
	u64 old, new;

	switch (job->op) {
	case DEX_OP_ADD:
		atomic64_add(job->operand, (atomic64_t *)word);
		e->delta += job->operand;
		return true;
	case DEX_OP_EXCHANGE:
		new = job->operand + e->atomics;
		e->delta += new - xchg(word, new);
		return true;
	default:
		old = READ_ONCE(*word);
		if (cmpxchg(word, old, old + job->operand) != old)
			return false;
		e->delta += job->operand;
		return true;
	}
}

static bool narrow(struct dex_engine *e, const struct dex_job *job, u32 *word)
{
	u32 old, new;

	switch (job->op) {
	case DEX_OP_ADD:
		atomic_add(job->operand, (atomic_t *)word);
		e->delta += (u32)job->operand;
		return true;
	case DEX_OP_EXCHANGE:
		new = job->operand + e->atomics;
		e->delta += new - xchg(word, new);
		return true;
	default:
		old = READ_ONCE(*word);
		if (cmpxchg(word, old, old + (u32)job->operand) != old)
			return false;
		e->delta += (u32)job->operand;
		return true;
	}
}

static bool atomic_op(struct dex_engine *e, const struct dex_job *job, void *word)
{
	return job->flags & DEX_JOB_WIDE ? wide(e, job, word) : narrow(e, job, word);
}

/* Not atomic: what somebody else does between the load and the store is lost. */
static bool torn_op(struct dex_engine *e, const struct dex_job *job, void *word)
{
	u64 old = job->flags & DEX_JOB_WIDE ? READ_ONCE(*(u64 *)word) : READ_ONCE(*(u32 *)word);

	OPTIMIZER_HIDE_VAR(old); /* or it would be one instruction */
	if (job->flags & DEX_JOB_WIDE)
		WRITE_ONCE(*(u64 *)word, old + job->operand);
	else
		WRITE_ONCE(*(u32 *)word, old + job->operand);
	e->delta += job->flags & DEX_JOB_WIDE ? job->operand : (u32)job->operand;
	return true;
}

static u64 slots_of(const struct dex_job *job)
{
	return div64_u64(job->span, job->stride);
}

static void next_slot(struct dex_engine *e, const struct dex_job *job, u64 slots)
{
	if (job->access == DEX_ACCESS_STRIDED) {
		e->slot += max(e->mirror->engines, 1U);
		if (e->slot >= slots)
			e->slot -= slots;
	} else if (job->access == DEX_ACCESS_RANDOM) {
		/* Marsaglia, "Xorshift RNGs", J. Stat. Softw. 8(14), 2003: 13, 7, 17 */
		e->random ^= e->random << 13;
		e->random ^= e->random >> 7;
		e->random ^= e->random << 17;
		e->slot = (e->random >> 32) * slots >> 32;
	}
}

/* Preemption is off, so that who waits for the end of it waits for a running engine. */
static void burst_begin(struct dex_engine *e)
{
	preempt_disable();
	WRITE_ONCE(e->seq, e->seq + 1);
	/* Pairs with dex_engines_flush(): it sees that we use entries, or we see them cleared. */
	smp_mb();
}

static void burst_end(struct dex_engine *e)
{
	/* Pairs with burst_is_over() in flush.c: the accesses are complete. */
	smp_store_release(&e->seq, e->seq + 1);
	preempt_enable();
}

typedef bool operation(struct dex_engine *, const struct dex_job *, void *);

/* Operations through valid entries; the page whose entry is missing, if one is. */
static __always_inline u64 burst(struct dex_engine *e, const struct dex_job *job, u64 slots,
				 operation *op)
{
	u64 miss = NO_MISS;
	u32 n;

	burst_begin(e);
	for (n = job->burst; n && e->atomics < job->count; n--) {
		u64 at = job->offset + e->slot * job->stride;
		char *page = READ_ONCE(e->mirror->table[at >> PAGE_SHIFT]);

		if (!page) {
			miss = at >> PAGE_SHIFT;
			break;
		}
		if (!op(e, job, page + offset_in_page(at)))
			continue;
		e->atomics++;
		next_slot(e, job, slots);
	}
	burst_end(e);
	return miss;
}

/* Inlined into both, so that @op is a loop body and no pointer. */
static __always_inline int work_by(struct dex_engine *e, operation *op)
{
	struct dex_mirror *m = e->mirror;
	const struct dex_job *job = &m->job;
	u64 miss, slots = slots_of(job);
	int rc;

	while (e->atomics < job->count && !READ_ONCE(m->stop)) {
		miss = burst(e, job, slots, op);
		if (miss != NO_MISS) {
			rc = dex_mirror_fault(m, miss);
			if (rc && rc != -EAGAIN)
				return rc;
		} else if (job->until && dex_stamp() >= job->until) {
			break;
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		if (dex_owner_ends(m->f))
			return -ESRCH;
		dex_pause();
	}
	return 0;
}

static int work(struct dex_engine *e)
{
	return work_by(e, atomic_op);
}

static int work_torn(struct dex_engine *e)
{
	return work_by(e, torn_op);
}

static void finish(struct dex_mirror *m, int rc)
{
	/* Told to stop in the middle of a fault: not an error. */
	if (rc && (rc != -EINTR || !READ_ONCE(m->stop)))
		cmpxchg(&m->error, 0, rc);
	if (!atomic_dec_and_test(&m->running))
		return;
	WRITE_ONCE(m->end, dex_stamp());
	wake_up_all(&m->done);
}

static int engine_thread(void *data)
{
	struct dex_engine *e = data;
	struct dex_mirror *m = e->mirror;

	set_freezable();
	for (;;) {
		/* Pairs with dex_job_start(): a job that is seen is complete. */
		wait_event_freezable(m->told,
				     kthread_should_stop() || e->job != smp_load_acquire(&m->jobs));
		if (kthread_should_stop())
			return 0;
		e->job = m->jobs;
		finish(m, m->job.op == DEX_OP_TORN ? work_torn(e) : work(e));
	}
}

static int start_one(struct dex_engine *e, u32 cpu)
{
	struct task_struct *task;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	if (!atomic_add_unless(&threads, 1, DEX_MAX_THREADS))
		return -EAGAIN;
	task = kthread_create(engine_thread, e, "dexbench/%u", e->index);
	if (IS_ERR(task)) {
		atomic_dec(&threads);
		return PTR_ERR(task);
	}
	kthread_bind(task, cpu);
	e->task = task;
	wake_up_process(task);
	return 0;
}

int dex_engines_start(struct dex_mirror *m, u32 engines, u32 cpu)
{
	u32 i;
	int rc = 0;

	init_waitqueue_head(&m->told);
	init_waitqueue_head(&m->done);
	m->engines = engines;
	m->end = 1; /* any but 0: no job yet, none runs */
	for (i = 0; i < DEX_MAX_ENGINES; i++) {
		m->engine[i].mirror = m;
		m->engine[i].index = i;
	}
	for (i = 0; i < engines && !rc; i++)
		rc = start_one(&m->engine[i], cpu + i);
	if (rc)
		dex_engines_stop(m);
	return rc;
}

void dex_engines_stop(struct dex_mirror *m)
{
	u32 i;

	WRITE_ONCE(m->stop, true);
	for (i = 0; i < m->engines; i++) {
		if (!m->engine[i].task)
			continue;
		kthread_stop(m->engine[i].task);
		m->engine[i].task = NULL;
		atomic_dec(&threads);
	}
}

static int check_job(const struct dex_mirror *m, const struct dex_job *job)
{
	u32 word = job->flags & DEX_JOB_WIDE ? sizeof(u64) : sizeof(u32);
	u64 length = m->pages << PAGE_SHIFT;

	if (job->flags & ~DEX_JOB_WIDE || job->reserved || !job->count || !job->burst ||
	    job->burst > DEX_MAX_BURST || !job->op ||
	    job->op > (m->engines == 1 ? DEX_OP_TORN : DEX_OP_COMPARE))
		return -EINVAL;
	if (!job->stride || !IS_ALIGNED(job->offset | job->stride, word) || job->span > length ||
	    job->offset > length - job->span || job->span % job->stride)
		return -EINVAL;
	switch (job->access) {
	case DEX_ACCESS_ONE:
		return job->span == job->stride ? 0 : -EINVAL;
	case DEX_ACCESS_DISTINCT:
	case DEX_ACCESS_STRIDED:
		return slots_of(job) >= max(m->engines, 1U) ? 0 : -EINVAL;
	case DEX_ACCESS_RANDOM:
		return job->span ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

/* Once a job, and all that it may fault in: a device fault is not to pay for it. */
static int check_memory(const struct dex_mirror *m, const struct dex_job *job)
{
	u64 granule = (u64)m->granule << PAGE_SHIFT;
	u64 start = ALIGN_DOWN(job->offset, granule);
	u64 end = min(ALIGN(job->offset + job->span, granule), m->pages << PAGE_SHIFT);

	return dex_check_userfaultfd(m->f, m->start + start, m->start + end);
}

static void prepare(struct dex_engine *e, const struct dex_job *job)
{
	bool apart = job->access == DEX_ACCESS_DISTINCT || job->access == DEX_ACCESS_STRIDED;

	e->atomics = 0;
	e->delta = 0;
	e->slot = apart ? e->index : 0;
	/* Any start but 0 will do; neighbouring seeds are to give different ones. */
	e->random = (job->seed + e->index + 1) * 0x9e3779b97f4a7c15ULL ?: 1;
	if (job->access == DEX_ACCESS_RANDOM)
		next_slot(e, job, slots_of(job));
}

int dex_job_start(struct dex_mirror *m, const struct dex_job *job)
{
	u32 i;
	int rc;

	rc = check_job(m, job);
	if (rc)
		return rc;
	if (!READ_ONCE(m->end))
		return -EBUSY;
	rc = check_memory(m, job);
	if (rc)
		return rc;
	m->job = *job;
	m->stop = false;
	m->error = 0;
	m->faults = m->retries = m->revoked = m->samples = 0;
	for (i = 0; i < DEX_MAX_ENGINES; i++)
		prepare(&m->engine[i], job);
	atomic_set(&m->running, max(m->engines, 1U));
	m->end = 0;
	m->begin = dex_stamp();
	if (!m->engines) {
		rc = work(&m->engine[0]);
		finish(m, rc);
		/* Told to stop in the middle of a fault is no signal. */
		return rc == -EINTR && fatal_signal_pending(current) ? rc : 0;
	}
	smp_store_release(&m->jobs, m->jobs + 1);
	wake_up_all(&m->told);
	return 0;
}

int dex_job_wait(struct dex_mirror *m, u32 flags)
{
	if (flags & DEX_STATE_STOP)
		WRITE_ONCE(m->stop, true);
	if (!(flags & DEX_STATE_WAIT))
		return 0;
	if (wait_event_interruptible(m->done, READ_ONCE(m->end) || READ_ONCE(m->gone)))
		return dex_interrupted();
	return READ_ONCE(m->gone) ? -ENODEV : 0;
}

void dex_job_state(struct dex_mirror *m, struct dex_state *s)
{
	u32 i;

	s->begin = m->begin;
	s->end = READ_ONCE(m->end);
	s->running = atomic_read(&m->running);
	s->error = m->error;
	s->faults = m->faults;
	s->retries = m->retries;
	s->revoked = READ_ONCE(m->revoked);
	s->samples = m->samples;
	s->delta = 0;
	for (i = 0; i < DEX_MAX_ENGINES; i++) {
		s->atomics[i] = READ_ONCE(m->engine[i].atomics);
		s->delta += READ_ONCE(m->engine[i].delta);
	}
}
