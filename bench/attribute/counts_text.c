// SPDX-License-Identifier: MIT
/* What happened in lockstep mode, for people: both kernels beside each other. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"

#define LEAST	     0.01 /* an operation; less is not shown */
#define FUNCTIONS    3	  /* of a structure */
#define FRAMES	     5	  /* of a path, the innermost */
#define LEAST_WAITED 1	  /* ticks an operation */

static const struct {
	const char *event, *says;
} events[] = {
	{ "read_lock", "rwsems taken for reading, or tried to" },
	{ "write_lock", "rwsems taken for writing, or tried to" },
	{ "read_wait", "of them contended: readers that queue" },
	{ "write_wait", "of them contended: writers that queue" },
	{ "spinlock_wait", "spinlocks that were taken" },
	{ "mutex_wait", "mutexes that were taken" },
	{ "optimistic_spin", "sleepers that spin instead, at first" },
	{ "sleep", "sleeps" },
	{ "wake", "others woken, or tried to" },
	{ "pause", "PAUSEs" },
	{ "ipi_sent", "interrupts sent to other CPUs, one for several at once" },
	{ "ipi_received", "interrupts received from other CPUs" },
	{ "flush", "TLB flushes begun" },
	{ "flush_done", "TLB flushes carried out, here or for another" },
};

/* Of a member that lies so deep, or 0. */
static double number(json_t *object, const char *key, const char *in)
{
	return json_number_value(
		json_object_get(in ? json_object_get(object, key) : object, in ? in : key));
}

static void put_pair(FILE *out, double a, double b)
{
	fprintf(out, " %10.4g %10.4g", a, b);
}

static void put_events(FILE *out, json_t *a, json_t *b)
{
	json_t *x = json_object_get(a, "events"), *y = json_object_get(b, "events");
	json_t *all = json_object_get(a, "everywhere"), *rest = json_object_get(b, "everywhere");

	fputs("\n  events an operation       in all, on all CPUs\n"
	      "          A          B          A          B\n",
	      out);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		const char *name = events[i].event;
		double n[] = { number(x, name, NULL), number(y, name, NULL), number(all, name, "n"),
			       number(rest, name, "n") };

		if (n[0] == 0 && n[1] == 0 && n[2] == 0 && n[3] == 0)
			continue;
		put_pair(out, n[0], n[1]);
		put_pair(out, n[2], n[3]);
		fprintf(out, "  %s\n", events[i].says);
	}
}

/* A name and what both kernels have of it. */
struct pair {
	const char *name;
	double n[SIDES];
};

static int by_size(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	double d = fmax(y->n[A], y->n[B]) - fmax(x->n[A], x->n[B]);

	return d < 0 ? -1 : d > 0 ? 1 : strcmp(x->name, y->name);
}

/* The names of both, the greatest first; @in is a member of theirs, or NULL. */
static struct pair *pairs(json_t *a, json_t *b, const char *in, size_t *n)
{
	struct pair *list = xcalloc(json_object_size(a) + json_object_size(b) + 1, sizeof(*list));
	const char *name;
	json_t *value;

	*n = 0;
	json_object_foreach(a, name, value)
		list[(*n)++] = (struct pair){ name, { number(a, name, in), number(b, name, in) } };
	json_object_foreach(b, name, value)
		if (!json_object_get(a, name))
			list[(*n)++] = (struct pair){ name, { 0, number(b, name, in) } };
	qsort(list, *n, sizeof(*list), by_size);
	return list;
}

static void put_functions(FILE *out, json_t *a, json_t *b)
{
	size_t n;
	struct pair *list = pairs(a, b, NULL, &n);

	for (size_t i = 0; i < n && i < FUNCTIONS; i++)
		fprintf(out, "%s%s", i ? ", " : "  (", list[i].name);
	fputs(n > FUNCTIONS ? ", ...)\n" : n ? ")\n" : "\n", out);
	free(list);
}

static void put_moved(FILE *out, json_t *a, json_t *b)
{
	json_t *x = json_object_get(a, "moved"), *y = json_object_get(b, "moved");
	double all[SIDES] = { 0 }, small[SIDES] = { 0 };
	size_t n;
	struct pair *list = pairs(x, y, "moved", &n);

	fputs("\n  lines moved between CPUs, an operation\n"
	      "          A          B  in  (by)\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		int is_small = fmax(list[i].n[A], list[i].n[B]) < LEAST;

		for (int s = 0; s < SIDES; s++) {
			all[s] += list[i].n[s];
			small[s] += is_small ? list[i].n[s] : 0;
		}
		if (is_small)
			continue;
		put_pair(out, list[i].n[A], list[i].n[B]);
		fprintf(out, "  %s", list[i].name);
		put_functions(out, json_object_get(json_object_get(x, list[i].name), "functions"),
			      json_object_get(json_object_get(y, list[i].name), "functions"));
	}
	put_pair(out, small[A], small[B]);
	fprintf(out, "  elsewhere, less than %g each\n", LEAST);
	put_pair(out, all[A], all[B]);
	fputs("  all\n", out);
	free(list);
}

/* The last frames of a path. */
static const char *innermost(const char *path)
{
	const char *at = path + strlen(path);
	int frames = 0;

	while (at > path && frames < FRAMES)
		frames += *--at == ';';
	return at > path ? at + 1 : at;
}

/* By what is shown of a path, since the frames above differ between kernels. */
static json_t *by_innermost(json_t *counts, const char *key)
{
	json_t *waits = json_object_get(counts, "waits"), *sums = json_object(), *wait;
	const char *path;

	json_object_foreach(waits, path, wait) {
		const char *name = innermost(path);

		json_object_set_new(sums, name,
				    json_real(number(sums, name, NULL) + number(wait, key, NULL)));
	}
	return sums;
}

static void put_waited(FILE *out, json_t *a, json_t *b, const char *key, const char *says)
{
	json_t *x = by_innermost(a, key), *y = by_innermost(b, key);
	size_t n;
	struct pair *list = pairs(x, y, NULL, &n);

	for (size_t i = 0; i < n && fmax(list[i].n[A], list[i].n[B]) >= LEAST_WAITED; i++) {
		if (!i)
			fprintf(out,
				"\n  ticks an operation %s, by where\n          A          B\n",
				says);
		put_pair(out, list[i].n[A], list[i].n[B]);
		fprintf(out, "  %s\n", list[i].name);
	}
	free(list);
	json_decref(x);
	json_decref(y);
}

void counts_text(FILE *out, json_t *a, json_t *b)
{
	put_events(out, a, b);
	put_moved(out, a, b);
	put_waited(out, a, b, "waited", "from going to sleep to running again");
	put_waited(out, a, b, "paused", "of PAUSEs");
}
