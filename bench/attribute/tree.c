// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "attribute/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"

/* In the order of names, which the paths come in. */
static struct tree *child_of(struct tree *t, const char *name, size_t length)
{
	struct tree **at = &t->child;

	while (*at && (strncmp((*at)->name, name, length) || (*at)->name[length]))
		at = &(*at)->next;
	if (!*at) {
		*at = xcalloc(1, sizeof(**at));
		(*at)->name = strndup(name, length);
	}
	return *at;
}

static void insert(struct tree *t, const struct path *p, int side)
{
	const char *at = p->text;

	while (at) {
		const char *end = strchr(at, ';');

		t = child_of(t, at, end ? (size_t)(end - at) : strlen(at));
		at = end ? end + 1 : NULL;
	}
	t->self[side] += p->self.insns;
}

static void sum_up(struct tree *t)
{
	t->width = t->self[A] > t->self[B] ? t->self[A] : t->self[B];
	t->total[A] = t->self[A];
	t->total[B] = t->self[B];
	for (struct tree *c = t->child; c; c = c->next) {
		sum_up(c);
		t->width += c->width;
		t->total[A] += c->total[A];
		t->total[B] += c->total[B];
	}
}

/* @from, which kernel B alone has, becomes part of @to. */
static void merge(struct tree *to, struct tree *from)
{
	to->self[B] += from->self[B];
	for (struct tree *c = from->child, *next; c; c = next) {
		struct tree *same = child_of(to, c->name, strlen(c->name));

		next = c->next;
		c->next = NULL;
		merge(same, c);
		tree_free(c);
	}
	from->child = NULL;
}

/* The child that only kernel @side has, if it is most of @t there. */
static struct tree **lone_child(struct tree *t, int side)
{
	for (struct tree **c = &t->child; *c; c = &(*c)->next)
		if ((*c)->total[!side] == 0 && (*c)->total[side] > t->total[side] / 2)
			return c;
	return NULL;
}

/* A frame that does next to nothing but call one other is one with it: "wrapper/wrapped". */
static void unwrap(struct tree *t, int side)
{
	struct tree *c = t->child;
	char *name;

	if (!c || c->next || t->self[side] > t->total[side] / 50)
		return;
	name = xasprintf("%s/%s", t->name, c->name);
	free(t->name);
	t->name = name;
	t->self[side] += c->self[side];
	t->child = c->child;
	c->child = NULL;
	tree_free(c);
	unwrap(t, side);
}

/*
 * A frame under other names: what holds most of its caller on either kernel, and is not there
 * on the other, is taken for the same, or all that it calls would look new.
 */
static void pair(struct tree *t)
{
	struct tree **a = lone_child(t, A), **b = lone_child(t, B), *mine, *other;
	char *name;

	if (a && b) {
		mine = *a;
		other = *b;
		*b = other->next;
		other->next = NULL;
		unwrap(mine, A);
		unwrap(other, B);
		name = xasprintf("%s -> %s", mine->name, other->name);
		merge(mine, other);
		tree_free(other);
		free(mine->name);
		mine->name = name;
		sum_up(mine);
	}
	for (struct tree *c = t->child; c; c = c->next)
		pair(c);
}

struct tree *tree_of(const struct fold *const fold[SIDES])
{
	struct tree *root = xcalloc(1, sizeof(*root));

	root->name = xstrdup("all");
	for (int s = 0; s < SIDES; s++)
		for (size_t i = 0; i < fold[s]->paths; i++)
			insert(root, &fold[s]->path[i], s);
	sum_up(root);
	pair(root);
	sum_up(root);
	return root;
}

void tree_free(struct tree *t)
{
	while (t) {
		struct tree *next = t->next;

		tree_free(t->child);
		free(t->name);
		free(t);
		t = next;
	}
}

double tree_change(const struct tree *t)
{
	return t->total[B] - t->total[A];
}

size_t tree_depth(const struct tree *t)
{
	size_t most = 0;

	for (const struct tree *c = t->child; c; c = c->next) {
		size_t depth = tree_depth(c);

		most = depth > most ? depth : most;
	}
	return most + 1;
}

/* Lines of `frame;frame NUMBER`, as flame graph generators read them. */
char *tree_folded(const struct fold *f)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < f->paths; i++)
		if (f->path[i].self.insns != 0)
			fprintf(out, "%s %.10g\n", f->path[i].text, f->path[i].self.insns);
	fclose(out);
	return text;
}
