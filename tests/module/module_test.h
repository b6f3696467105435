/* SPDX-License-Identifier: MIT */
/* What the files of module_test share. */
#ifndef MODULE_TEST_H
#define MODULE_TEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../kernel-module/dex_uapi.h"

#define SAMPLES 4096u
#define PAGE	((size_t)4096)

extern int fd;
extern struct dex_sample *samples; /* SAMPLES of them */
extern struct dex_info info;

void expect(const char *what, long found, long wanted);

/* 0 or the errno of a request. */
int try(unsigned long code, void *arg);

/* One field of a good request replaced. */
struct wrong {
	const char *what;
	size_t offset, size;
	uint64_t value;
	int error;
};

#define WRONG(type, field, value, error)                                                           \
	{                                                                                          \
#type "." #field, offsetof(struct type, field), sizeof(((struct type *)0)->field), \
			value, error                                                               \
	}

void expect_wrong(unsigned long code, const void *good, size_t size, const struct wrong *w,
		  size_t n);

struct dex_run good_run(const void *start, uint64_t count);

/* Waits; the exit status, or a signal's number less than 0. */
int child_status(pid_t pid);

/* A child that works, and says that it does in @size bytes. */
pid_t started(const char *what, void (*work)(int ready), void *said, size_t size);

/* A child that works, tells by a byte that it does, and is killed in the middle of it.
 * Afterwards guest-init unloads the module, which a leaked file would stop. */
void killed(const char *what, void (*work)(int ready));

/* A number that is small, an edge, or anything. */
uint64_t odd_number(uint32_t *state);

/* module_driver.c */
void test_hold(void);
void test_loop(void);

/* module_device.c */
void test_device(void);

struct mem;
#define DEVICE_PAGES 8u
struct dex_device good_device(const struct mem *mem, uint32_t engines);
struct dex_job good_job(void); /* one word a page of DEVICE_PAGES, 64 bits wide */

/* module_other.c */
void test_other(void);

/* module_owner.c */
void test_owner(void);

/* module_cgroup.c */
void test_cgroup(void);

/* module_revoke.c */
void test_revoke(void);

/* module_private.c */
void test_private(void);

/* module_hmm.c */
void test_hmm(void);

/* module_leave.c */
void test_leave(void);

#endif /* MODULE_TEST_H */
