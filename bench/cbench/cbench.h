/* SPDX-License-Identifier: MIT */
/*
 * cbench: Google Benchmark from C.
 *
 * A thin C interface over the installed libbenchmark (1.6 or newer; tested
 * with 1.7.1 and 1.9.1).  It can be lifted out as it is: cbench.h and
 * cbench.cc, C++17, -lbenchmark; it knows nothing of the program around it.
 *
 *	static void copy(cbench_state *st, void *user)
 *	{
 *		while (cbench_keep_running(st))
 *			memcpy(user, src, cbench_range(st, 0));
 *	}
 *
 *	int main(int argc, char **argv)
 *	{
 *		cbench_init(&argc, argv);
 *		cbench_range_multiplied(cbench_register("copy", copy, dst), 8, 8192);
 *		return cbench_run(NULL) < 0;
 *	}
 *
 * Contract
 * - No C++ type and no exception crosses.  A function that can fail returns
 *   NULL or a negative number and cbench_last_error() says why.
 * - Strings are copied; @user pointers are the caller's and must outlive
 *   cbench_run().  Callbacks must return normally (no longjmp out of them).
 * - Not thread-safe: register and run from one thread.  Benchmarks with
 *   threads are left out on purpose: before 1.9.0 the library divides their
 *   real time by the number of threads and later it does not, so one number
 *   would have two meanings.
 * - Times are seconds or nanoseconds, as each function says.
 */
#ifndef CBENCH_H
#define CBENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CBENCH_API_VERSION 1

typedef struct cbench_bench cbench_bench; /* a registered benchmark */
typedef struct cbench_state cbench_state; /* one execution of it */

/* Called for each combination of arguments; loops over cbench_keep_running(). */
typedef void (*cbench_fn)(cbench_state *st, void *user);

enum cbench_unit { CBENCH_NS = 1, CBENCH_US, CBENCH_MS, CBENCH_S };

/* How a counter's value becomes the number that is shown. */
enum cbench_counter_flags {
	CBENCH_COUNTER_PLAIN = 0,   /* as it is */
	CBENCH_COUNTER_RATE = 1,    /* per second */
	CBENCH_COUNTER_AVERAGE = 2, /* per iteration */
};

enum cbench_outcome { CBENCH_OK = 1, CBENCH_SKIPPED, CBENCH_FAILED };

/**
 * struct cbench_result - what one execution came to
 * @size: sizeof(struct cbench_result) of the library
 * @outcome: enum cbench_outcome
 * @name: with its arguments, as `name/arg:value`
 * @message: why it was skipped or failed, else ""
 * @label: set by cbench_label(), else ""
 * @iterations: of the measured loop
 * @real_ns, @cpu_ns: per iteration; 0 under CBENCH_NO_TIME
 */
struct cbench_result {
	size_t size;
	int outcome;
	const char *name;
	const char *message;
	const char *label;
	int64_t iterations;
	double real_ns;
	double cpu_ns;
};

typedef void (*cbench_report_fn)(const struct cbench_result *result, void *user);

/*
 * The machine's clock is not one (an emulator's, say): times are reported as
 * 0 to every reporter, counters and labels carry the results.
 */
#define CBENCH_NO_TIME 1u

/**
 * struct cbench_options - how to run
 * @size: sizeof(struct cbench_options), for later growth
 * @flags: CBENCH_NO_TIME or 0
 * @report: called for each result instead of the library's own table; or NULL
 * @user: passed to @report
 */
struct cbench_options {
	size_t size;
	unsigned int flags;
	cbench_report_fn report;
	void *user;
};

/* The library and its start.  Google Benchmark's flags leave argc and argv;
 * --help prints its help and exits.  Returns 0 or -1. */
int cbench_api_version(void);
int cbench_init(int *argc, char **argv);
/* First argument that nobody took, or NULL. */
const char *cbench_unknown_argument(int argc, char **argv);
/* Why the last call failed; "" if none did.  Valid until the next call. */
const char *cbench_last_error(void);

/* Registering.  NULL on failure; every setter accepts and returns NULL too, so
 * that calls can be chained and checked once. */
cbench_bench *cbench_register(const char *name, cbench_fn fn, void *user);
cbench_bench *cbench_arg(cbench_bench *b, int64_t value);
cbench_bench *cbench_args(cbench_bench *b, const int64_t *values, size_t n);
cbench_bench *cbench_arg_names(cbench_bench *b, const char *const *names, size_t n);
/* lo, then powers of 8 between, then hi, as the library's Range(). */
cbench_bench *cbench_range_multiplied(cbench_bench *b, int64_t lo, int64_t hi);
cbench_bench *cbench_dense_range(cbench_bench *b, int64_t lo, int64_t hi, int step);
/* Every combination: lists[i] holds lengths[i] values. */
cbench_bench *cbench_args_product(cbench_bench *b, const int64_t *const *lists,
				  const size_t *lengths, size_t n);
cbench_bench *cbench_iterations(cbench_bench *b, int64_t n); /* fixed; > 0 */
cbench_bench *cbench_repetitions(cbench_bench *b, int n);
cbench_bench *cbench_min_time(cbench_bench *b, double seconds);
cbench_bench *cbench_time_unit(cbench_bench *b, enum cbench_unit unit);
cbench_bench *cbench_use_real_time(cbench_bench *b);
/* The time is what cbench_set_iteration_time() adds up to. */
cbench_bench *cbench_use_manual_time(cbench_bench *b);

/* Inside a callback. */
int cbench_keep_running(cbench_state *st);
int cbench_keep_running_batch(cbench_state *st, int64_t n); /* n at a time */
int64_t cbench_range(const cbench_state *st, size_t i);
int64_t cbench_iteration_count(const cbench_state *st); /* so far */
int64_t cbench_max_iterations(const cbench_state *st);
void cbench_pause_timing(cbench_state *st);
void cbench_resume_timing(cbench_state *st);
void cbench_set_iteration_time(cbench_state *st, double seconds);
void cbench_counter(cbench_state *st, const char *name, double value,
		    enum cbench_counter_flags flags); /* finite values only */
void cbench_label(cbench_state *st, const char *label);
void cbench_items_processed(cbench_state *st, int64_t n);
void cbench_bytes_processed(cbench_state *st, int64_t n);
/* End this execution: nothing is wrong, it cannot run here.  Before 1.8.0 the
 * library knows only errors; the reason is then reported as one, and a
 * cbench_report_fn still sees CBENCH_SKIPPED. */
void cbench_skip(cbench_state *st, const char *reason);
void cbench_fail(cbench_state *st, const char *reason);

/* A key and value for the "context" of reports. */
int cbench_add_context(const char *key, const char *value);
/* Run what is registered and matches --benchmark_filter; NULL: defaults.
 * Returns how many ran, 0 if none matched, -1 on failure. */
int64_t cbench_run(const struct cbench_options *options);
void cbench_shutdown(void);

#ifdef __cplusplus
}
#endif
#endif /* CBENCH_H */
