// SPDX-License-Identifier: MIT
/* What a program in the room takes, in a list, so that it can be given back when it died. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "room.h"

#define PLACES (1u << 18) /* of pointers, by hash; few programs need a tenth */
#define FILES  64

static void *place[PLACES];
static uint32_t taken[PLACES]; /* places, in order */
static size_t n_taken;

/* A stream in memory belongs to the program only once it is closed: until then its text is here. */
static struct stream {
	FILE *file;
	char *text, **to;
	size_t size, *to_size;
} stream[FILES];

static size_t find(void *p)
{
	size_t i = ((uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 46;

	while (place[i] && place[i] != p)
		i = (i + 1) % PLACES;
	return i;
}

/* Beyond a half nothing is remembered, and leaks. */
void *room_keep(void *p)
{
	size_t i;

	if (!p || n_taken > PLACES / 2)
		return p;
	i = find(p);
	if (!place[i]) {
		place[i] = p;
		taken[n_taken++] = (uint32_t)i;
	}
	return p;
}

/* A place that was left stays taken by nobody, so that those behind it are found. */
static char nobody;

static void forget(void *p)
{
	size_t i = p ? find(p) : 0;

	if (p && place[i] == p)
		place[i] = &nobody;
}

void *room_malloc(size_t size)
{
	return room_keep(malloc(size));
}

void *room_calloc(size_t n, size_t size)
{
	return room_keep(calloc(n, size));
}

void *room_realloc(void *old, size_t size)
{
	forget(old);
	return room_keep(realloc(old, size));
}

char *room_strndup(const char *s, size_t n)
{
	return room_keep(strndup(s, n));
}

void room_free(void *p)
{
	forget(p);
	free(p);
}

static struct stream *stream_of(FILE *file)
{
	for (size_t i = 0; i < FILES; i++)
		if (stream[i].file == file)
			return &stream[i];
	return NULL;
}

/* What is written goes nowhere, and nothing is there to be read. */
FILE *room_fopen(const char *path, const char *mode)
{
	struct stream *s = stream_of(NULL);

	(void)path;
	if (!s)
		return NULL;
	*s = (struct stream){ .file = fopen("/dev/null", *mode == 'w' ? "w" : "r") };
	return s->file;
}

FILE *room_open_memstream(char **text, size_t *size)
{
	struct stream *s = stream_of(NULL);

	if (!s)
		return NULL;
	*s = (struct stream){ .to = text, .to_size = size };
	s->file = open_memstream(&s->text, &s->size);
	return s->file;
}

int room_fclose(FILE *f)
{
	struct stream *s = stream_of(f);
	int rc = fclose(f);

	if (s && s->to) {
		*s->to = room_keep(s->text);
		*s->to_size = s->size;
	}
	if (s)
		s->file = NULL;
	return rc;
}

int room_mkdir(const char *path, unsigned int mode)
{
	(void)path, (void)mode;
	return 0;
}

void room_clear(void)
{
	for (size_t i = 0; i < FILES; i++) {
		if (!stream[i].file)
			continue;
		fclose(stream[i].file);
		free(stream[i].to ? stream[i].text : NULL);
		stream[i].file = NULL;
	}
	for (size_t i = 0; i < n_taken; i++) {
		if (place[taken[i]] != &nobody)
			free(place[taken[i]]);
		place[taken[i]] = NULL;
	}
	n_taken = 0;
}
