/* SPDX-License-Identifier: MIT */
/* For the stub of CUDA's driver: pages that are exclusive, of which the CPU's touch takes one back. */
#ifndef TESTS_STUB_EXCLUSIVE_H
#define TESTS_STUB_EXCLUSIVE_H

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	char *start;
	size_t pages, left;
} exclusive;

static inline void take_back(int number, siginfo_t *info, void *context)
{
	char *page = (char *)((uintptr_t)info->si_addr & ~(uintptr_t)4095);

	(void)context;
	if (page < exclusive.start || page >= exclusive.start + exclusive.pages * 4096)
		signal(number, SIG_DFL); /* it happens again */
	else if (!mprotect(page, 4096, PROT_READ | PROT_WRITE))
		__atomic_fetch_sub(&exclusive.left, 1, __ATOMIC_SEQ_CST);
}

static inline void make_exclusive(void *start, size_t pages)
{
	struct sigaction action = { .sa_sigaction = take_back, .sa_flags = SA_SIGINFO };

	exclusive.start = start;
	exclusive.pages = exclusive.left = pages;
	if (sigaction(SIGSEGV, &action, NULL) || mprotect(start, pages * 4096, PROT_NONE))
		abort();
}

/* As the driver does on pages that are exclusive already, until the CPU has read them. */
static inline void retry(void *start, size_t pages)
{
	make_exclusive(start, pages);
	while (__atomic_load_n(&exclusive.left, __ATOMIC_SEQ_CST))
		usleep(1000);
}

#endif /* TESTS_STUB_EXCLUSIVE_H */
