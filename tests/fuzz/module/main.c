// SPDX-License-Identifier: MIT
/*
 * Rounds, a few at a time, until there were enough requests, or kills; then all of it has to
 * be as it was before.  /results/fuzz.json says what came of it, the console what was found.
 *
 * Variables, or boot parameters of these names: FUZZ_SEED, FUZZ_REQUESTS, FUZZ_KILLS (instead:
 * so many rounds are killed), FUZZ_FAILURES=1 (instead: failures.c), and, to cut a failure
 * down, FUZZ_ROUNDS=FIRST-LAST and FUZZ_ACTIONS=FIRST-LAST, where LAST is left out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

/* Times are numbers of looks: CPUs that go and come make an emulated clock jump. */
#define TICK_US	      2000u
#define OVERDUE_TICKS 15000u
#define LOOK_US	      200u
#define DEATH_LOOKS   600000u /* more than a lock may be held anywhere */
#define SHOW_ROUNDS   128u    /* how often the console hears where we are */

struct tally *tally;
struct options options = {
	.seed = 1, .requests = 100000, .last = UINT64_MAX, .last_action = UINT64_MAX
};

void add(uint64_t *to, uint64_t n)
{
	__atomic_fetch_add(to, n, __ATOMIC_RELAXED);
}

uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

struct slot {
	pid_t pid; /* 0: none */
	uint64_t round, ticks, kill_after;
};
static struct slot slots[AT_ONCE];
static uint64_t next_round;

static bool over(void)
{
	uint64_t done = __atomic_load_n(&tally->requests, __ATOMIC_RELAXED);

	if (next_round >= options.last)
		return true;
	return options.kills ? tally->killed >= options.kills : done >= options.requests;
}

/* Some are killed in the middle of what they do: when is a matter of dice. */
static void start(struct slot *s)
{
	struct dice d = dice_of(options.seed, next_round, UINT64_MAX, 2);

	*s = (struct slot){ .round = next_round++, .kill_after = UINT64_MAX };
	if (options.kills || one_in(&d, 8))
		s->kill_after = under(&d, options.kills ? 8 : 100); /* ticks */
	if (s->round % SHOW_ROUNDS == 0)
		printf("fuzz: round %llu, %llu requests\n", (unsigned long long)s->round,
		       (unsigned long long)tally->requests);
	fflush(stdout);
	s->pid = fork();
	if (!s->pid)
		play(s->round, (uint64_t)(s - slots));
	add(&tally->rounds, 1);
	if (s->pid < 0)
		s->pid = 0;
}

static void buried(struct slot *s, int status)
{
	/* What it left behind goes, too; nobody is left, as a rule. */
	kill(-s->pid, SIGKILL);
	if (WIFSIGNALED(status) ? WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGTERM
				: WEXITSTATUS(status)) {
		printf("fuzz: round %llu ended with status %#x\n", (unsigned long long)s->round,
		       (unsigned int)status);
		add(&tally->crashed, 1);
	}
	tally->watched[s - slots] = 0;
	s->pid = 0;
}

/* How long the kernel takes to be done with it. */
static void murder(struct slot *s)
{
	uint64_t begin = now_us(), took, looks = 0;
	int status = 0;

	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, &status, WNOHANG) != s->pid && looks++ < DEATH_LOOKS)
		usleep(LOOK_US);
	took = now_us() - begin;
	if (looks > DEATH_LOOKS) {
		printf("fuzz: round %llu cannot be killed\n", (unsigned long long)s->round);
		add(&tally->unkillable, 1);
	}
	add(&tally->killed, 1);
	if (took > tally->worst_death_us)
		tally->worst_death_us = took;
	buried(s, 0);
}

static void look_after(struct slot *s)
{
	int status;

	if (!s->pid)
		return;
	s->ticks++;
	if (waitpid(s->pid, &status, WNOHANG) == s->pid) {
		buried(s, status);
	} else if (s->ticks > OVERDUE_TICKS) {
		printf("fuzz: round %llu does not end\n", (unsigned long long)s->round);
		add(&tally->overdue, 1);
		murder(s);
	} else if (s->ticks > s->kill_after) {
		murder(s);
	}
}

/* Those whose parents are gone are ours to bury. */
static void bury_orphans(void)
{
	siginfo_t dead = { .si_pid = 0 };

	while (!waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) && dead.si_pid) {
		for (size_t i = 0; i < AT_ONCE; i++)
			if (slots[i].pid == dead.si_pid)
				return;
		waitpid(dead.si_pid, NULL, WNOHANG);
		dead.si_pid = 0;
	}
}

static bool any_left(void)
{
	for (size_t i = 0; i < AT_ONCE; i++)
		if (slots[i].pid)
			return true;
	return false;
}

static void rounds(void)
{
	struct dice dice = dice_of(options.seed, UINT64_MAX, 0, 0);
	pid_t pid[AT_ONCE];

	next_round = options.first;
	while (!over() || any_left()) {
		for (size_t i = 0; i < AT_ONCE; i++) {
			look_after(&slots[i]);
			if (!slots[i].pid && !over())
				start(&slots[i]);
			pid[i] = slots[i].pid;
		}
		bury_orphans();
		machine_disturb(&dice, pid);
		usleep(TICK_US);
	}
	for (unsigned int looks = 0; looks < DEATH_LOOKS && waitpid(-1, NULL, WNOHANG) >= 0;
	     looks++)
		usleep(LOOK_US);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

static void range(const char *name, uint64_t *first, uint64_t *last)
{
	const char *value = getenv(name);
	char *end;

	if (!value)
		return;
	*first = strtoull(value, &end, 10);
	*last = *end == '-' ? strtoull(end + 1, NULL, 10) : *first + 1;
}

static void read_options(void)
{
	options.seed = number("FUZZ_SEED", options.seed);
	options.requests = number("FUZZ_REQUESTS", options.requests);
	options.kills = number("FUZZ_KILLS", 0);
	options.failures = number("FUZZ_FAILURES", 0);
	range("FUZZ_ROUNDS", &options.first, &options.last);
	range("FUZZ_ACTIONS", &options.first_action, &options.last_action);
}

int main(int argc, char **argv)
{
	struct state before;
	uint64_t begin;
	int failed;

	if (argc == 3 && !strcmp(argv[1], "--victim"))
		return victim(atoi(argv[2]));
	read_options();
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* Once for nothing: what the first time alone takes, or gives, is not ours. */
	machine_begin();
	machine_probe();
	machine_end();
	before = state_now("before");
	machine_begin();
	begin = now_us();
	if (options.failures)
		failed = failures();
	else
		failed = 0, rounds();
	begin = now_us() - begin;
	machine_end();
	failed |= report(begin, &before);
	machine_way_out();
	return failed;
}
