// SPDX-License-Identifier: MIT
/* The differential table, for people: functions, call paths, lines, slopes. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/tree.h"

#include "lib/core/fields.h"
#include "lib/core/samples.h"

#define MOST_LINES  40
#define LEAST_PATH  5
#define LINES_SHOWN 3

static void put_number(FILE *out, int width, double value)
{
	if (value == rint(value))
		fprintf(out, " %*.0f", width, value);
	else
		fprintf(out, " %*.1f", width, value);
}

static void put_delta(FILE *out, int width, double value)
{
	if (value == 0)
		fprintf(out, " %*s", width, "=");
	else if (value == rint(value))
		fprintf(out, " %+*.0f", width, value);
	else
		fprintf(out, " %+*.1f", width, value);
}

static void put_value(FILE *out, const struct report *r, const struct row *row, int s)
{
	const struct side *side = &row->side[s];
	double functions =
		row->fold[s]->total.insns - side->idle - side->clock - side->probes - side->paused;

	fprintf(out, "  %c  %s: ", "AB"[s], r -> spec[s]);
	if (r->function) {
		fprintf(out, "%.10g in %s and below\n", row->fold[s]->total.insns, r->function);
		return;
	}
	fprintf(out, "%.10g = %.10g in functions", side->value, functions);
	if (side->clock > 0)
		fprintf(out, " + %.10g of the clock", side->clock);
	if (side->idle > 0)
		fprintf(out, " + %.10g idle (ticks of a halted CPU)", side->idle);
	if (side->paused > 0)
		fprintf(out, " + %.10g of PAUSEs, %g each", side->paused, side->boot->pause);
	if (side->probe_ticks > 0)
		fprintf(out, " + %.10g that the case's probes leave in it", side->probes);
	if (side->boot->is_lockstep)
		fprintf(out, "; the mean of %zu samples", side->samples);
	else
		fprintf(out, "; %zu of %zu samples are that", side->selected, side->samples);
	if (side->interrupted > 0)
		fprintf(out, ", an interrupt in %.0f windows of them", side->interrupted);
	fputc('\n', out);
}

static void put_change(FILE *out, const struct change *c)
{
	put_number(out, 8, c->self[A].insns);
	put_number(out, 8, c->self[B].insns);
	put_delta(out, 8, change_of(c));
	put_number(out, 9, c->inclusive[A].insns);
	put_number(out, 8, c->inclusive[B].insns);
	put_delta(out, 8, c->inclusive[B].insns - c->inclusive[A].insns);
	put_delta(out, 7, c->self[B].loads - c->self[A].loads);
	put_delta(out, 7, c->self[B].stores - c->self[A].stores);
	fprintf(out, "  %s\n", c->name);
}

static void put_functions(FILE *out, const struct row *row)
{
	struct change rest = { .name = "(functions that are the same)" },
		      total = { .name = "total" };
	size_t shown = 0, same = 0;

	fputs("      itself                       with what it calls              loads stores\n"
	      "       A        B    delta         A        B    delta   delta  delta  function\n",
	      out);
	for (size_t i = 0; i < row->changes; i++) {
		const struct change *c = &row->change[i];
		struct change *into = NULL;

		if (change_of(c) != 0 && shown++ < MOST_LINES)
			put_change(out, c);
		else
			into = &rest;
		same += !!into;
		for (int s = 0; into && s < SIDES; s++) {
			into->self[s].insns += c->self[s].insns;
			into->self[s].loads += c->self[s].loads;
			into->self[s].stores += c->self[s].stores;
		}
	}
	if (shown > MOST_LINES)
		rest.name = "(all others, and those that are the same)";
	for (int s = 0; s < SIDES; s++) {
		rest.inclusive[s] = rest.self[s];
		total.self[s] = total.inclusive[s] = row->fold[s]->total;
	}
	if (same)
		put_change(out, &rest);
	put_change(out, &total);
}

/* What changes are small beside: all that is executed, and all that changes. */
struct scale {
	double all, change;
};

/* What one kernel alone has is followed only as far as it is a good part of all. */
static int is_worth_a_line(const struct tree *t, const struct scale *s)
{
	double change = fabs(tree_change(t)), least = fmin(LEAST_PATH, fmax(s->change, 1));

	return change >= (t->total[A] == 0 || t->total[B] == 0 ? s->all / 16 : least);
}

static void put_paths(FILE *out, const struct tree *t, size_t level, const struct scale *s)
{
	put_number(out, 8, t->total[A]);
	put_number(out, 8, t->total[B]);
	put_delta(out, 8, tree_change(t));
	fprintf(out, "  %*s%s\n", (int)(2 * level), "", t->name);
	for (const struct tree *c = t->child; c; c = c->next)
		if (is_worth_a_line(c, s))
			put_paths(out, c, level + 1, s);
}

static void put_tree(FILE *out, const struct row *row)
{
	struct tree *t = tree_of((const struct fold *const[]){ row->fold[A], row->fold[B] });
	struct scale s = { fmax(t->total[A], t->total[B]), fabs(tree_change(t)) };

	fprintf(out,
		"\n  call paths that change (all of them: the .folded files, the flame graph)\n"
		"       A        B    delta  with what is called\n");
	for (const struct tree *c = t->child; c; c = c->next)
		if (is_worth_a_line(c, &s))
			put_paths(out, c, 0, &s);
	tree_free(t);
}

static void put_lines_of(FILE *out, const struct row *row, int s, const char *function)
{
	for (size_t i = 0, shown = 0; i < row->lines[s].n && shown < LINES_SHOWN; i++) {
		const struct line *l = &row->lines[s].line[i];

		if (strcmp(l->function, function))
			continue;
		fprintf(out, "  %c", "AB"[s]);
		put_number(out, 7, l->insns);
		fprintf(out, "  %-32s %s\n", function, l->place);
		shown++;
	}
}

static void put_lines(FILE *out, const struct row *row)
{
	if (!row->lines[A].n && !row->lines[B].n)
		return;
	fputs("\n  hottest lines of the functions that changed\n", out);
	for (size_t i = 0; i < row->changes && i < MOST_LINES; i++)
		for (int s = 0; s < SIDES; s++)
			put_lines_of(out, row, s, row->change[i].name);
}

static void put_model(FILE *out, const struct row *row)
{
	static const char *const keys[] = { "code_lines", "data_lines", "code_pages",
					    "data_pages" };

	if (!row->model[A] || !row->model[B])
		return;
	fputs("\n  a model, no cost: distinct 64-byte lines and 4 KiB pages touched, A and B\n"
	      "      code lines      data lines      code pages      data pages  function\n",
	      out);
	for (size_t i = 0; i < row->changes && i < MOST_LINES; i++) {
		const char *name = row->change[i].name;

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			for (int s = 0; s < SIDES; s++) {
				json_t *f = json_object_get(row->model[s], name);

				put_number(out, 7, json_real_value(json_object_get(f, keys[k])));
			}
		fprintf(out, "  %s\n", name);
	}
}

static void put_slopes(FILE *out, const struct report *r)
{
	json_t *all = slopes(r), *one, *f;
	size_t i, k;

	json_array_foreach(all, i, one) {
		const char *of = json_string_value(json_object_get(one, "parameter"));
		char *params = fields_params(json_object_get(one, "params"), " ", "=");
		json_t *slope = json_object_get(one, "slope");

		fprintf(out, "\n%s %s: %s per one more of \"%s\", from %lld to %lld\n",
			r->case_name, params, r->lockstep ? "ticks" : "instructions", of,
			(long long)json_integer_value(json_object_get(one, "from")),
			(long long)json_integer_value(json_object_get(one, "to")));
		fprintf(out, "           A          B  function\n");
		json_array_foreach(json_object_get(one, "functions"), k, f) {
			json_t *pair = json_object_get(f, "slope");
			double a = json_real_value(json_array_get(pair, 0));
			double b = json_real_value(json_array_get(pair, 1));

			if (k < MOST_LINES)
				fprintf(out, "  %10.3f %10.3f  %s\n", a, b,
					json_string_value(json_object_get(f, "function")));
		}
		fprintf(out, "  %10.3f %10.3f  total\n", json_real_value(json_array_get(slope, 0)),
			json_real_value(json_array_get(slope, 1)));
		free(params);
	}
	json_decref(all);
}

static void put_skipped(FILE *out, const struct report *r)
{
	json_t *one;
	size_t i;

	json_array_foreach(r->skipped, i, one) {
		char *params = fields_params(json_object_get(one, "params"), " ", "=");

		fprintf(out, "\nno value: %s %s on %s: %s\n", r->case_name, params,
			json_string_value(json_object_get(one, "kernel")),
			json_string_value(json_object_get(one, "why")));
		free(params);
	}
}

char *attribute_text(const struct report *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < r->rows; i++) {
		const struct row *row = &r->row[i];
		char *params = fields_params(row->params, " ", "=");

		fprintf(out, "%s%s %s, %s per operation\n", i ? "\n" : "", r->case_name, params,
			r->lockstep ? "ticks" : "instructions");
		put_value(out, r, row, A);
		put_value(out, r, row, B);
		fputc('\n', out);
		put_functions(out, row);
		put_tree(out, row);
		put_lines(out, row);
		put_model(out, row);
		if (r->lockstep)
			counts_text(out, row->counts[A], row->counts[B]);
		free(params);
	}
	put_slopes(out, r);
	put_skipped(out, r);
	fclose(out);
	return text;
}
