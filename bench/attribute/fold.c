// SPDX-License-Identifier: MIT
/* Cells as call paths with names, equal ones together; and the functions of those. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "attribute/attribute.h"
#include "lib/core/die.h"

#define MOST_PATHS (256 << 20) /* bytes, of one kernel */

static void add_counts(struct counts *to, const struct counts *from)
{
	to->insns += from->insns;
	to->loads += from->loads;
	to->stores += from->stores;
}

static int is_zero(const struct counts *c)
{
	return !c->insns && !c->loads && !c->stores;
}

/* Paths to nodes, where they are known; what they take, since each repeats the one above. */
struct known {
	char **text;
	size_t bytes;
};

static const char *node_text(const struct traced *boot, struct known *known, uint32_t node);

/*
 * The path of function @name at @node: who called, who was called, and if that is another,
 * which jumped here, @name.
 */
static char *path_text(const struct traced *boot, struct known *known, uint32_t node,
		       const char *name)
{
	const char *above = node_text(boot, known, node), *called = NULL;

	if (node)
		called = symbols_name(boot->symbols, boot->windows->target[node]);
	if (called && strcmp(called, name))
		return xasprintf("%s%s;%s", above, called, name);
	return xasprintf("%s%s", above, name);
}

/* Of a node whose caller's is known. */
static char *next_text(const struct traced *boot, struct known *known, uint32_t node)
{
	const struct windows *w = boot->windows;
	char *path, *text;

	if (!node)
		return xstrdup("");
	if (w->node[2 * node + 1] == ENTRY_INTERRUPT)
		return xasprintf("%s;", NAME_INTERRUPT);
	path = path_text(boot, known, w->node[2 * node],
			 symbols_name(boot->symbols, w->site[node]));
	text = xasprintf("%s;", path);
	free(path);
	return text;
}

/* Where the calls to @node were made from, outermost first, each with a ';' behind it.  From
 * the outermost on, in as little stack for a long path as for a short one. */
static const char *node_text(const struct traced *boot, struct known *known, uint32_t node)
{
	const struct windows *w = boot->windows;

	while (!known->text[node]) {
		uint32_t at = node;

		while (at && !known->text[w->node[2 * at]])
			at = w->node[2 * at];
		known->text[at] = next_text(boot, known, at);
		known->bytes += strlen(known->text[at]);
		if (known->bytes > MOST_PATHS)
			die_usage("%s/windows.json: call paths of over %d MiB; no kernel has them",
				  boot->directory, MOST_PATHS >> 20);
	}
	return known->text[node];
}

static void forget(struct known *known, size_t nodes)
{
	for (size_t i = 0; i < nodes; i++)
		free(known->text[i]);
	free(known->text);
}

static const char *leaf_name(const struct traced *boot, uint64_t addr)
{
	return windows_is_clock(boot->windows, addr) ? NAME_CLOCK
						     : symbols_name(boot->symbols, addr);
}

static void add_path(struct fold *f, char *text, const struct counts *c)
{
	if (!(f->paths & (f->paths - 1))) {
		f->path = xrealloc(f->path, f->paths ? 2 * f->paths : 1, sizeof(*f->path));
	}
	f->path[f->paths++] = (struct path){ text, *c };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct path *)a)->text, ((const struct path *)b)->text);
}

static void merge_paths(struct fold *f)
{
	size_t kept = 0;

	if (f->paths)
		qsort(f->path, f->paths, sizeof(*f->path), by_text);
	for (size_t i = 0; i < f->paths; i++) {
		if (kept && !strcmp(f->path[kept - 1].text, f->path[i].text)) {
			add_counts(&f->path[kept - 1].self, &f->path[i].self);
			free(f->path[i].text);
		} else {
			f->path[kept++] = f->path[i];
		}
	}
	f->paths = kept;
}

/* Where frame @name begins in @path, or NULL. */
static char *find_frame(char *path, const char *name)
{
	size_t length = strlen(name);

	for (char *at = path; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
		if (!strncmp(at, name, length) && (at[length] == ';' || !at[length]))
			return at;
	return NULL;
}

/* If it has something, and passes @only; takes @text. */
static void add_if(struct fold *f, char *text, const struct counts *c, const char *only)
{
	const char *in = only ? find_frame(text, only) : text;

	if (in && !is_zero(c))
		add_path(f, xstrdup(in), c);
	free(text);
}

/* Ticks below the path of a cell that are no instructions. */
static void add_ticks(struct fold *f, const char *path, const char *what, double ticks,
		      const char *only)
{
	if (ticks > 0)
		add_if(f, xasprintf("%s;%s", path, what), &(struct counts){ .insns = ticks }, only);
}

char *fold_cell(const struct traced *boot, size_t cell)
{
	const struct windows *w = boot->windows;
	struct known known = { xcalloc(w->nodes + 1, sizeof(*known.text)), 0 };
	char *text = path_text(boot, &known, w->cell[2 * cell],
			       leaf_name(boot, w->insn[w->cell[2 * cell + 1]]));

	forget(&known, w->nodes);
	return text;
}

static void collect_cell(struct fold *f, const struct side *side, struct known *known, size_t i,
			 const char *only)
{
	const struct windows *w = side->boot->windows;
	struct counts c = side->cell[i];
	char *text;

	if (is_zero(&c))
		return;
	c.insns /= side->divisor;
	c.loads /= side->divisor;
	c.stores /= side->divisor;
	text = path_text(side->boot, known, w->cell[2 * i],
			 leaf_name(side->boot, w->insn[w->cell[2 * i + 1]]));
	if (side->cell_pause) {
		add_ticks(f, text, NAME_PAUSE, side->cell_pause[i] / side->divisor, only);
		add_ticks(f, text, NAME_ASLEEP, side->cell_asleep[i] / side->divisor, only);
	}
	add_if(f, text, &c, only);
}

/* Paths of all cells; recursion of one function into itself is one frame. */
static void collect(struct fold *f, const struct side *side, const char *only)
{
	const struct windows *w = side->boot->windows;
	struct known known = { xcalloc(w->nodes + 1, sizeof(*known.text)), 0 };

	for (size_t i = 0; i < w->cells; i++)
		collect_cell(f, side, &known, i, only);
	forget(&known, w->nodes);
}

/* Ticks of a halted CPU for which nobody is known to have gone to sleep. */
static double idle_of(const struct side *side)
{
	double idle = side->idle;

	for (size_t i = 0; side->cell_asleep && i < side->boot->windows->cells; i++)
		idle -= side->cell_asleep[i] / side->divisor;
	return idle > 1e-9 * side->value ? idle : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct function *)a)->name, ((const struct function *)b)->name);
}

static void add_function(struct fold *f, const char *name, size_t length, const struct counts *self,
			 const struct counts *inclusive)
{
	static const struct counts none;

	if (!(f->functions & (f->functions - 1))) {
		f->function = xrealloc(f->function, f->functions ? 2 * f->functions : 1,
				       sizeof(*f->function));
	}
	f->function[f->functions++] =
		(struct function){ strndup(name, length), self ? *self : none, *inclusive };
}

/* One entry a frame of each path; a function that is on a path twice counts once. */
static void split(struct fold *f, const struct path *p)
{
	const char *leaf = fold_leaf(p->text);

	for (char *at = p->text; at;) {
		char *end = strchr(at, ';');
		size_t length = end ? (size_t)(end - at) : strlen(at);
		char *name = strndup(at, length);

		if (at == leaf)
			add_function(f, at, length, &p->self,
				     find_frame(p->text, name) == at ? &p->self
								     : &(struct counts){ 0 });
		else if (find_frame(p->text, name) == at)
			add_function(f, at, length, NULL, &p->self);
		free(name);
		at = end ? end + 1 : NULL;
	}
}

static void make_functions(struct fold *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->paths; i++) {
		split(f, &f->path[i]);
		add_counts(&f->total, &f->path[i].self);
	}
	if (f->functions)
		qsort(f->function, f->functions, sizeof(*f->function), by_name);
	for (size_t i = 0; i < f->functions; i++) {
		if (kept && !strcmp(f->function[kept - 1].name, f->function[i].name)) {
			add_counts(&f->function[kept - 1].self, &f->function[i].self);
			add_counts(&f->function[kept - 1].inclusive, &f->function[i].inclusive);
			free((char *)f->function[i].name);
		} else {
			f->function[kept++] = f->function[i];
		}
	}
	f->functions = kept;
}

struct fold *fold(const struct side *side, const char *only)
{
	struct fold *f = xcalloc(1, sizeof(*f));

	collect(f, side, only);
	if (idle_of(side) > 0 && !only)
		add_path(f, xstrdup(NAME_IDLE), &(struct counts){ .insns = idle_of(side) });
	if (side->probes != 0 && !only)
		add_path(f, xstrdup(NAME_PROBES), &(struct counts){ .insns = side->probes });
	merge_paths(f);
	make_functions(f);
	return f;
}

const char *fold_leaf(const char *path)
{
	const char *last = strrchr(path, ';');

	return last ? last + 1 : path;
}

void fold_free(struct fold *f)
{
	for (size_t i = 0; i < f->paths; i++)
		free(f->path[i].text);
	for (size_t i = 0; i < f->functions; i++)
		free((char *)f->function[i].name);
	free(f->path);
	free(f->function);
	free(f);
}
