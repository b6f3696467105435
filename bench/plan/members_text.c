// SPDX-License-Identifier: MIT
/* Predictions of what N members of a fork tree cost, beside what was measured. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/json.h"
#include "plan.h"

#define COLUMNS	     139
#define N_OF_COLUMNS 10

/* Nothing of what was not measured, or is not said. */
static char *number(double value, int is_there, const char *format)
{
	char *text;

	if (!is_there || !isfinite(value))
		return xstrdup("-");
	text = !strcmp(format, "%+.1f")	 ? xasprintf("%+.1f", value)
	       : !strcmp(format, "%.1f") ? xasprintf("%.1f", value)
					 : xasprintf("%.0f", value);
	return text;
}

static double error_pct(const struct members_row *row)
{
	return 100 * (row->cycle / row->cycle_said - 1);
}

static const char *verdict(const struct members_row *row)
{
	if (row->crowded)
		return "crowded";
	if (!row->measured)
		return "";
	return row->fitted ? "fitted" : row->holds ? "yes" : "NO";
}

static void put_one(char **cell, const struct members *m, const struct members_row *row)
{
	int waits = m->hold > 0 && !m->siblings && row->others > 0;

	cell[0] = xasprintf("%s %s against %s", m->kernel, m->case_name, m->against);
	cell[1] = number(row->others, 1, "");
	cell[2] = number(members_throughput(m, row, row->cycle), row->measured, "%.1f");
	cell[3] = number(members_throughput(m, row, row->cycle_said), 1, "%.1f");
	cell[4] = number(error_pct(row), row->measured, "%+.1f");
	cell[5] = number(1e3 * row->sleeps, row->measured, "%.1f");
	cell[6] = number(1e3 * row->sleeps_said, 1, waits ? "%.1f" : "");
	cell[7] = number(row->operation, row->measured, "");
	cell[8] = number(row->operation_said, 1, "");
	cell[9] = xstrdup(verdict(row));
}

static size_t rows_of(const struct members *list, size_t n)
{
	size_t rows = 0;

	for (size_t i = 0; i < n; i++)
		rows += list[i].rows;
	return rows;
}

static void put_lost(FILE *f, const struct members *m)
{
	for (size_t i = 0; i < m->rows; i++) {
		const struct members_row *row = &m->row[i];

		if (row->lost)
			fprintf(f,
				"note: %s %s against %s, %.0f: %zu of %zu conversions waited 100,000 instructions or more, and are left out; with them %.1f\n",
				m->kernel, m->case_name, m->against, row->others, row->lost,
				row->samples, members_throughput(m, row, row->whole));
	}
}

static void put_sum(FILE *f, const struct members *list, size_t n)
{
	size_t held = 0, predicted = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < list[i].rows; r++) {
			const struct members_row *row = &list[i].row[r];

			if (!members_judged(row))
				continue;
			predicted++;
			held += (size_t)row->holds;
		}
	fprintf(f, "\n%zu of %zu predictions of throughput hold: off by 10 %% at most\n", held,
		predicted);
}

void members_text(FILE *f, const struct plan_answer *a, const struct members *list, size_t n)
{
	static const char *const head[N_OF_COLUMNS] = { "converting beside others of the tree",
							"others",
							"pages/M",
							"predicted",
							"error %",
							"sleeps/k",
							"predicted",
							"operation",
							"predicted",
							"holds" };
	struct grid g = grid_make(rows_of(list, n) + 1, N_OF_COLUMNS);
	size_t at = 0, i;
	json_t *note;

	fprintf(f,
		"Mode %s: pages converted per million instructions and sleeps per thousand pages, beside N others with a CPU each;\nno others and the two smallest numbers of them fitted, all larger predicted from these\n\n",
		a->mode);
	for (size_t c = 0; c < N_OF_COLUMNS; c++)
		g.cell[c] = xstrdup(head[c]);
	for (i = 0; i < n; i++)
		for (size_t r = 0; r < list[i].rows; r++)
			put_one(g.cell + ++at * g.columns, &list[i], &list[i].row[r]);
	grid_print(f, &g, 8, COLUMNS);
	grid_free(&g);
	put_sum(f, list, n);
	for (i = 0; i < n; i++)
		put_lost(f, &list[i]);
	json_array_foreach(a->notes, i, note)
		fprintf(f, "note: %s\n", json_string_value(note));
}

static json_t *one_json(const struct members *m, const struct members_row *row)
{
	double measured = row->measured ? members_throughput(m, row, row->cycle) : NAN;
	double whole = row->measured ? members_throughput(m, row, row->whole) : NAN;

	return json_pack("{s:f, s:o, s:f, s:o, s:o, s:f, s:o, s:o, s:i, s:o, s:b, s:b, s:b}",
			 "others", row->others, "measured", json_real_or_null(measured),
			 "predicted", members_throughput(m, row, row->cycle_said), "error_pct",
			 json_real_or_null(row->measured ? error_pct(row) : NAN), "sleeps",
			 json_real_or_null(row->measured ? row->sleeps : NAN), "sleeps_predicted",
			 row->sleeps_said, "operation",
			 json_real_or_null(row->measured ? row->operation : NAN),
			 "operation_predicted", json_real_or_null(row->operation_said), "lost",
			 (int)row->lost, "with_lost", json_real_or_null(whole), "fitted",
			 row->fitted, "crowded", row->crowded, "holds",
			 members_judged(row) && row->holds);
}

static json_t *costs_json(const struct members *m)
{
	int waits = m->hold > 0 && !m->siblings;

	return json_pack("{s:f, s:f, s:o, s:o, s:o, s:o, s:o}", "away", m->fit.away, "hold",
			 m->hold, "wake", json_real_or_null(waits ? m->fit.wake : NAN), "think",
			 json_real_or_null(m->siblings ? NAN : m->fit.think), "held",
			 json_real_or_null(m->siblings ? NAN : m->fit.held), "handover",
			 json_real_or_null(waits ? m->fit.handover : NAN), "takes",
			 json_real_or_null(m->siblings ? NAN : m->takes));
}

json_t *members_json(const struct plan_answer *a, const struct members *list, size_t n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *rows = json_array();

		for (size_t r = 0; r < list[i].rows; r++)
			json_array_append_new(rows, one_json(&list[i], &list[i].row[r]));
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:o, s:o}", "kernel",
						     list[i].kernel, "case", list[i].case_name,
						     "against", list[i].against, "costs",
						     costs_json(&list[i]), "rows", rows));
	}
	return json_pack("{s:s, s:s, s:s, s:f, s:O, s:o}", "schema", "dexbench.plan-answer.v1",
			 "mode", a->mode, "unit", a->unit, "window", a->window, "notes", a->notes,
			 "contention", all);
}
