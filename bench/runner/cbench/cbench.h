/* SPDX-License-Identifier: MIT */
/*
 * cbench: Google Benchmark from C, as far as dexbench calls it.
 *
 * Google Benchmark has no C interface, and dexbench is C.  It chooses what runs
 * (--benchmark_filter), repeats it, prints it, and writes the JSON that its compare.py and
 * others' tools read; that is why it is here, though dexbench takes every sample itself.  This
 * file stands between the two, for three reasons besides the language:
 *
 * - An emulator's clock is none: CBENCH_NO_TIME keeps times from every reporter.
 * - A case that cannot run here is skipped, which is no failure.  Before 1.8.0 the library
 *   knows only errors; here both are the same.
 * - Versions from 1.6 on differ in members and in the namespace (tested: 1.7.1, 1.9.1).
 *
 * It knows nothing of the program around it, and has no function that the program does not call
 * (make check PART=static).
 *
 * Contract
 * - No C++ type and no exception crosses.  A function that can fail returns
 *   NULL or a negative number and cbench_last_error() says why.
 * - Strings are copied; @user pointers are the caller's and must outlive
 *   cbench_run().  Callbacks must return normally (no longjmp out of them).
 * - Not thread-safe: register and run from one thread.
 */
#ifndef CBENCH_H
#define CBENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cbench_bench cbench_bench; /* a registered benchmark */
typedef struct cbench_state cbench_state; /* one execution of it */

/* Called for each execution; loops over cbench_keep_running_batch(). */
typedef void (*cbench_fn)(cbench_state *st, void *user);

/**
 * struct cbench_result - what one execution came to
 * @name: as it was registered, and what the library appends but for iterations
 * @skipped: why it did not run, or NULL
 * @label: set by cbench_label(), else ""
 */
struct cbench_result {
	const char *name;
	const char *skipped;
	const char *label;
};

typedef void (*cbench_report_fn)(const struct cbench_result *result);

/*
 * The machine's clock is not one (an emulator's, say): times are reported as
 * 0 to every reporter, counters and labels carry the results.
 */
#define CBENCH_NO_TIME 1u

/* The library's start.  Google Benchmark's flags leave argc and argv;
 * --help prints its help and exits.  Returns 0 or -1. */
int cbench_init(int *argc, char **argv);
/* First argument that nobody took, or NULL. */
const char *cbench_unknown_argument(int argc, char **argv);
/* Why the last call failed; "" if none did.  Valid until the next call. */
const char *cbench_last_error(void);

/* Registering.  NULL on failure; every setter accepts and returns NULL too, so
 * that calls can be chained and checked once. */
cbench_bench *cbench_register(const char *name, cbench_fn fn, void *user);
/* The fewest, > 0.  Who does more at a time, by cbench_keep_running_batch(), did as many as it says. */
cbench_bench *cbench_iterations(cbench_bench *b, int64_t n);
/* The time is what cbench_set_iteration_time() adds up to. */
cbench_bench *cbench_use_manual_time(cbench_bench *b);

/* Inside a callback. */
int cbench_keep_running_batch(cbench_state *st, int64_t n); /* n at a time */
void cbench_set_iteration_time(cbench_state *st, double seconds);
void cbench_counter(cbench_state *st, const char *name, double value); /* finite values only */
void cbench_label(cbench_state *st, const char *label);
/* End this execution: nothing is wrong, it cannot run here. */
void cbench_skip(cbench_state *st, const char *reason);

/* A key and value for the "context" of reports. */
int cbench_add_context(const char *key, const char *value);
/* Run what is registered and matches --benchmark_filter, with CBENCH_NO_TIME or 0; @report
 * is called for each result instead of the library's own table, or NULL.  No report has a number of
 * iterations in names, and a skip is none of its errors.
 * Returns how many ran, 0 if none matched, -1 on failure. */
int64_t cbench_run(unsigned int flags, cbench_report_fn report);
void cbench_shutdown(void);

#ifdef __cplusplus
}
#endif
#endif /* CBENCH_H */
