/* SPDX-License-Identifier: MIT */
/* What loading boots knows, and what nobody may see who was not there: no file carries it. */
#ifndef RESULTS_LOAD_H
#define RESULTS_LOAD_H

#include "results/table.h"

struct load {
	int pilot, keep;      /* keep: all samples */
	const char *no_cases; /* what to say where no case matches, or NULL */
	json_t *boots_seen;   /* real paths */
	struct parts *parts;  /* of parts.c */
	struct load_kernel {
		json_t *changed; /* conditions in which its other boots differ from the first */
		double loop_call, loop_gap; /* ticks of the module's loop, of the case that shows
					       it; 0: none */
		double stamp; /* ticks of a pair of the module's stamps; 0: not known */
		/* Seconds of CPUs that the host took, and that cases had; the worst case's share. */
		double stolen, had, most_stolen;
		char *most_stolen_in;
	} kernel[COMPARE_MAX_KERNELS];
};

/* Set @t up for table_load(), which else does it itself. */
struct load *load_of(struct table *t);

/* load.c: the campaign whose parts these are. */
void table_load_parts(struct table *t);

/* parts.c: directories of the campaign that is being loaded; asked for one, files are read below it. */
size_t parts_count(struct table *t);
const char *parts_at(struct table *t, size_t part);
/* A boot there was loaded; @entry is its kernel's in @plan. */
void parts_boot(struct table *t, size_t part, const char *boot, json_t *entry, json_t *plan);
/* stamps.c: medians of the first result, so that an interrupt belongs to neither. */
struct samples;
void loop_load(struct load *load, size_t k, struct samples *file, const char *path);

/* lone.c: of a directory that dexbench wrote itself, the plan of one boot. */
json_t *lone_plan(const char *directory);
/* Where that run of a case lies, to free; NULL: a boot that nobody planned is without it. */
char *run_path(const struct table *t, const char *boot, const char *name, size_t run);

#endif /* RESULTS_LOAD_H */
