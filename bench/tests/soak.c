// SPDX-License-Identifier: MIT
/*
 * Rough treatment of the software device, inside a guest, for SOAK_SECONDS
 * (an environment variable, or a boot parameter of that name; default 20).
 *
 * Players, processes of random habits, start one after another, two at a time:
 * engines work on pages that threads of the player increment, while it forks; a
 * rude one besides unmaps, protects and drops pages under the device; some are
 * killed in the middle of it.  All the time somebody tries to unload the module.
 *
 * Page 0 is never mapped: mprotect() of it hangs the process for ever, which is a bug of
 * the kernel's own (results/mprotect-zero).
 *
 * SOAK_REFERENCED=1: pages referenced instead of exclusive, which has to lose updates.
 *
 * An increment is plain, so that a page used by both sides at once loses one: each
 * polite player that ends by itself compares what is in memory with what both
 * sides added.  What came of it all goes to /results/soak.json; whether the kernel
 * complained is for scripts/guest/soak.sh to see.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kernel-module/dex_uapi.h"
#include "leftover.h"

#define PAGE	  ((size_t)4096)
#define MAX_PAGES 64u
#define TOUCHERS  2u
#define AT_ONCE	  2u
#define BUFFER	  1024u /* samples */

/* All processes add to it. */
static struct tally {
	uint64_t players, killed, polite, lost, atomics, touches, faults, retries, revoked;
	uint64_t forks, forks_refused, rude, errors;
} * tally;

struct player {
	uint64_t random;
	int fd;
	char *memory;
	uint32_t pages;
	int rude;
	volatile int stop;
	uint64_t touches[TOUCHERS];
};

static void add(uint64_t *to, uint64_t n)
{
	__atomic_fetch_add(to, n, __ATOMIC_RELAXED);
}

static uint64_t odd(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A player that cannot play is an error of the soak; its line goes to the console. */
static void give_up(const char *what)
{
	printf("soak: %s: %s\n", what, strerror(errno));
	add(&tally->errors, 1);
	_exit(1);
}

/* A rude player's pages may be read-only at any moment. */
static void touch_word(const struct player *p, uint64_t *word)
{
	if (p->rude)
		(void)*(volatile uint64_t *)word;
	else
		__asm__ volatile("incq %0" : "+m"(*word));
}

struct toucher {
	struct player *p;
	uint32_t i;
};

static void *touch(void *arg)
{
	const struct toucher *t = arg;
	struct player *p = t->p;
	uint64_t random = p->random + t->i + 1, n = 0;

	while (!p->stop) {
		/* Each thread has a word of its own in every page; the device uses all. */
		char *word = p->memory + odd(&random) % p->pages * PAGE + 8ull * t->i;

		touch_word(p, (uint64_t *)word);
		n++;
		if (odd(&random) % 8 == 0)
			usleep(odd(&random) % 2000);
	}
	p->touches[t->i] = n;
	return NULL;
}

/* A child works on its copy; what it inherits of the device is not its own. */
static void fork_one(struct player *p)
{
	pid_t pid = fork();

	if (!pid) {
		for (uint32_t i = 0; i < p->pages; i += 3)
			touch_word(p, (uint64_t *)(p->memory + i * PAGE));
		_exit(ioctl(p->fd, DEX_IOC_NOP) == 0);
	}
	/* Refused where an entry is to be copied whose folio is locked at that moment. */
	add(pid < 0 ? &tally->forks_refused : &tally->forks, 1);
	if (pid > 0) {
		int status = 0;

		waitpid(pid, &status, 0);
		if (status)
			add(&tally->errors, 1);
	}
}

static void be_rude(struct player *p)
{
	char *page = p->memory + odd(&p->random) % p->pages * PAGE;

	switch (odd(&p->random) % 4) {
	case 0:
		madvise(page, PAGE, MADV_DONTNEED);
		break;
	case 1:
		mprotect(page, PAGE, PROT_READ);
		usleep(500);
		mprotect(page, PAGE, PROT_READ | PROT_WRITE);
		break;
	case 2:
		mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		     -1, 0);
		break;
	default:
		madvise(page, PAGE, MADV_PAGEOUT);
	}
}

static void start_job(struct player *p)
{
	struct dex_job job = {
		.size = sizeof(job),
		.flags = DEX_JOB_WIDE,
		.op = DEX_OP_ADD + odd(&p->random) % 3,
		.access = odd(&p->random) % 2 ? DEX_ACCESS_STRIDED : DEX_ACCESS_RANDOM,
		.stride = 8,
		.span = p->pages * PAGE,
		.count = UINT64_MAX,
		.operand = odd(&p->random),
		.seed = odd(&p->random),
		.burst = 1u + odd(&p->random) % 256,
		.samples = BUFFER,
	};

	if (job.access == DEX_ACCESS_STRIDED)
		job.stride = PAGE / 64;
	/* Exchange puts values where the CPU counts; its books still balance. */
	if (ioctl(p->fd, DEX_IOC_JOB, &job))
		give_up("JOB");
}

static void attach(struct player *p)
{
	struct dex_device device = { .size = sizeof(device), .length = p->pages * PAGE };

	device.start = (uintptr_t)p->memory;
	device.engines = 1 + odd(&p->random) % (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	device.granule = 1u << odd(&p->random) % 4;
	device.flags = getenv("SOAK_REFERENCED") ? DEX_DEVICE_REFERENCED : 0;
	p->fd = open(DEX_DEVICE_PATH, O_RDWR);
	if (p->fd < 0 ||
	    mmap(NULL, BUFFER * sizeof(struct dex_sample), PROT_READ, MAP_SHARED, p->fd, 0) ==
		    MAP_FAILED ||
	    ioctl(p->fd, DEX_IOC_DEVICE, &device))
		give_up("DEVICE");
}

static uint64_t sum(const struct player *p)
{
	uint64_t all = 0;

	for (size_t i = 0; i < p->pages * PAGE / 8; i++)
		all += ((const volatile uint64_t *)p->memory)[i];
	return all;
}

/* Both sides' books. */
static void settle(const struct player *p)
{
	struct dex_state s = { .size = sizeof(s), .flags = DEX_STATE_STOP | DEX_STATE_WAIT };
	uint64_t touched = 0;

	if (ioctl(p->fd, DEX_IOC_STATE, &s))
		give_up("STATE");
	for (uint32_t i = 0; i < TOUCHERS; i++)
		touched += p->touches[i];
	for (uint32_t i = 0; i < DEX_MAX_ENGINES; i++)
		add(&tally->atomics, s.atomics[i]);
	add(&tally->touches, touched);
	add(&tally->faults, s.faults);
	add(&tally->retries, s.retries);
	add(&tally->revoked, s.revoked);
	add(p->rude ? &tally->rude : &tally->polite, 1);
	if (!p->rude && s.error) {
		errno = -s.error;
		give_up("an engine");
	}
	if (!p->rude && sum(p) != s.delta + touched) {
		printf("soak: lost updates: %lld\n", (long long)(s.delta + touched - sum(p)));
		add(&tally->lost, 1);
	}
}

static void play(uint64_t seed, int rude)
{
	struct player p = { .random = seed, .rude = rude };
	struct toucher who[TOUCHERS];
	pthread_t thread[TOUCHERS];
	uint64_t until = now_ms();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	p.pages = 1 + odd(&p.random) % MAX_PAGES;
	p.memory = mmap(NULL, p.pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	madvise(p.memory, p.pages * PAGE, MADV_NOHUGEPAGE);
	attach(&p);
	start_job(&p);
	for (uint32_t i = 0; i < TOUCHERS; i++) {
		who[i] = (struct toucher){ .p = &p, .i = i };
		pthread_create(&thread[i], NULL, touch, &who[i]);
	}
	for (until += 200 + odd(&p.random) % 1500; now_ms() < until;) {
		if (odd(&p.random) % 3 == 0)
			fork_one(&p);
		if (rude)
			be_rude(&p);
		usleep(odd(&p.random) % 20000);
	}
	p.stop = 1;
	for (uint32_t i = 0; i < TOUCHERS; i++)
		pthread_join(thread[i], NULL);
	settle(&p);
	_exit(0);
}

static pid_t start(uint64_t *random)
{
	uint64_t seed = odd(random);
	int rude = odd(random) % 3 == 0;
	pid_t pid = fork();

	if (!pid)
		play(seed, rude);
	add(&tally->players, pid > 0);
	return pid;
}

/* How often the module could not be unloaded, which is always as long as it is open. */
static uint64_t unload_refused, unloaded;

static void try_to_unload(void)
{
	int fd = open(DEX_DEVICE_PATH, O_RDWR);

	if (fd < 0 || syscall(SYS_delete_module, "dexbench", O_NONBLOCK) == 0)
		unloaded++;
	else
		unload_refused++;
	close(fd);
}

static void reap(pid_t *pid, uint64_t *random)
{
	int status;

	if (odd(random) % 64 == 0)
		kill(*pid, SIGKILL);
	if (waitpid(*pid, &status, WNOHANG) != *pid)
		return;
	if (WIFSIGNALED(status))
		add(WTERMSIG(status) == SIGKILL ? &tally->killed : &tally->errors, 1);
	*pid = start(random);
}

static int report(uint64_t ms, long leaked)
{
	FILE *f = fopen("/results/soak.json", "w");

	if (!f)
		return 1;
	fprintf(f, "{\"schema\": \"dexbench.soak.v1\", \"seconds\": %llu",
		(unsigned long long)(ms / 1000));
#define PUT(field) fprintf(f, ", \"" #field "\": %llu", (unsigned long long)tally->field)
	PUT(players);
	PUT(polite);
	PUT(rude);
	PUT(killed);
	PUT(forks);
	PUT(forks_refused);
	PUT(atomics);
	PUT(touches);
	PUT(faults);
	PUT(retries);
	PUT(revoked);
	PUT(lost);
	PUT(errors);
	fprintf(f, ", \"leaked\": %ld", leaked);
	fprintf(f, ", \"unload_refused\": %llu, \"unloaded\": %llu}\n",
		(unsigned long long)unload_refused, (unsigned long long)unloaded);
	return fclose(f) || tally->lost || tally->errors || unloaded || !tally->polite || leaked;
}

int main(void)
{
	const char *seconds = getenv("SOAK_SECONDS");
	uint64_t ms = 1000 * strtoull(seconds ? seconds : "20", NULL, 10), begin = now_ms();
	uint64_t random = 88172645463325252ull;
	pid_t pid[AT_ONCE];
	struct leftover before;

	tally = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	before = leftover_now();
	for (size_t i = 0; i < AT_ONCE; i++)
		pid[i] = start(&random);
	while (now_ms() - begin < ms) {
		for (size_t i = 0; i < AT_ONCE; i++)
			reap(&pid[i], &random);
		try_to_unload();
		usleep(50000);
	}
	for (size_t i = 0; i < AT_ONCE; i++)
		waitpid(pid[i], NULL, 0);
	return report(now_ms() - begin, leftover_since(&before));
}
