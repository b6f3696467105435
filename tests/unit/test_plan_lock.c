// SPDX-License-Identifier: MIT
/*
 * dex-plan's model of a lock: against exact mean value analysis where nobody reads, against
 * a simulation, process by process, where one does; and the fit against rows that it made.
 */
#include "tests/unit/near.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdlib.h>

#include "plan/plan.h"

#define CYCLES 400000
#define MOST   8

static const struct lock_load usual = {
	.away = 1000, .hold = 1200, .wake = 2500, .think = 1500, .held = 800, .handover = 100
};

/* Reiser and Lavenberg's recursion: one who comes meets what one fewer leave. */
static double turn_by_mva(double think, double held, size_t members)
{
	double queue = 0, there = 0;

	for (size_t n = 1; n <= members; n++) {
		there = held * (1 + queue);
		queue = (double)n * there / (there + think);
	}
	return think + there;
}

static void without_reader(void **state)
{
	struct lock_load l = { .away = 700, .think = 1500, .held = 400 };

	(void)state;
	for (l.members = 1; l.members <= 64; l.members *= 2) {
		struct lock_answer a = lock_solve(&l);

		assert_near(a.turn, turn_by_mva(l.think, l.held, l.members), 1e-9);
		assert_near(a.cycle, 700, 0);
		assert_near(a.sleeps, 0, 0);
	}
}

static void alone(void **state)
{
	struct lock_load l = usual;

	(void)state;
	assert_near(lock_solve(&l).cycle, 2200, 1e-9);
	assert_near(lock_solve(&l).sleeps, 0, 0);
}

/* Writers that want nothing else: each read waits for one of them and its own wake-up. */
static void never_free(void **state)
{
	struct lock_load l = usual;

	(void)state;
	l.handover = 0;
	l.think = 1e-3;
	l.members = 4;
	assert_near(lock_solve(&l).cycle, l.away + l.held + l.wake + l.hold, 1e-4);
	assert_near(lock_solve(&l).sleeps, 1, 1e-4);
}

enum phase { AWAY, ASLEEP, WAKING, READING };
enum lock { FREE, HELD, HANDED, READ };

/* When each process and the lock do what they do next; INFINITY: something else decides. */
struct sim {
	const struct lock_load *l;
	gsl_rng *rng;
	double now, reader_at, lock_at, writer_at[MOST];
	enum phase phase;
	enum lock lock;
	size_t queue[MOST], waiting, holder;
	double cycles, sleeps, holds;
};

static double after(struct sim *s, double mean)
{
	return s->now + (mean > 0 ? gsl_ran_exponential(s->rng, mean) : 0);
}

static void set_lock(struct sim *s, enum lock lock, double at)
{
	s->lock = lock;
	s->lock_at = at;
}

/* First come, first served. */
static void next_writer(struct sim *s)
{
	if (!s->waiting) {
		set_lock(s, FREE, INFINITY);
		return;
	}
	s->holder = s->queue[0];
	s->waiting--;
	for (size_t i = 0; i < s->waiting; i++)
		s->queue[i] = s->queue[i + 1];
	set_lock(s, HELD, after(s, s->l->held));
}

static void lock_event(struct sim *s)
{
	if (s->lock == HANDED) {
		next_writer(s);
		return;
	}
	s->holds++;
	s->writer_at[s->holder] = after(s, s->l->think);
	if (s->phase == ASLEEP) {
		s->phase = WAKING;
		s->reader_at = after(s, s->l->wake);
		set_lock(s, READ, INFINITY);
	} else if (s->waiting && s->l->handover > 0) {
		set_lock(s, HANDED, after(s, s->l->handover));
	} else {
		next_writer(s);
	}
}

static void reader_event(struct sim *s)
{
	if (s->phase == READING) {
		s->cycles++;
		s->phase = AWAY;
		s->reader_at = after(s, s->l->away);
		next_writer(s);
	} else if (s->phase == AWAY && s->lock == HELD) {
		s->sleeps++;
		s->phase = ASLEEP;
		s->reader_at = INFINITY;
	} else {
		s->phase = READING;
		s->reader_at = after(s, s->l->hold);
		set_lock(s, READ, INFINITY);
	}
}

static void writer_event(struct sim *s, size_t i)
{
	s->writer_at[i] = INFINITY;
	s->queue[s->waiting++] = i;
	if (s->lock == FREE)
		next_writer(s);
}

static void step(struct sim *s)
{
	size_t first = 0;

	for (size_t i = 1; i < s->l->members; i++)
		first = s->writer_at[i] < s->writer_at[first] ? i : first;
	s->now = fmin(fmin(s->reader_at, s->lock_at), s->writer_at[first]);
	if (s->now == s->reader_at)
		reader_event(s);
	else if (s->now == s->lock_at)
		lock_event(s);
	else
		writer_event(s, first);
}

static void against_simulation(const struct lock_load *l)
{
	struct lock_answer a = lock_solve(l);
	struct sim s = { .l = l, .rng = gsl_rng_alloc(gsl_rng_mt19937), .lock_at = INFINITY };

	s.reader_at = after(&s, l->away);
	for (size_t i = 0; i < l->members; i++)
		s.writer_at[i] = after(&s, l->think);
	while (s.cycles < CYCLES)
		step(&s);
	gsl_rng_free(s.rng);
	assert_near(a.cycle, s.now / s.cycles, 0.01);
	assert_near(a.sleeps, s.sleeps / s.cycles, 0.01);
	assert_near(a.turn, (double)l->members * s.now / s.holds, 0.01);
}

static void simulated(void **state)
{
	struct lock_load l = usual;

	(void)state;
	for (l.members = 1; l.members <= MOST; l.members *= 2)
		against_simulation(&l);
	l.handover = 0;
	l.members = MOST;
	l.think = 30000;
	against_simulation(&l);
}

/* Rows that the model made are what it makes of the first two: also those it did not see. */
static void finds_costs(void **state)
{
	struct members_row row[] = { { .others = 0 }, { .others = 1 }, { .others = 2 },
				     { .others = 4 }, { .others = 8 }, { .others = 16 } };

	(void)state;
	for (int reads = 0; reads < 2; reads++) {
		struct lock_load l = usual;
		struct members m = { .hold = reads ? l.hold : 0, .row = row, .rows = COUNT(row) };

		l.hold = m.hold;
		l.handover = reads ? l.handover : 0;
		for (size_t i = 0; i < COUNT(row); i++) {
			struct lock_answer a;

			l.members = (size_t)row[i].others;
			a = lock_solve(&l);
			row[i] = (struct members_row){ .others = row[i].others,
						       .cycle = a.cycle,
						       .sleeps = a.sleeps,
						       .operation = 3 * a.turn,
						       .measured = 1 };
		}
		assert_true(members_fit(&m));
		for (size_t i = 0; i < COUNT(row); i++) {
			assert_near(row[i].cycle_said, row[i].cycle, 0.02);
			assert_true(row[i].fitted == (i < 3) && row[i].holds);
			if (row[i].others > 0)
				assert_near(row[i].operation_said, row[i].operation, 0.02);
		}
		row[5].cycle *= 1.12;
		assert_true(members_fit(&m));
		assert_false(row[5].holds);
		row[2].crowded = row[3].crowded = row[4].crowded = row[5].crowded = 1;
		assert_false(members_fit(&m));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_reader), cmocka_unit_test(alone),
		cmocka_unit_test(never_free),	  cmocka_unit_test(simulated),
		cmocka_unit_test(finds_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
