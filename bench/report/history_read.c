// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "report/history.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/core/die.h"
#include "lib/core/fields.h"
#include "lib/core/input.h"
#include "lib/core/quote.h"
#include "results/hub.h"

#define MOST_DATES 4096
#define MOST_CELLS (1u << 22)

static int is_visible(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

static int has_comparison(const char *directory)
{
	char *path = xasprintf("%s/compare.json", directory), *packed = xasprintf("%s.gz", path);
	int there = input_exists(path) || input_exists(packed);

	free(path);
	free(packed);
	return there;
}

/* The results of @name, to free: in it, or where make ab leaves both of its campaigns, the exact one. */
static char *place_of(const char *directory, const char *name)
{
	char *path = xasprintf("%s/%s", directory, name), *exact = xasprintf("%s/exact", path);
	char *place = has_comparison(path) ? path : has_comparison(exact) ? exact : NULL;

	if (place != path)
		free(path);
	if (place != exact)
		free(exact);
	return place;
}

static const char *fact(const struct kernel *k, const char *path)
{
	return json_string_value(env_at(k->run, path));
}

/* When it was planned, else when its first kernel booted: a guest's own clock says nothing. */
static const char *date_of(const struct table *t)
{
	const char *planned = json_string_value(json_object_get(t->plan[0].json, "date"));
	const char *host = fact(&t->kernel[0], "host.machine.date");
	const char *own = fact(&t->kernel[0], "date");

	return planned ? planned : host ? host : own ? own : "";
}

/* "tree:PATH@REV" is tree:PATH on every date. */
static char *series_name(const struct kernel *k)
{
	const char *at = strncmp(k->spec, "tree:", 5) ? NULL : strrchr(k->spec, '@');

	return at ? xasprintf("%.*s", (int)(at - k->spec), k->spec) : xstrdup(k->label);
}

static const char *commit_of(const struct kernel *k)
{
	const char *source = fact(k, "host.kernel.source");
	const char *id = source && !strncmp(source, "git-", 4) ? source + 4 : "";
	size_t n = strlen(id);

	return n >= 40 && n <= 64 && !id[strspn(id, "0123456789abcdef")] ? id : NULL;
}

/* The number of the kernel in the history; a new one is put behind. */
static size_t kernel_number(struct history *h, const struct kernel *k)
{
	char *name = series_name(k);
	size_t n = 0;

	while (n < h->kernels && strcmp(h->kernel[n].name, name))
		n++;
	if (n < h->kernels) {
		free(name);
		return n;
	}
	h->kernel = xrealloc(h->kernel, h->kernels + 1, sizeof(*h->kernel));
	h->kernel[h->kernels++] =
		(struct history_kernel){ name, xcalloc(h->dates, sizeof(struct history_made)) };
	return n;
}

static size_t add_kernel(struct history *h, const struct table *t, size_t k, size_t at,
			 const char *path)
{
	const struct kernel *kernel = &t->kernel[k];
	size_t n = kernel_number(h, kernel);
	struct history_made *made = &h->kernel[n].made[at];

	if (made->there)
		die_usage(
			"%s: %s and %s are revisions of one tree, and a history has one a date; compare them with make ladder",
			path, made->spec, kernel->spec);
	*made = (struct history_made){ .there = 1,
				       .commit = commit_of(kernel),
				       .spec = kernel->spec,
				       .dexbench = fact(kernel, "dexbench"),
				       .qemu = fact(kernel, "host.qemu"),
				       .compiler = fact(kernel, "host.kernel.compiler"),
				       .config = fact(kernel, "config.hash"),
				       .pages = t->pages };
	return n;
}

static size_t new_row(struct history *h, const struct row *row, size_t kernel, const char *path)
{
	struct history_row *r;

	if ((h->rows + 1) * h->dates > MOST_CELLS)
		die_usage("%s: more than %u rows times dates; a history of less is possible", path,
			  MOST_CELLS);
	h->row = xrealloc(h->row, h->rows + 1, sizeof(*h->row));
	r = &h->row[h->rows++];
	*r = (struct history_row){ .kernel = kernel,
				   .case_name = row->case_name,
				   .params = fields_params(row->params, " ", "="),
				   .metric = row->metric,
				   .name = row_name(row),
				   .better = row->better,
				   .control = row->control,
				   .value = xcalloc(h->dates, sizeof(double)) };
	for (size_t i = 0; i < h->dates; i++)
		r->value[i] = NAN;
	return h->rows - 1;
}

/* @known has the number of each row by its name and its kernel's number. */
static void add_value(struct history *h, const struct table *t, json_t *known, size_t r,
		      size_t kernel, size_t k, size_t at, const char *path)
{
	const struct row *row = &t->row[r];
	char *name = row_name(row), *key = xasprintf("%zu %s", kernel, name);
	char *unit = value_unit(t, row);
	json_t *number = json_object_get(known, key);
	size_t n = number ? (size_t)json_integer_value(number) : new_row(h, row, kernel, path);

	if (!number)
		json_object_set_new(known, key, json_integer((json_int_t)n));
	if (number && strcmp(unit, h->row[n].unit))
		die_usage("%s: %s is in %s and on another date in %s", path, name, unit,
			  h->row[n].unit);
	if (number)
		free(unit);
	else
		h->row[n].unit = unit;
	h->row[n].value[at] = cell_value(t, &row->cell[k]);
	h->row[n].resolution = fmax(h->row[n].resolution, resolution_pct(t, row));
	free(name);
	free(key);
}

static void must_be_like(struct history *h, const struct table *t, const char *path)
{
	if (!t->exact)
		die_usage("%s: mode %s; a history is of exact results, which need no statistics",
			  path, t->mode);
	if (!h->mode) {
		h->mode = t->mode;
		h->metric = t->metric;
	}
	if (strcmp(h->mode, t->mode) || h->metric != t->metric)
		die_usage("%s: %s in mode %s, other dates have %s in mode %s; a history is of one",
			  path, metric_option(t->metric), t->mode, metric_option(h->metric),
			  h->mode);
}

static void add_date(struct history *h, const char *path, const char *name, size_t at,
		     json_t *known)
{
	struct table t = hub_table(hub_open(path), path);

	must_be_like(h, &t, path);
	h->date[at] = (struct history_date){ xstrdup(name), date_of(&t), at };
	for (size_t k = 0; k < t.kernels; k++) {
		size_t kernel = is_arm(&t, k) ? 0 : add_kernel(h, &t, k, at, path);

		for (size_t r = 0; r < t.rows && !is_arm(&t, k); r++)
			add_value(h, &t, known, r, kernel, k, at, path);
	}
	free(t.comparison);
}

static int by_date(const void *a, const void *b)
{
	const struct history_date *x = a, *y = b;
	int order = strcmp(x->date, y->date);

	return order ? order : strverscmp(x->name, y->name);
}

/* Of what lies below it alone, as with all results. */
static void must_be_no_link(const char *place)
{
	struct stat st;

	if (!lstat(place, &st) && S_ISLNK(st.st_mode))
		die_usage("%s is a symbolic link; a history is of directories, copy it there",
			  place);
}

/* The directories with results in @directory, @n of them, by name; both arrays to free. */
static size_t places(const char *directory, char ***place, char ***name)
{
	struct dirent **entry;
	int n = scandir(directory, &entry, is_visible, versionsort);
	size_t found = 0;

	if (n < 0)
		die_usage(
			"--history %s: %m; give a directory that has a directory of results a date",
			directory);
	*place = xcalloc((size_t)n + 1, sizeof(**place));
	*name = xcalloc((size_t)n + 1, sizeof(**name));
	for (int i = 0; i < n; i++) {
		(*place)[found] = place_of(directory, entry[i]->d_name);
		if ((*place)[found]) {
			char *path = xasprintf("%s/%s", directory, entry[i]->d_name);

			must_be_no_link(path);
			must_be_no_link((*place)[found]);
			free(path);
			(*name)[found++] = xstrdup(entry[i]->d_name);
		}
		free(entry[i]);
	}
	free(entry);
	return found;
}

struct history history_read(const char *directory)
{
	struct history h = { .directory = directory };
	json_t *known = json_object();
	char **place, **name;

	h.dates = places(directory, &place, &name);
	if (h.dates < 2 || h.dates > MOST_DATES)
		die_usage(
			"--history %s: %zu directories with a compare.json; from 2 to %d make a history",
			directory, h.dates, MOST_DATES);
	h.date = xcalloc(h.dates, sizeof(*h.date));
	for (size_t i = 0; i < h.dates; i++) {
		add_date(&h, place[i], name[i], i, known);
		free(place[i]);
		free(name[i]);
	}
	qsort(h.date, h.dates, sizeof(*h.date), by_date);
	free(place);
	free(name);
	json_decref(known);
	return h;
}
