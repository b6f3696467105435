/* SPDX-License-Identifier: MIT */
/*
 * Atomics of a device on memory that it may share with the CPU.
 *
 * A backend is a table of functions that runs in a child process only: a device that
 * hangs, a driver that dies or a context that a bad access has poisoned must not take the
 * results of others along.  The parent (child.c) forks, watches the clock and reads what
 * the child left in shared memory; it never loads a driver.  Nothing of a vendor is needed
 * to build: libraries are opened at run time, device code is text.
 *
 * Failures in a child are text, never exits: "not here" (the reason of a skip) is told
 * apart from "it went wrong" (recorded with what was measured until then).
 */
#ifndef GPU_GPU_H
#define GPU_GPU_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define GPU_PAGE	  4096u
#define GPU_PAGE_WORDS	  (GPU_PAGE / 4)
#define GPU_MAX_PAGES	  65536 /* 256 MiB: a benchmark, not a test of oversubscription */
#define GPU_MAX_STAMPS	  256	/* pages that are timed one by one */
#define GPU_MAX_LAUNCHES  24
#define GPU_MAX_SPANS	  4
#define GPU_MAX_POINTS	  12
#define GPU_TEXT	  256
#define GPU_START_MS	  120000 /* to get ready; DEXBENCH_GPU_START_MS */
#define GPU_TIMEOUT_MS	  10000	 /* then to work; DEXBENCH_GPU_TIMEOUT_MS for tests */
#define GPU_MAX_THREADS	  (1u << 17)
#define GPU_LAUNCH_CAP_NS 300000000u /* a device with a clock stops a launch by itself */

/* Where the words lie and what may move them; METHODOLOGY.md, "GPU atomics". */
enum gpu_memory {
	GPU_DEVICE,	       /* the device's own; the CPU cannot reach it */
	GPU_PINNED,	       /* the host's, mapped by both, moves never */
	GPU_MANAGED_MIGRATING, /* the driver's, goes where it is used */
	GPU_MANAGED_CPU,       /* the driver's, advised to stay with the CPU */
	GPU_SYSTEM_MIGRATING,  /* mmap(), no advice: may move to the device */
	GPU_SYSTEM_EXCLUSIVE,  /* mmap(), advised to stay: device-exclusive where HMM is */
	GPU_SHARED,	       /* from here on what no driver should make exclusive: negative.c */
	GPU_FILE,
	GPU_HUGETLB,
};

/* Whom an atomic is atomic towards: threads of the device, or everybody. */
enum gpu_scope { GPU_SCOPE_GPU, GPU_SCOPE_SYS };

/*
 * SAME: every thread adds to one word, through an address that a compiler cannot prove
 * equal.  UNIFORM: the same through one that it can, so that it may add once per warp.
 * AGGREGATED: once per warp because the code says so.  DISTINCT: threads walk the
 * footprint, neighbours next to each other.  SPAN: the first word of two pages and nothing
 * between them.  STAMPED: one thread, one word per page,
 * twice, each access timed.
 */
enum gpu_pattern { GPU_SAME, GPU_UNIFORM, GPU_DISTINCT, GPU_AGGREGATED, GPU_SPAN, GPU_STAMPED };

const char *gpu_memory_name(enum gpu_memory memory);
const char *gpu_scope_name(enum gpu_scope scope);

/* What a device says of itself that decides whether atomics of two processors mix;
 * 1 or 0, CUDA's attribute in brackets. */
struct gpu_support {
	int pageable;	   /* [88] reaches any memory of the process */
	int host_tables;   /* [100] through the CPU's page tables: ATS */
	int concurrent;	   /* [89] managed memory may be touched by both at once */
	int host_atomics;  /* [86] its atomics are atomic to the CPU, in mapped memory */
	int system_scope;  /* its code can name the widest scope */
	double clock_hz;   /* [13]; 0: says nothing about its atomics */
	size_t l2_bytes;   /* [38]; 0: not known, or its memory is not behind one */
	unsigned int simd; /* threads of which explicit aggregation makes one add */
};

struct gpu_buffer {
	enum gpu_memory memory;
	size_t bytes;
	uint32_t *cpu;	 /* NULL: the CPU cannot reach it */
	uint64_t device; /* address or handle, the backend's */
	void *private;
};

struct gpu_job {
	enum gpu_scope scope;
	enum gpu_pattern pattern;
	size_t words;		  /* that are added to: a power of two */
	size_t stride;		  /* from one of them to the next; 1 unless gpu_ops.strides */
	uint32_t *first, *second; /* STAMPED: ns of each page's accesses, words / GPU_PAGE_WORDS */
};

struct gpu_done {
	uint64_t atomics; /* as the device counted them; a launch may stop at its cap */
	double seconds;	  /* by the device's clock where it has one */
	int stamped;	  /* first and second are filled */
};

struct gpu_ops {
	const char *name;
	int in_page_tables; /* the kernel's tables show what became of a page */
	int strides;	    /* its code can leave out words between those that it adds to */
	/* Make it ready; NULL, or why it cannot be had here. */
	const char *(*probe)(void);
	/* Facts for the results, and for the rule of soundness. */
	json_t *(*describe)(void);
	struct gpu_support (*support)(void);
	/* Fill @b, whose memory and bytes are set: zeroed.  NULL, or why not. */
	const char *(*allocate)(struct gpu_buffer *b);
	/* Run once to the end; NULL, or what went wrong. */
	const char *(*run)(const struct gpu_buffer *b, const struct gpu_job *job,
			   struct gpu_done *done);
	/* Copies of what the CPU cannot reach; NULL where it always can. */
	const char *(*read)(const struct gpu_buffer *b, uint32_t *into);
	void (*free)(struct gpu_buffer *b);
	void (*close)(void);
};

extern const struct gpu_ops gpu_cuda, gpu_opencl, gpu_model;

/* One execution of a case. */
struct gpu_request {
	enum gpu_memory memory;
	enum gpu_scope scope;
	enum gpu_pattern pattern;
	int touch;    /* a CPU thread adds to the same words meanwhile */
	size_t pages; /* the largest footprint: a power of two */
	int ceiling;  /* none of these, but the rates of device memory; see ceiling.c */
};

/* What /proc/self/pagemap says of each page after a launch; see path.c. */
struct gpu_path {
	int known;
	uint32_t exclusive, migrated, present, other; /* pages */
	uint32_t types;				      /* bit t: swap type t was seen */
};

struct gpu_launch {
	uint32_t pages;
	int cold; /* the first since the CPU had all of it */
	uint64_t atomics, cpu_adds;
	double seconds, cpu_seconds;
	uint32_t ticks;	  /* of the clock, from the call to its completion */
	uint32_t rescues; /* it came back only after so many; no good sample */
};

/* Words of device memory that all threads added to, and how far apart they were. */
struct gpu_point {
	enum gpu_pattern pattern;
	uint32_t words, stride;
	double rate;
};

/* What became of the pages between two that the device added to. */
struct gpu_span {
	uint32_t pages, timed; /* the two among them; reads below */
	struct gpu_path path;  /* of those between */
	uint32_t read_ns[GPU_MAX_STAMPS], again_ns[GPU_MAX_STAMPS];
};

enum gpu_end { GPU_DONE, GPU_UNAVAILABLE, GPU_FAILED };

/* In memory shared with the child; what was written stays if it dies. */
struct gpu_outcome {
	enum gpu_end end;
	char reason[GPU_TEXT]; /* unless GPU_DONE */
	struct gpu_support support;
	uint32_t launches, stamps, touches;
	struct gpu_launch launch[GPU_MAX_LAUNCHES];
	uint32_t rescues; /* times that the CPU read all pages to end a launch */
	int64_t lost;	  /* adds that were made and are not in the sum */
	struct gpu_path path;
	uint32_t points; /* of a request for the ceiling */
	struct gpu_point point[GPU_MAX_POINTS];
	uint32_t spans;
	struct gpu_span span[GPU_MAX_SPANS];
	int stamped;
	uint32_t first_ns[GPU_MAX_STAMPS], second_ns[GPU_MAX_STAMPS], touch_ns[GPU_MAX_STAMPS];
	char description[4096]; /* JSON */
};

/* select.c: "auto", or a backend's name; 0 if it is none. */
int gpu_select(const char *name);
const char *gpu_selected(void); /* what came of "auto" */
/* Facts of the selected device, and why the others were not taken; to drop. */
json_t *gpu_describe(void);
struct gpu_outcome *gpu_execute(const struct gpu_request *request);
/* Of the selected device, once: not to be released. */
const struct gpu_outcome *gpu_execute_ceiling(void);
void gpu_release(struct gpu_outcome *outcome);

/* sound.c: may the device's adds and the CPU's be made at once without a loss? */
int gpu_sound(const struct gpu_support *s, const struct gpu_request *r);

/* facts.c: one execution as JSON, and what a case reports of it; NAN: not known. */
json_t *gpu_facts(const struct gpu_outcome *o, const struct gpu_request *r);
double gpu_rate(const struct gpu_outcome *o, int cold); /* at the largest footprint */
double gpu_cpu_rate(const struct gpu_outcome *o);
double gpu_percentile(const uint32_t *ns, size_t n, size_t percent); /* nearest rank */

/* ceiling.c: the most adds a second that the device's own memory takes; NAN: not known. */
double gpu_ceiling(const struct gpu_outcome *probed, enum gpu_pattern pattern);
double gpu_slices(const struct gpu_outcome *probed); /* that work at once */
json_t *gpu_ceiling_facts(const struct gpu_outcome *probed);

/* For backends and the child: child.c, job.c, system.c, path.c, touch.c, rescue.c, library.c. */
struct gpu_outcome *gpu_outcome_new(void); /* that a child can write to */
struct gpu_outcome *gpu_child(const struct gpu_ops *ops, const struct gpu_request *request);
/* 1 if the device is ready, else @o says why not; then the work. */
int gpu_prepare(const struct gpu_ops *ops, struct gpu_outcome *o);
void gpu_work(const struct gpu_ops *ops, const struct gpu_request *r, struct gpu_outcome *o);
/* NULL, or why a device like @s cannot be probed; then the probe, in @b of device memory. */
const char *gpu_no_ceiling(const struct gpu_ops *ops, const struct gpu_support *s);
size_t gpu_ceiling_bytes(const struct gpu_support *s);
const char *gpu_ceiling_probe(const struct gpu_ops *ops, const struct gpu_buffer *b,
			      struct gpu_outcome *o);
/* sum.c: all of @b; *@why if it cannot be read. */
uint64_t gpu_sum(const struct gpu_ops *ops, const struct gpu_buffer *b, const char **why);
__attribute__((format(printf, 1, 2))) const char *gpu_text(const char *format, ...);
double gpu_seconds(void); /* monotonic */

/* Memory of the process in base pages, verified before anything else may see it. */
const char *gpu_system_map(struct gpu_buffer *b);
void gpu_system_unmap(struct gpu_buffer *b);

const char *gpu_negative_map(struct gpu_buffer *b);
void gpu_negative_unmap(struct gpu_buffer *b);

struct gpu_frames; /* where pages were */
struct gpu_frames *gpu_frames_take(const void *start, size_t pages);
struct gpu_path gpu_frames_compare(struct gpu_frames *before); /* and frees it */
/* One page: @was and @is are entries of pagemap. */
enum gpu_where { GPU_OTHER, GPU_PRESENT, GPU_EXCLUSIVE, GPU_MIGRATED };
enum gpu_where gpu_where(uint64_t was, uint64_t is);

struct gpu_toucher;
struct gpu_toucher *gpu_touch_begin(uint32_t *words, size_t n, enum gpu_pattern pattern);
uint64_t gpu_touch_end(struct gpu_toucher *t, double *seconds); /* adds made */

/* While a launch is under way on @pages pages; @count is kept up to date. */
struct gpu_rescuer;
struct gpu_rescuer *gpu_rescue_begin(const uint32_t *words, size_t pages, uint32_t *count);
uint32_t gpu_rescue_end(struct gpu_rescuer *r); /* how often it was tried */

/* A shared library at run time; NULL and *@why if it is not there. */
void *gpu_library(const char *name, const char **why);
/* Fill @n function pointers; NULL, or which is missing. */
struct gpu_symbol {
	const char *name;
	void *into;
	int optional;
};

const char *gpu_symbols(void *library, const char *file, const struct gpu_symbol *s, size_t n);

#endif /* GPU_GPU_H */
