// SPDX-License-Identifier: MIT
#include "lib/core/samples.h"

#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/input.h"
#include "lib/core/json.h"

/* That are lifted: of each result its ticks and gaps; of the plugin's record each profile. */
#define MOST_ARRAYS (1 << 16)

/* A file being split into @kept, which jansson gets, and arrays. */
struct split {
	const char *p, *end;
	char *kept;
	size_t kept_bytes;
	size_t opened; /* arrays so far */
	struct samples *samples;
	const char *path;
};

static int is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && is_space(*p))
		p++;
	return p;
}

/* A count as JSON writes it, no leading zero; NULL if it is none or too large. */
static const char *scan_count(const char *p, const char *end, uint32_t *value)
{
	const char *start = p;
	uint64_t v = 0;

	while (p < end && (unsigned char)(*p - '0') < 10 && v <= UINT32_MAX)
		v = 10 * v + (uint64_t)(*p++ - '0');
	if (p == start || v > UINT32_MAX || (*start == '0' && p - start > 1))
		return NULL;
	*value = (uint32_t)v;
	return p;
}

static void append(struct samples_array *a, size_t *room, uint32_t value)
{
	if (a->n == *room) {
		*room = *room ? 2 * *room : 1024;
		a->value = xrealloc(a->value, *room, sizeof(*a->value));
	}
	a->value[a->n++] = value;
}

/* The counts between @p, behind a "[", and the "]" that is returned; NULL if there
 * is anything else. */
static const char *scan_array(const char *p, const char *end, struct samples_array *a)
{
	size_t room = 0;
	uint32_t value;

	for (;;) {
		p = scan_count(skip_space(p, end), end, &value);
		if (!p)
			return NULL;
		append(a, &room, value);
		p = skip_space(p, end);
		if (p == end || (*p != ',' && *p != ']'))
			return NULL;
		if (*p++ == ']')
			return p - 1;
	}
}

static void keep(struct split *s, char c)
{
	s->kept[s->kept_bytes++] = c;
}

static void keep_string(struct split *s)
{
	keep(s, *s->p++);
	while (s->p < s->end && *s->p != '"') {
		if (*s->p == '\\' && s->p + 1 < s->end)
			keep(s, *s->p++);
		keep(s, *s->p++);
	}
	if (s->p < s->end)
		keep(s, *s->p++);
}

/* Line ends inside stay, so that jansson's line numbers are the file's. */
static void lift(struct split *s)
{
	struct samples_array a = { .ordinal = s->opened++ };
	const char *close = scan_array(s->p + 1, s->end, &a);
	struct samples *to = s->samples;

	keep(s, *s->p++);
	if (!close || a.n < SAMPLES_LIFT) {
		free(a.value);
		return;
	}
	if (to->arrays == MOST_ARRAYS)
		die_usage("%s: more than %d arrays of samples; no file of results has", s->path,
			  MOST_ARRAYS);
	a.value = xrealloc(a.value, a.n, sizeof(*a.value)); /* of short ones there may be many */
	for (; s->p < close; s->p++)
		if (*s->p == '\n')
			keep(s, '\n');
	to->array = xrealloc(to->array, to->arrays + 1, sizeof(*to->array));
	to->array[to->arrays++] = a;
}

static void split(struct split *s)
{
	while (s->p < s->end) {
		if (*s->p == '"')
			keep_string(s);
		else if (*s->p == '[')
			lift(s);
		else
			keep(s, *s->p++);
	}
}

/* Arrays open in the order in which jansson's tree, which keeps the order of an
 * object's members, is walked: so the n-th here is the n-th there. */
static void find_arrays(struct samples *s, json_t *value, size_t *opened, size_t *found)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach(value, key, child)
			find_arrays(s, child, opened, found);
	} else if (json_is_array(value)) {
		if (*found < s->arrays && s->array[*found].ordinal == *opened)
			s->array[(*found)++].at = value;
		++*opened;
		json_array_foreach(value, i, child)
			find_arrays(s, child, opened, found);
	}
}

struct samples *samples_read(const char *path, const char *schema)
{
	struct samples *samples = xcalloc(1, sizeof(*samples));
	size_t bytes, opened = 0, found = 0;
	char *text = input_unpack(path, &bytes);
	struct split s = { .p = text,
			   .end = text + bytes,
			   .kept = xcalloc(bytes + 1, 1),
			   .samples = samples,
			   .path = path };

	split(&s);
	free(text);
	samples->root = json_parse(s.kept, s.kept_bytes, path, schema);
	free(s.kept);
	find_arrays(samples, samples->root, &opened, &found);
	if (found != samples->arrays)
		die("%s: %zu arrays of samples, %zu of them found again", path, samples->arrays,
		    found);
	return samples;
}

void samples_free(struct samples *s)
{
	for (size_t i = 0; i < s->arrays; i++)
		free(s->array[i].value);
	free(s->array);
	json_decref(s->root);
	free(s);
}

/* What jansson read joins the lifted arrays, so that all are freed alike. */
static void adopt(struct samples *s, json_t *array, const char *path)
{
	struct samples_array a = { .at = array };
	size_t i, room = 0;
	json_t *v;

	json_array_foreach(array, i, v) {
		if (!json_is_integer(v) || json_integer_value(v) < 0 ||
		    json_integer_value(v) > UINT32_MAX)
			die_usage("%s: sample %zu is not a number of ticks", path, i);
		append(&a, &room, (uint32_t)json_integer_value(v));
	}
	s->array = xrealloc(s->array, s->arrays + 1, sizeof(*s->array));
	s->array[s->arrays++] = a;
}

uint32_t *samples_of(struct samples *s, json_t *array, size_t *n, const char *path)
{
	for (int tried = 0;; tried++) {
		for (size_t i = 0; i < s->arrays; i++) {
			if (s->array[i].at == array) {
				*n = s->array[i].n;
				return s->array[i].value;
			}
		}
		if (tried)
			die("%s: an array is lost", path);
		adopt(s, array, path);
	}
}
