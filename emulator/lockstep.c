// SPDX-License-Identifier: MIT
/*
 * Lockstep: the CPUs of an emulated machine run side by side, in turns, exactly.
 *
 * This object is linked into an unchanged QEMU by ld --wrap.  Time passes in passes.  All
 * CPUs begin one at the same instant, each runs at most about q instructions of it, one
 * after the other in QEMU's one thread, and the guest's clock is the running CPU's own
 * count.  When all have had their turn, time goes on from the furthest that one of them came,
 * and timers run.  Nothing depends on the host, and no CPU is ever more than a pass ahead.
 *
 * - A turn is a CPU's time, not one call: when QEMU returns early (a timer was set, an
 *   interrupt sent), the CPU goes on with the rest of it.
 * - PAUSE costs `pause` instructions of the CPU's time, as it costs cycles in hardware.  What
 *   does not fit into the turn is a debt: its next turns begin later or not at all.
 * - A halted CPU takes no turn.  One that wakes joins the next pass.
 * - A CPU that runs alone has nobody to keep step with: its pass lasts until the next timer
 *   or until it wakes another, which is as fast as one CPU, and as exact.
 * - One interleaving is one sample.  The seed draws which CPU is the first of the first pass
 *   (each further pass begins with the next one), each pass's length from a quarter
 *   below q to a quarter above, and where in its first pass a CPU that wakes begins.  The
 *   guest begins the n-th drawing anew by CPUID (LEAF, n), which answers n: one boot has as many
 *   interleavings as it asks for, and none depends on what ran before it.
 *
 * DEXBENCH_LOCKSTEP="q=50,pause=100,seed=1" switches it on, "describe" lists the parameters.
 */
#include "compat.h"

#include "params.h"

enum { MAX_CPUS = 256, LEAF = 0x40de5eed };

bool __real_cpu_can_run(CPUState *cpu);
bool __wrap_cpu_can_run(CPUState *cpu);
bool __real_all_cpu_threads_idle(void);
bool __wrap_all_cpu_threads_idle(void);
int real_exec(CPUState *cpu);
int wrap_exec(CPUState *cpu);
/* One argument or two, as the QEMU has it; the second is of no interest here. */
void __real_icount_prepare_for_run(CPUState *cpu, int64_t more);
void __wrap_icount_prepare_for_run(CPUState *cpu, int64_t more);
void __real_icount_handle_interrupt(CPUState *cpu, int mask);
void __wrap_icount_handle_interrupt(CPUState *cpu, int mask);
G_NORETURN void __real_helper_pause(void *env, uintptr_t more);
G_NORETURN void __wrap_helper_pause(void *env, uintptr_t more);
void __real_helper_cpuid(uint64_t *regs);
void __wrap_helper_cpuid(uint64_t *regs);

/* In instructions since the machine's start, idle time left out. */
static struct {
	bool open;	 /* somebody's turn is still to come */
	bool alone;	 /* one CPU is at work */
	int first;	 /* the CPU that begins */
	int64_t start;	 /* for all */
	int64_t end;	 /* of everybody's turn */
	int64_t reached; /* the furthest that one came */
} pass;

static struct {
	bool works;   /* takes part in this pass */
	int64_t time; /* how far it came, with what it owes for PAUSEs */
} lane[MAX_CPUS];

static int n_cpus;
static int64_t budget; /* of the turn that begins */
static bool paused, drawn_anew;
static bool thread_waits; /* the thread of all CPUs, which found them idle */
static uint64_t random_state;

/* splitmix64 */
static uint64_t draw(uint64_t below)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % below;
}

static void draw_anew(uint32_t n)
{
	random_state = (uint64_t)param[SEED] << 32 | n;
	drawn_anew = true;
}

static int64_t clock_now(void)
{
	return qatomic_read_i64(&timers_state.qemu_icount);
}

static void set_clock(int64_t time)
{
	seqlock_write_lock(&timers_state.vm_clock_seqlock, &timers_state.vm_clock_lock);
	qatomic_set_i64(&timers_state.qemu_icount, time);
	seqlock_write_unlock(&timers_state.vm_clock_seqlock, &timers_state.vm_clock_lock);
}

/* To the next timer of the guest's; a tick is an instruction. */
static int64_t to_deadline(void)
{
	int64_t left = qemu_clock_deadline_ns_all(QEMU_CLOCK_VIRTUAL, QEMU_TIMER_ATTR_ALL);

	return left < 0 || left > INT32_MAX ? INT32_MAX : left;
}

static bool has_work(CPUState *cpu)
{
	return !cpu->stop && !cpu->stopped && (!cpu->halted || cpu_has_work(cpu));
}

static void count_cpus(void)
{
	CPUState *cpu;

	CPU_FOREACH(cpu)
		n_cpus++;
	params_require(icount_enabled() == 1 && icount_to_ns(1) == 1 &&
			       !timers_state.icount_warp_timer,
		       "it needs -accel tcg,thread=single -icount shift=0,sleep=off");
	params_require(n_cpus <= MAX_CPUS, "a machine of 1 to 256 CPUs");
	draw_anew(0);
	pass.first = (int)draw((uint64_t)n_cpus);
}

/* How long a pass of several is: q on average. */
static int64_t draw_length(void)
{
	int64_t quarter = param[Q] / 4;

	return param[Q] - quarter + (int64_t)draw((uint64_t)(2 * quarter + 1));
}

/* Who takes part; a CPU that wakes beside others begins somewhere in the pass. */
static void choose_workers(void)
{
	int workers = 0;
	CPUState *cpu;

	CPU_FOREACH(cpu)
		workers += has_work(cpu);
	pass.alone = workers == 1;
	CPU_FOREACH(cpu) {
		bool works = has_work(cpu);

		if (works && !lane[cpu->cpu_index].works && !pass.alone)
			lane[cpu->cpu_index].time =
				MAX(lane[cpu->cpu_index].time,
				    pass.start + (int64_t)draw((uint64_t)param[Q]));
		lane[cpu->cpu_index].works = works;
	}
}

static void begin_pass(void)
{
	icount_handle_deadline();
	pass.reached = pass.start = clock_now();
	choose_workers();
	pass.end = pass.start + MIN(pass.alone ? INT32_MAX : draw_length(), MAX(to_deadline(), 1));
	pass.open = true;
}

/*
 * What is left of its turn; the clock is its own.  A timer that was set during this pass
 * ends it as well, unless another CPU is past that time already.
 */
static int64_t left_of_turn(CPUState *cpu)
{
	int64_t now = MAX(pass.start, lane[cpu->cpu_index].time);

	if (now >= pass.end)
		return 0;
	set_clock(now);
	return MAX(0, MAX(pass.reached, MIN(pass.end, now + to_deadline())) - now);
}

/* The clock before the pass is closed: nobody may see CPUs idle at an earlier time. */
static void end_turn(CPUState *cpu)
{
	int last = (pass.first + n_cpus - 1) % n_cpus;

	if (lane[cpu->cpu_index].works)
		pass.reached = MAX(pass.reached, MIN(lane[cpu->cpu_index].time, pass.end));
	if (cpu->cpu_index != last) {
		set_clock(pass.start);
		return;
	}
	set_clock(pass.reached);
	pass.first = drawn_anew ? (int)draw((uint64_t)n_cpus) : (pass.first + 1) % n_cpus;
	drawn_anew = false;
	smp_mb();
	qatomic_set(&pass.open, false);
}

/* QEMU's loop asks this of each CPU in turn, again and again. */
bool __wrap_cpu_can_run(CPUState *cpu)
{
	bool can = __real_cpu_can_run(cpu);

	if (!params_on)
		return can;
	thread_waits = false;
	if (!n_cpus)
		count_cpus();
	if (!pass.open) {
		if (cpu->cpu_index != pass.first)
			return false;
		begin_pass();
	}
	budget = can && lane[cpu->cpu_index].works ? left_of_turn(cpu) : 0;
	if (!budget)
		end_turn(cpu);
	return budget > 0;
}

/*
 * QEMU sleeps, and moves time to the next timer, when all are idle: not within a pass.  It is another
 * thread that moves time, and a pass can be closed while that one looks: it takes the word
 * of the thread of all CPUs, or chance would decide how many passes without anybody come first.
 */
bool __wrap_all_cpu_threads_idle(void)
{
	bool idle = !qatomic_read(&pass.open) && __real_all_cpu_threads_idle();

	if (!params_on)
		return idle;
	if (qemu_in_vcpu_thread())
		thread_waits = idle;
	return idle && thread_waits;
}

G_NORETURN void __wrap_helper_pause(void *env, uintptr_t more)
{
	paused = true;
	__real_helper_pause(env, more);
}

/* An x86 CPU's state begins with its registers, RAX and RCX first; who asks checks the answer. */
void __wrap_helper_cpuid(uint64_t *regs)
{
	if (!params_on || (uint32_t)regs[0] != LEAF) {
		__real_helper_cpuid(regs);
		return;
	}
	draw_anew((uint32_t)regs[1]);
	regs[0] = (uint32_t)regs[1];
}

/* wrap_exec() does it, and more than once. */
void __wrap_icount_prepare_for_run(CPUState *cpu, int64_t more)
{
	if (!params_on)
		__real_icount_prepare_for_run(cpu, more);
}

static void give_budget(CPUState *cpu)
{
	cpu->icount_budget = budget;
	icount_decr_of(cpu)->u16.low = MIN(0xffff, budget);
	cpu->icount_extra = budget - MIN(0xffff, budget);
}

static void take_time(CPUState *cpu)
{
	icount_update(cpu);
	lane[cpu->cpu_index].time = clock_now() + (paused ? param[PAUSE] : 0);
}

/*
 * An interrupt for another CPU does not end the turn of the one that sends it; one that runs
 * alone would go on to the next timer while the other, which it woke, waits for its turn.
 */
void __wrap_icount_handle_interrupt(CPUState *cpu, int mask)
{
	__real_icount_handle_interrupt(cpu, mask);
	if (params_on && pass.open && pass.alone && current_cpu && current_cpu != cpu)
		cpu_exit(current_cpu);
}

/* One that runs alone stops where it wakes another. */
static void cut_pass(const CPUState *me)
{
	CPUState *cpu;

	CPU_FOREACH(cpu)
		if (cpu != me && has_work(cpu))
			pass.end = MIN(pass.end, MAX(lane[me->cpu_index].time, pass.start));
}

/* QEMU's icount_process_data(), which follows, finds nothing left to do. */
int wrap_exec(CPUState *cpu)
{
	int why;

	if (!params_on)
		return real_exec(cpu);
	do {
		paused = false;
		give_budget(cpu);
		why = real_exec(cpu);
		take_time(cpu);
		if (pass.alone)
			cut_pass(cpu);
		if (why != EXCP_INTERRUPT || cpu->stop || !cpu_work_list_empty(cpu))
			break;
		budget = left_of_turn(cpu);
	} while (budget);
	end_turn(cpu);
	return why;
}
