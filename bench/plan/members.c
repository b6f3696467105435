// SPDX-License-Identifier: MIT
/*
 * What lockstep measured of N members of a fork tree beside those that convert.
 *
 * A series is what one case has against one kind of others; it needs a row without others, and one
 * of a hold in exact mode, which says whether a conversion takes the root lock, and for how long.
 *
 * A wait of 100,000 instructions and more is not in the model: writers that take a free
 * lock awake may pass a sleeper over again and again, until the kernel hands the lock over
 * after a timer's tick.  Such waits are counted, and left out of what was measured.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/known.h"
#include "lib/core/die.h"
#include "plan.h"

#define LOST 1e5

static int is_closed(json_t *params)
{
	const char *loop = json_string_value(json_object_get(params, "loop"));

	return !loop || !strcmp(loop, "closed");
}

static const char *against_of(const struct row *row)
{
	const char *against = json_string_value(json_object_get(row->params, "against"));

	return against ? against : "";
}

static double others_of(const struct row *row)
{
	double members = measure_number(row->params, "members");

	return isnan(members) ? measure_number(row->params, "others") : members - 1;
}

double members_throughput(const struct members *m, const struct members_row *row, double cycle)
{
	return (m->siblings ? row->others + 1 : 1) * 1e6 / cycle;
}

int members_judged(const struct members_row *row)
{
	return row->measured && !row->fitted && !row->crowded;
}

static const struct cell *cell_of(const struct table *t, size_t k, const struct row *like,
				  const char *metric)
{
	for (size_t i = 0; i < t->rows; i++)
		if (measure_is(&t->row[i], like->case_name, metric) &&
		    json_equal(t->row[i].params, like->params) && t->row[i].cell[k].boots)
			return &t->row[i].cell[k];
	return NULL;
}

/* The mean over all runs of all boots, of the inverse if asked for. */
static double mean_of(const struct cell *cell, int inverse)
{
	double sum = 0;
	size_t n = 0;

	for (size_t b = 0; cell && b < cell->boots; b++)
		for (size_t r = 0; r < cell->boot[b].runs; r++, n++)
			sum += inverse ? 1 / cell->boot[b].run[r] : cell->boot[b].run[r];
	return sum / (double)n;
}

static void leave_out_lost(const struct cell *cell, struct members_row *row)
{
	double ticks = 0;

	for (size_t b = 0; cell && b < cell->boots; b++) {
		const struct boot *boot = &cell->boot[b];

		row->samples += boot->samples;
		for (size_t i = boot->samples; i-- && boot->ticks[i] * boot->per_tick >= LOST;) {
			ticks += boot->ticks[i] * boot->per_tick;
			row->lost++;
		}
	}
	if (row->lost)
		row->cycle = (row->whole * (double)row->samples - ticks) /
			     (double)(row->samples - row->lost);
}

static struct members_row row_of(const struct table *t, size_t k, const struct members *m,
				 const struct row *row)
{
	json_t *online = env_at(t->kernel[k].run, "cpu.online");
	struct members_row r = { .others = others_of(row), .measured = 1 };

	r.whole = r.cycle = (m->siblings ? r.others + 1 : 1) * 1e6 * mean_of(&row->cell[k], 1);
	leave_out_lost(cell_of(t, k, row, NULL), &r);
	r.sleeps = mean_of(cell_of(t, k, row, "sleeps"), 0) / 1e3;
	r.operation = mean_of(cell_of(t, k, row, "disturber_op"), 0);
	r.crowded = r.others + 1 > json_number_value(online);
	return r;
}

static int by_others(const void *a, const void *b)
{
	double x = ((const struct members_row *)a)->others;
	double y = ((const struct members_row *)b)->others;

	return (x > y) - (x < y);
}

static int belongs(const struct members *m, const struct row *row)
{
	return others_of(row) >= 0 && others_of(row) <= MOST_MEMBERS &&
	       measure_is(row, m->case_name, "throughput") && is_closed(row->params) &&
	       !strcmp(against_of(row), m->against);
}

/* A row that says nothing is none. */
static void add_row(struct members *m, struct members_row row)
{
	if (row.measured && !(row.cycle > 0 && isfinite(row.cycle)))
		return;
	m->row = xrealloc(m->row, m->rows + 1, sizeof(*m->row));
	m->row[m->rows++] = row;
}

/* Nobody beside it, and what is @asked for, if that was not measured. */
static void fill(const struct table *t, size_t k, struct members *m, double asked)
{
	int there = isnan(asked);

	for (size_t i = 0; i < t->rows; i++)
		if (belongs(m, &t->row[i]) && t->row[i].cell[k].boots)
			add_row(m, row_of(t, k, m, &t->row[i]));
	for (size_t i = 0; i < m->rows; i++)
		there |= m->row[i].others == asked;
	if (!there)
		add_row(m, (struct members_row){ .others = asked });
	qsort(m->row, m->rows, sizeof(*m->row), by_others);
}

/* In exact mode: for how long one conversion holds the root lock; 0: it does not take it. */
static double hold_of(const struct table *exact, const char *spec)
{
	for (size_t k = 0; k < exact->kernels; k++) {
		if (strcmp(exact->kernel[k].spec, spec))
			continue;
		for (size_t i = 0; i < exact->rows; i++) {
			const struct row *row = &exact->row[i];
			const struct cell *taken;

			if (!measure_tells(row, "hold", NULL) || !row->cell[k].boots ||
			    measure_number(row->params, "sharers") != 0)
				continue;
			taken = cell_of(exact, k, row, "acquisitions");
			return taken && mean_of(taken, 0) > 0 ? mean_of(&row->cell[k], 0) : 0;
		}
	}
	die_usage(
		"--exact: it has no %s of %s, which says for how long a conversion holds the lock; make ab CASES=%s KERNELS=%s",
		known_telling("hold"), spec, known_telling("hold"), spec);
}

/* A series has one row without others, whatever comes beside it. */
static int begins_series(const struct row *row, size_t k)
{
	return measure_tells(row, "members", "throughput") && is_closed(row->params) &&
	       others_of(row) == 0 && row->cell[k].boots;
}

/* Of @row, unless there are too few others to tell from; a note says so. */
static void add_series(struct table *t, size_t k, const struct table *exact, double asked,
		       const struct row *row, struct members **list, size_t *n)
{
	struct members m = { .kernel = t->kernel[k].label,
			     .case_name = row->case_name,
			     .against = against_of(row),
			     .siblings = !strcmp(against_of(row), "siblings") };

	fill(t, k, &m, asked);
	if (!m.rows || m.row[0].others != 0)
		return;
	m.hold = hold_of(exact, t->kernel[k].spec);
	if (m.hold >= m.row[0].cycle)
		die_usage(
			"--exact: a conversion by %s holds the lock for %.0f instructions there and takes %.0f in all here: results of two kernels",
			m.kernel, m.hold, m.row[0].cycle);
	if (!members_fit(&m)) {
		table_note(
			t, FACT_MODEL,
			xasprintf(
				"%s: %s against %s: two numbers of others with a CPU each are needed to predict any; more CPUs, say CPUS=12",
				m.kernel, m.case_name, m.against));
		return;
	}
	*list = xrealloc(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = m;
}

struct members *members(struct table *t, size_t k, const struct table *exact, double asked,
			struct members *list, size_t *n)
{
	for (size_t i = 0; i < t->rows; i++)
		if (begins_series(&t->row[i], k))
			add_series(t, k, exact, asked, &t->row[i], &list, n);
	return list;
}
