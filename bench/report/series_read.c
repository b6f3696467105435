// SPDX-License-Identifier: MIT
/* ladder.json and bisect.json, of whoever sent them: types, bounds, and what fits together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/bounds.h"
#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/json.h"
#include "lib/core/names.h"
#include "report/series.h"

#define MOST_COMMITS 65536
#define MOST_CELLS   (1u << 20) /* rows times commits: what a table is made of */
#define MOST_MEMORY  (1 << 24)	/* MiB */

static const char *need_id(json_t *value, const char *key, const char *path)
{
	const char *s = json_string_value(value);
	size_t n = s ? strlen(s) : 0;

	if (n < 40 || n > 64 || s[strspn(s, "0123456789abcdef")])
		die_usage("%s: \"%s\" is no name of a commit, 40 to 64 hexadecimal digits", path,
			  key);
	return s;
}

static const char *member_id(json_t *object, const char *key, const char *path)
{
	return need_id(json_object_get(object, key), key, path);
}

static const char *member_word(json_t *object, const char *key, const char *path)
{
	const char *s = json_need_string(object, key, path);

	if (!name_is_word(s))
		die_usage("%s: \"%s\" is \"%s\"; a name is of a-z, 0-9 and _", path, key, s);
	return s;
}

static int is_null(json_t *object, const char *key)
{
	return json_is_null(json_object_get(object, key));
}

static const char *text_or_null(json_t *object, const char *key, const char *path)
{
	return is_null(object, key) ? NULL : json_need_string(object, key, path);
}

static double number_or_null(json_t *object, const char *key, const char *path)
{
	json_t *value = json_object_get(object, key);

	if (json_is_null(value))
		return NAN;
	if (!json_is_number(value))
		die_usage("%s: \"%s\" is missing or of the wrong type", path, key);
	return bounds_value(value, key, path);
}

static int flag(json_t *object, const char *key, const char *path)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_boolean(value))
		die_usage("%s: \"%s\" is missing or of the wrong type", path, key);
	return json_is_true(value);
}

/* The array @key, of @least to @most. */
static json_t *need_array(json_t *object, const char *key, size_t least, size_t most,
			  const char *path)
{
	json_t *a = json_need(object, key, JSON_ARRAY, path);

	if (json_array_size(a) < least || json_array_size(a) > most)
		die_usage("%s: \"%s\" has %zu; from %zu to %zu can be", path, key,
			  json_array_size(a), least, most);
	return a;
}

static void need_object(json_t *value, const char *what, const char *path)
{
	if (!json_is_object(value))
		die_usage("%s: a %s is no object", path, what);
}

/* As rows are told apart: what is the usual metric is not said. */
static char *row_title(const struct series_row *r)
{
	int usual = !strcmp(r->metric, metric_key(METRIC_MEDIAN));

	return xasprintf("%s%s%s%s%s", r->case_name, *r->params ? " " : "", r->params,
			 usual ? "" : " ", usual ? "" : r->metric);
}

static struct series_row read_row(json_t *row, const char *path)
{
	struct series_row r = { 0 };

	need_object(row, "row", path);
	r.case_name = member_word(row, "case", path);
	r.metric = member_word(row, "metric", path);
	r.unit = json_need_string(row, "unit", path);
	bounds_params(json_need(row, "params", JSON_OBJECT, path), path);
	r.params = fields_params(json_object_get(row, "params"), " ", "=");
	r.name = row_title(&r);
	return r;
}

/* The number of the row in the order of their first commits; @known has those before by name. */
static size_t row_number(struct ladder *l, json_t *known, struct series_row r, const char *path)
{
	json_t *number = json_object_get(known, r.name);

	if (number) {
		size_t n = (size_t)json_integer_value(number);

		if (strcmp(l->row[n].unit, r.unit))
			die_usage("%s: %s is in %s and in %s", path, r.name, l->row[n].unit,
				  r.unit);
		free(r.name);
		free(r.params);
		return n;
	}
	if (l->rows == BOUNDS_RESULTS || (l->rows + 1) * l->commits > MOST_CELLS)
		die_usage("%s: more than %d rows, or %u rows times commits; no ladder has", path,
			  BOUNDS_RESULTS, MOST_CELLS);
	json_object_set_new(known, r.name, json_integer((json_int_t)l->rows));
	l->row = xrealloc(l->row, l->rows + 1, sizeof(*l->row));
	l->row[l->rows] = r;
	return l->rows++;
}

static void read_cell(struct ladder *l, size_t row, size_t commit, json_t *json, const char *path)
{
	struct series_cell *c = &l->cell[row * l->commits + commit];

	if (c->there)
		die_usage("%s: commit " SHORT " has %s twice", path, l->commit[commit].id,
			  l->row[row].name);
	c->there = 1;
	c->value = number_or_null(json, "value", path);
	c->change = number_or_null(json, "change", path);
	c->skipped = text_or_null(json, "skipped", path);
	l->row[row].moves |= !isnan(c->change) && c->change != 0;
}

static json_t *rows_of(json_t *commit, const char *path)
{
	return need_array(commit, "rows", 0, BOUNDS_RESULTS, path);
}

/* First what rows there are, then what is in them. */
static void read_rows(struct ladder *l, json_t *commits, const char *path)
{
	json_t *known = json_object(), *commit, *json;
	size_t i, r;

	json_array_foreach(commits, i, commit)
		json_array_foreach(rows_of(commit, path), r, json)
			row_number(l, known, read_row(json, path), path);
	l->cell = xcalloc(l->rows * l->commits, sizeof(*l->cell));
	json_array_foreach(commits, i, commit)
		json_array_foreach(rows_of(commit, path), r, json)
			read_cell(l, row_number(l, known, read_row(json, path), path), i, json,
				  path);
	json_decref(known);
}

static void read_commits(struct ladder *l, json_t *root, const char *path)
{
	json_t *commits = need_array(root, "commits", 2, MOST_COMMITS, path), *json;
	size_t i;

	l->commits = json_array_size(commits);
	l->commit = xcalloc(l->commits, sizeof(*l->commit));
	json_array_foreach(commits, i, json) {
		struct series_commit *c = &l->commit[i];

		need_object(json, "commit", path);
		c->id = member_id(json, "commit", path);
		c->subject = json_need_string(json, "subject", path);
		c->reason = text_or_null(json, "reason", path);
		c->same_kernel = flag(json, "same_kernel", path);
	}
	read_rows(l, commits, path);
}

/* Commits, each in the ladder: as many as have a change. */
static size_t read_moved(const struct ladder *l, json_t *root, const char *path)
{
	json_t *moved = need_array(root, "moved", 0, l->commits, path), *id;
	size_t i, n = 0;

	json_array_foreach(moved, i, id)
		need_id(id, "moved", path);
	for (size_t c = 0; c < l->commits; c++) {
		int moves = 0;

		for (size_t r = 0; r < l->rows && !moves; r++) {
			double change = l->cell[r * l->commits + c].change;

			moves = l->cell[r * l->commits + c].there && !isnan(change) && change != 0;
		}
		n += (size_t)moves;
	}
	if (n != i)
		die_usage("%s: \"moved\" has %zu commits, %zu have a change", path, i, n);
	return n;
}

static json_t *read_cases(json_t *root, const char *path)
{
	json_t *cases = need_array(root, "cases", 1, BOUNDS_RESULTS, path), *name;
	size_t i;

	json_array_foreach(cases, i, name)
		if (!json_is_string(name) || !name_is_word(json_string_value(name)))
			die_usage("%s: \"cases\" has what is no name of a case", path);
	return cases;
}

struct ladder ladder_read(json_t *root, const char *path)
{
	struct ladder l = { 0 };

	l.tree = json_need_string(root, "tree", path);
	l.base = member_id(root, "base", path);
	l.tip = member_id(root, "tip", path);
	l.dexbench = json_need_string(root, "dexbench", path);
	l.compiler = json_need_string(root, "compiler", path);
	l.cases = read_cases(root, path);
	l.pages = bounds_int(root, "pages", 1, BOUNDS_PAGES, path);
	l.memory = bounds_int(root, "memory_mib", 1, MOST_MEMORY, path);
	read_commits(&l, root, path);
	l.builds = bounds_int(root, "builds", 0, (json_int_t)l.commits, path);
	l.boots = bounds_int(root, "boots", 0, (json_int_t)l.commits, path);
	l.moved = read_moved(&l, root, path);
	return l;
}

/* What an end, a step and the first bad commit have in common. */
static struct tried read_tried(json_t *json, const char *what, const char *path)
{
	struct tried t = { 0 };

	need_object(json, what, path);
	t.id = member_id(json, "commit", path);
	t.subject = json_need_string(json, "subject", path);
	t.value = number_or_null(json, "value", path);
	return t;
}

static struct tried read_end(json_t *root, const char *key, const char *path)
{
	json_t *json = json_need(root, key, JSON_OBJECT, path);
	struct tried t = read_tried(json, key, path);

	if (isnan(t.value))
		die_usage("%s: \"%s\" has no value, and an end must have one", path, key);
	t.built = flag(json, "built", path);
	t.booted = flag(json, "booted", path);
	return t;
}

static struct tried read_step(json_t *json, const char *path)
{
	struct tried t = read_tried(json, "step", path);

	t.answer = json_need_string(json, "answer", path);
	t.reason = text_or_null(json, "reason", path);
	if (strcmp(t.answer, "good") && strcmp(t.answer, "bad") && strcmp(t.answer, "skip"))
		die_usage("%s: a step's answer is \"%s\"; one of good, bad, skip", path, t.answer);
	if ((strcmp(t.answer, "skip") == 0) != !!isnan(t.value))
		die_usage("%s: commit " SHORT " is %s and has %s value", path, t.id, t.answer,
			  isnan(t.value) ? "no" : "a");
	return t;
}

static void read_steps(struct bisect *b, json_t *root, const char *path)
{
	json_t *steps = need_array(root, "steps", 0, MOST_COMMITS, path), *json;
	size_t i;

	b->step = xcalloc(json_array_size(steps), sizeof(*b->step));
	json_array_foreach(steps, i, json)
		b->step[b->steps++] = read_step(json, path);
}

static void read_first(struct bisect *b, json_t *first, const char *path)
{
	b->found = 1;
	b->first = read_tried(first, "first bad commit", path);
	b->author = json_need_string(first, "author", path);
	b->before = number_or_null(first, "parent_value", path);
	b->change = number_or_null(first, "change", path);
	if (isnan(b->first.value) || isnan(b->before) || isnan(b->change))
		die_usage("%s: the first bad commit, or its parent, has no value", path);
}

/* One commit, or those that could not be told apart. */
static void read_result(struct bisect *b, json_t *root, const char *path)
{
	json_t *id;
	size_t i;

	if (!is_null(root, "first_bad"))
		read_first(b, json_need(root, "first_bad", JSON_OBJECT, path), path);
	b->candidates =
		need_array(root, "candidates", b->found ? 0 : 1, b->found ? 0 : MOST_COMMITS, path);
	json_array_foreach(b->candidates, i, id)
		need_id(id, "candidates", path);
}

struct bisect bisect_read(json_t *root, const char *path)
{
	struct bisect b = { 0 };

	b.case_name = member_word(root, "case", path);
	b.metric = member_word(root, "metric", path);
	b.params = json_need_string(root, "params", path);
	b.unit = json_need_string(root, "unit", path);
	b.good = read_end(root, "good", path);
	b.bad = read_end(root, "bad", path);
	b.bad_from = number_or_null(root, "bad_from", path);
	b.bad_to = number_or_null(root, "bad_to", path);
	if (!isnan(b.bad_from) == !isnan(b.bad_to))
		die_usage("%s: one of \"bad_from\" and \"bad_to\" is a number, the other null",
			  path);
	read_steps(&b, root, path);
	b.builds = bounds_int(root, "builds", 0, (json_int_t)b.steps, path);
	b.boots = bounds_int(root, "boots", 0, (json_int_t)b.steps, path);
	read_result(&b, root, path);
	return b;
}
