// SPDX-License-Identifier: MIT
/* The ways side by side, in words and in the planner's units. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "plan.h"

#define COLUMNS 80
#define ROWS	9

static const char *const way_words[N_SHARING_WAYS] = {
	[IN_PLACE] = "stay exclusive", [MIGRATING] = "migrate", [PINNED] = "pin"
};

static const char *const limit_of[] = {
	[LIMIT_NONE] = "nothing",      [LIMIT_ATOMICS] = "the device",
	[LIMIT_FAULTS] = "its faults", [LIMIT_HANDLER] = "the handler",
	[LIMIT_CPU] = "CPU threads",
};

static void say(FILE *f, char *text)
{
	wrap(f, text, COLUMNS, "");
	free(text);
}

/* "9.8 M/s" */
static char *rate(double value)
{
	static const char *const prefix[] = { "", " k", " M", " G", " T" };
	size_t i = 0;

	if (!isfinite(value))
		return xstrdup("-");
	for (; value >= 999.5 && i < 4; i++)
		value /= 1000;
	return xasprintf("%.3g%s/s", value, i ? prefix[i] : " ");
}

static char *size(double bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;

	for (; bytes >= 1024 && i < 4; i++)
		bytes /= 1024;
	return xasprintf("%.4g %s", bytes, unit[i]);
}

static char *percent(double share)
{
	return xasprintf(share < 0.0095 ? "%.2g %%" : "%.0f %%", 100 * share);
}

/* In place or migrate, and of which kernel. */
static char *choice(const struct ways *ways)
{
	char *stay = percent(ways->way[IN_PLACE].reached), *text;
	char *migrate =
		ways->way[MIGRATING].known ? percent(ways->way[MIGRATING].reached) : xstrdup("");

	switch (ways_choice(ways)) {
	case CHOOSE_IN_PLACE:
		text = xasprintf("in place: it reaches %s of what you asked for", stay);
		break;
	case CHOOSE_MIGRATING:
		text = xasprintf("migrate: that reaches %s of what you asked for, and staying %s",
				 migrate, stay);
		break;
	case CHOOSE_NEITHER:
		text = xasprintf("neither: staying reaches %s of what you asked for, migrating %s",
				 stay, migrate);
		break;
	default:
		text = xasprintf(
			"not in place: that reaches %s of what you asked for; whether migrating does better is not known, %s is missing",
			stay, ways->way[MIGRATING].missing);
	}
	free(stay);
	free(migrate);
	return text;
}

static void put_line(struct grid *g, size_t row, const char *name, char **of_way)
{
	char **cell = g->cell + row * g->columns;

	cell[0] = xstrdup(name);
	for (size_t i = 0; i < N_SHARING_WAYS; i++)
		cell[1 + i] = of_way[i];
}

static char *cores(double value)
{
	return xasprintf(value >= 0.05 || value == 0 ? "%.1f" : "%.2g", value);
}

static char *cell(const struct way *way, const struct workload *w, double second, size_t row)
{
	if (!way->known)
		return xstrdup("?");
	switch (row) {
	case 1:
		return rate(way->atomics * second);
	case 2:
		return percent(way->atomics / (w->pages * w->atomics));
	case 3:
		return rate(way->touches * second);
	case 4:
		return percent(w->touches > 0 ? way->touches / (w->pages * w->touches) : 1);
	case 5:
		return rate(way->conversions * second);
	case 6:
		return xasprintf("%.3g GB/s", way->copied * second / 1e9);
	case 7:
		return cores(way->lost);
	case 8:
		return cores(way->handler);
	default:
		return xstrdup(limit_of[way->limit]);
	}
}

static void put_ways(FILE *f, const struct ways *ways, const struct workload *w, double second)
{
	static const char *const name[] = { "",
					    "device atomics",
					    "  of what you asked for",
					    "CPU touches",
					    "  of what you asked for",
					    "pages there and back",
					    "copied for it",
					    "CPU cores lost to faults",
					    "  and to the device's handler",
					    "what limits" };
	struct grid g = grid_make(ROWS + 1, 1 + N_SHARING_WAYS);

	for (size_t r = 0; r <= ROWS; r++) {
		char *of_way[N_SHARING_WAYS];

		for (size_t i = 0; i < N_SHARING_WAYS; i++)
			of_way[i] = r ? cell(&ways->way[i], w, second, r) : xstrdup(way_words[i]);
		put_line(&g, r, name[r], of_way);
	}
	grid_print(f, &g, N_SHARING_WAYS - 1, COLUMNS);
	grid_free(&g);
}

/* What would make staying enough. */
static void put_change(FILE *f, const struct ways *ways, const struct workload *w, double second)
{
	char *text, *touches, *granule, *devices, *most;

	if (ways->way[IN_PLACE].reached >= PLAN_ENOUGH)
		return;
	most = rate(ways->fewer_touches * w->touches * w->pages * second);
	touches = isnan(ways->fewer_touches)
			  ? xstrdup("fewer touches do not help")
			  : xasprintf("the CPU may touch %s at most, 1 in %.3g of what you said",
				      most, 1 / ways->fewer_touches);
	granule = ways->granule ? xasprintf("or one fault takes %u pages for the price of one",
					    ways->granule)
				: xstrdup("a granule of 512 pages is not enough");
	devices =
		ways->devices
			? xasprintf(
				  "or %u devices have a part of the memory each, and a handler of their own",
				  ways->devices)
			: xstrdup("64 devices are not enough");
	text = xasprintf("To stay and reach %.0f %%: %s; %s; %s.", 100 * PLAN_ENOUGH, touches,
			 granule, devices);
	say(f, text);
	free(most);
	free(touches);
	free(granule);
	free(devices);
}

/* The balance that the model solves, with its numbers. */
static void explain(FILE *f, const struct ways *ways, const struct workload *w, double per_ns)
{
	const double *c = ways->cost;
	double fault = c[DEVICE_FAULT] + c[SHARER] * w->sharers;
	double n = ways->way[IN_PLACE].conversions * per_ns * 1e9;
	double visits = ways->way[IN_PLACE].atomics * per_ns * 1e9 / w->pages;
	double touches = ways->way[IN_PLACE].touches * per_ns * 1e9 / w->pages;

	say(f,
	    xasprintf(
		    "n, pages there and back a second, of N pages that are touched t times and visited v times a second each, while a fault takes c on the device's side and f on the CPU's:"));
	fprintf(f, "    n = N / (1/t + 1/v + c + f)\n");
	fprintf(f, "      = %.0f / (1/%.4g + 1/%.4g + %.3g us + %.3g us) = %.4g\n", w->pages,
		touches, visits, fault / per_ns / 1e3, c[CPU_FAULT] / per_ns / 1e3, n);
	say(f,
	    xasprintf(
		    "The handler is busy n c = %.3g, the CPU loses n f = %.3g cores, and %.0f engine%s with an atomic of %.3g ns %s left for v.",
		    ways->way[IN_PLACE].handler, ways->way[IN_PLACE].lost, w->engines,
		    w->engines == 1 ? "" : "s", c[ATOMIC] / per_ns,
		    w->engines == 1 ? "is" : "are"));
}

static void put_workload(FILE *f, const struct plan_answer *a)
{
	const struct workload *w = &a->workload;
	double second = 1e9 * a->per_ns;
	char *bytes = size(w->pages * PLAN_PAGE), *atomics = rate(w->atomics * w->pages * second);
	char *touches = rate(w->touches * w->pages * second);

	say(f,
	    xasprintf(
		    "You asked for: %s atomics on %s at random, by %.0f engine%s; %s touches by %.0f CPU thread%s (%s).",
		    atomics, bytes, w->engines, w->engines == 1 ? "" : "s", touches, w->threads,
		    w->threads == 1 ? "" : "s", w->touch));
	if (a->per_ns != 1 || strcmp(a->unit, "ns"))
		say(f,
		    xasprintf(
			    "Clock: %g instructions a ns, as you said; the costs are counts of instructions, and caches and memory are in them only by that.",
			    a->per_ns));
	free(bytes);
	free(atomics);
	free(touches);
}

void ways_text(FILE *f, const struct plan_answer *a, int is_explained)
{
	double second = 1e9 * a->per_ns;
	struct ways *ways = xcalloc(a->kernels, sizeof(*ways));
	json_t *note;
	size_t i;

	for (size_t k = 0; k < a->kernels; k++) {
		char *words;

		ways[k] = ways_of(&a->kernel[k], &a->workload);
		words = choice(&ways[k]);
		say(f, xasprintf("%s: %s.", a->kernel[k].label, words));
		free(words);
	}
	fputc('\n', f);
	put_workload(f, a);
	for (size_t k = 0; k < a->kernels; k++) {
		fprintf(f, "\n%s\n", a->kernel[k].label);
		put_ways(f, &ways[k], &a->workload, second);
		put_change(f, &ways[k], &a->workload, second);
		if (is_explained)
			explain(f, &ways[k], &a->workload, a->per_ns);
	}
	fputc('\n', f);
	say(f,
	    xstrdup("Pin: the memory stays where it is and nothing faults, which is right only for a device whose atomics are atomic for the CPU, too."));
	json_array_foreach(a->notes, i, note)
		say(f, xasprintf("note: %s", json_string_value(note)));
	free(ways);
}
