// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "lib/workers/team.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/die.h"
#include "lib/machine/clock.h"
#include "lib/machine/topo.h"

/* Looks, each some microseconds or a time slice from the next: a minute at least. */
#define MANY_LOOKS 20000000L
#define LOOK_USEC  200
#define SLOW_LOOKS (60L * 1000000 / LOOK_USEC)

struct team {
	size_t n;
	size_t room;
	size_t bytes; /* of the mapping that begins here */
	int count;
	pid_t mother; /* 0: the members are threads */
	atomic_size_t ready, working;
	atomic_int go;
	struct team_member member[];
};

struct team *team_new(size_t members, size_t room)
{
	size_t head = sizeof(struct team) + members * sizeof(struct team_member);
	size_t bytes = head + members * room * sizeof(uint32_t);
	struct team *team =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (team == MAP_FAILED)
		die("mapping %zu bytes for a team: %s", bytes, strerror(errno));
	team->n = members;
	team->room = room;
	team->bytes = bytes;
	for (size_t i = 0; i < members; i++) {
		team->member[i].index = (unsigned int)i;
		team->member[i].team = team;
		team->member[i].ticks = (uint32_t *)((char *)team + head) + i * room;
	}
	return team;
}

struct team_member *team_member(struct team *team, size_t i)
{
	return &team->member[i];
}

size_t team_size(const struct team *team)
{
	return team->n;
}

void team_assign(struct team *team, size_t first, size_t end, const struct team_job *job,
		 void *user)
{
	for (size_t i = first; i < end; i++) {
		team->member[i].job = job;
		team->member[i].core = (unsigned int)i;
		team->member[i].user = user;
	}
}

void team_free(struct team *team)
{
	munmap(team, team->bytes);
}

int team_over(const struct team_member *m)
{
	return !atomic_load_explicit(&m->team->working, memory_order_relaxed);
}

/* Yields, because there may be more members than cores. */
static void wait_for_go(struct team *team)
{
	for (long i = 0; !atomic_load(&team->go); i++) {
		if (i == MANY_LOOKS)
			die("the other members of a team do not get ready");
		sched_yield();
	}
}

static uint64_t sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (uint64_t)usage.ru_nvcsw;
}

static void work(struct team_member *m)
{
	struct lockwait *w = m->team->count ? lockwait_start() : NULL;

	atomic_fetch_add(&m->team->ready, 1);
	wait_for_go(m->team);
	m->sleeps = sleeps();
	m->begin = clock_stamp();
	m->job->work(m);
	m->end = clock_stamp();
	m->sleeps = sleeps() - m->sleeps;
	m->counted = !!w;
	if (w)
		m->waited = lockwait_stop(w);
	if (!m->job->endless)
		atomic_fetch_sub(&m->team->working, 1);
}

static void *run_member(void *user)
{
	struct team_member *m = user;

	topo_bind(m->core);
	/* Written now, or work would take the page faults. */
	memset(m->ticks, 0, m->team->room * sizeof(*m->ticks));
	if (m->job->prepare)
		m->job->prepare(m);
	work(m);
	if (m->job->finish)
		m->job->finish(m);
	return NULL;
}

/* exit() in a child: before the handlers that it has from its mother. */
static void leave(void)
{
	_exit(DIE_STATUS);
}

/* In a child: it goes when its mother does, and never through her exit(). */
static void become_child(pid_t mother)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != mother)
		_exit(DIE_STATUS);
	atexit(leave);
}

static pid_t fork_now(void)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	return pid;
}

void team_child(void (*what)(struct team_member *m), struct team_member *m)
{
	pid_t mother = getpid(), pid = fork_now();
	int status;

	if (!pid) {
		become_child(mother);
		what(m);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("a child of a team's member ended with status %#x", (unsigned int)status);
}

static void end_all(const pid_t *pid, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pid[i] > 0)
			kill(pid[i], SIGKILL);
}

/* Takes ended members off the list; a failed one ends them all. */
static void reap(const struct team *team, pid_t *pid, int flags)
{
	for (size_t i = 0; i < team->n; i++) {
		int status;

		if (!pid[i] || waitpid(pid[i], &status, flags) != pid[i])
			continue;
		pid[i] = 0;
		if (!status)
			continue;
		end_all(pid, team->n);
		die("member %zu of a team of %zu ended with status %#x", i, team->n,
		    (unsigned int)status);
	}
}

static void start_together(struct team *team, pid_t *pid)
{
	for (long i = 0; atomic_load(&team->ready) < team->n; i++) {
		if (pid)
			reap(team, pid, WNOHANG);
		if (i == SLOW_LOOKS) {
			if (pid)
				end_all(pid, team->n);
			die("only %zu of %zu members of a team got ready",
			    (size_t)atomic_load(&team->ready), team->n);
		}
		usleep(LOOK_USEC);
	}
	atomic_store(&team->go, 1);
}

/*
 * Members in the order of the list: those that end by themselves come first, and
 * any that fails before its turn is seen when those before it have ended.  The mother has each on
 * its own core: where an address space has been once, changes to it may be told for a second.
 */
static void run_processes(struct team *team)
{
	pid_t *pid = xcalloc(team->n, sizeof(*pid));

	for (size_t i = 0; i < team->n; i++) {
		topo_bind(team->member[i].core);
		pid[i] = fork_now();
		if (pid[i])
			continue;
		become_child(team->mother);
		run_member(&team->member[i]);
		_exit(0);
	}
	topo_bind(0);
	start_together(team, pid);
	reap(team, pid, 0);
	free(pid);
}

static void run_threads(struct team *team)
{
	pthread_t *thread = xcalloc(team->n, sizeof(*thread));
	int rc;

	for (size_t i = 0; i < team->n; i++) {
		rc = pthread_create(&thread[i], NULL, run_member, &team->member[i]);
		if (rc)
			die("pthread_create: %s", strerror(rc));
	}
	start_together(team, NULL);
	for (size_t i = 0; i < team->n; i++)
		pthread_join(thread[i], NULL);
	free(thread);
}

void team_run(struct team *team, enum team_kind kind, int count)
{
	size_t finite = 0;

	for (size_t i = 0; i < team->n; i++)
		finite += !team->member[i].job->endless;
	atomic_store(&team->working, finite);
	team->count = count;
	team->mother = getpid();
	if (kind == TEAM_PROCESSES)
		run_processes(team);
	else
		run_threads(team);
}

int team_waited(struct team *team, struct lockwait_sum *sum)
{
	int counted = 1;

	*sum = (struct lockwait_sum){ 0 };
	for (size_t i = 0; i < team->n; i++) {
		const struct team_member *m = team_member(team, i);

		if (m->job->endless)
			continue;
		counted &= m->counted;
		sum->waits += m->waited.waits;
		sum->ticks += m->waited.ticks;
	}
	return counted;
}
