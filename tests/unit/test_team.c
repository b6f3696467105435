// SPDX-License-Identifier: MIT
/*
 * Teams of processes and threads: they work together, what they say arrives, and
 * one that fails ends all of it instead of leaving others behind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "lib/core/die.h"
#include "lib/workers/team.h"

#define ROOM 16

static void fill(struct team_member *m)
{
	for (; m->samples < ROOM; m->samples++)
		m->ticks[m->samples] = 100 * m->index + (uint32_t)m->samples;
	*(int *)m->user += 1; /* a child's own, a thread's everybody's */
}

static void until_over(struct team_member *m)
{
	while (!team_over(m))
		m->ops++;
}

static void count_one(struct team_member *m)
{
	m->ops++;
}

static void in_children(struct team_member *m)
{
	do
		team_child(count_one, m);
	while (!team_over(m));
}

static void give_up(struct team_member *m)
{
	die("member %u cannot go on", m->index);
}

static const struct team_job filler = { .work = fill };
static const struct team_job endless = { .work = until_over, .endless = 1 };
static const struct team_job mother = { .work = in_children, .endless = 1 };
static const struct team_job failing = { .work = give_up };
static const struct team_job unprepared = { .prepare = give_up, .work = fill };
static const struct team_job failing_endless = { .work = give_up, .endless = 1 };

static void run(enum team_kind kind, int count, const struct team_job *const *job, size_t n,
		int *calls)
{
	struct team *team = team_new(n, ROOM);

	for (size_t i = 0; i < n; i++) {
		team_member(team, i)->job = job[i];
		team_member(team, i)->user = calls;
	}
	team_run(team, kind, count);
	for (size_t i = 0; i < n; i++) {
		const struct team_member *m = team_member(team, i);

		assert_true(m->end > m->begin);
		/* Counted, or said not to be. */
		assert_true(count || !m->counted);
		assert_true(m->counted || !m->waited.waits);
		if (job[i]->endless)
			continue;
		assert_int_equal(m->samples, ROOM);
		assert_int_equal(m->ticks[0], 100 * i);
		assert_int_equal(m->ticks[ROOM - 1], 100 * i + ROOM - 1);
	}
	if (job[n - 1] == &mother)
		assert_true(team_member(team, n - 1)->ops > 0);
	team_free(team);
}

static void processes(void **state)
{
	const struct team_job *jobs[] = { &filler, &filler, &endless, &mother };
	int calls = 0;

	(void)state;
	run(TEAM_PROCESSES, 0, jobs, 4, &calls);
	run(TEAM_PROCESSES, 1, jobs, 4, &calls);
	assert_int_equal(calls, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void threads(void **state)
{
	const struct team_job *jobs[] = { &filler, &endless };
	int calls = 0;

	(void)state;
	run(TEAM_THREADS, 0, jobs, 2, &calls);
	assert_int_equal(calls, 1);
}

/* Some members, and nobody else. */
static void assigned_by_range(void **state)
{
	struct team *team = team_new(4, ROOM);

	(void)state;
	assert_int_equal(team_size(team), 4);
	team_assign(team, 1, 3, &filler, team);
	for (unsigned int i = 0; i < 4; i++) {
		int chosen = i == 1 || i == 2;

		assert_ptr_equal(team_member(team, i)->job, chosen ? &filler : NULL);
		assert_ptr_equal(team_member(team, i)->user, chosen ? team : NULL);
		assert_int_equal(team_member(team, i)->core, chosen ? i : 0);
	}
	team_free(team);
}

static void run_failing(void *job)
{
	const struct team_job *jobs[] = { &filler, job, &endless };
	int calls = 0;

	run(TEAM_PROCESSES, 0, jobs, 3, &calls);
	_exit(0);
}

/* Each member's own message comes first, then whose it was. */
static void failures_end_the_program(void **state)
{
	const struct team_job *const jobs[] = { &failing, &unprepared, &failing_endless };
	char said[512];

	(void)state;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		assert_int_equal(child_run(run_failing, (void *)(uintptr_t)jobs[i], said,
					   sizeof(said)),
				 DIE_STATUS);
		assert_non_null(strstr(said, "member 1 cannot go on"));
		assert_non_null(strstr(said, "member 1 of a team of 3 ended with status"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes),
		cmocka_unit_test(threads),
		cmocka_unit_test(assigned_by_range),
		cmocka_unit_test(failures_end_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
