/* SPDX-License-Identifier: MIT */
/*
 * A room in which a program runs over and over on files that a fuzzer makes up: they are in
 * memory, dying comes back here, and all that was taken is given back.  The program's sources are
 * compiled with fuzz.mk's names for malloc() and its kin.
 *
 * An input is a digit, which chooses the command line, and files: a line "=== NAME" before each.
 */
#ifndef FUZZ_ROOM_H
#define FUZZ_ROOM_H

#include <stddef.h>
#include <stdio.h>

/* The target's: lines of arguments, NULL behind the last; the directory of the files is "in". */
extern const char *const *const room_commands[];
extern const size_t room_n_commands;
int room_program(int argc, char **argv);
/* Called once, outside of the room: what the program keeps from one run to the next. */
void room_prepare(void);

/* memory.c */
void *room_malloc(size_t size);
void *room_calloc(size_t n, size_t size);
void *room_realloc(void *old, size_t size);
void room_free(void *p);
char *room_strndup(const char *s, size_t n);
void *room_keep(void *p); /* that something else allocated */
FILE *room_fopen(const char *path, const char *mode);
FILE *room_open_memstream(char **text, size_t *size);
int room_fclose(FILE *f);
int room_mkdir(const char *path, unsigned int mode);
void room_clear(void);

/* mutate.c: one token of JSON instead of another. */
size_t room_mutate(char *data, size_t size, size_t most, unsigned int seed);

#endif /* FUZZ_ROOM_H */
