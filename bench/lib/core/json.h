/* SPDX-License-Identifier: MIT */
/*
 * JSON files over jansson: written once, whole or not at all, and read with a
 * message that says which file and what is wrong with it.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <jansson.h>
#include <stdio.h>

/* What @fill prints becomes the file @path, by the same rules as JSON; it
 * returns 0 unless it failed. */
void file_write_new(const char *path, int (*fill)(FILE *file, void *user), void *user);

/* The same for a text that is there already. */
void text_write_new(const char *path, const char *text);

/* The same for one of several files of which the last says that all are there: what an earlier
 * writer left of @text when it was cut short is no obstacle. */
void text_write_again(const char *path, const char *text);

/* Die, before anything is written, if @path is there. */
void json_must_be_new(const char *path);

/* Write @root to @path and drop the reference.  A file that exists is an
 * error, as is a full disk; nothing half-written is left behind. */
void json_write_new(json_t *root, const char *path);

/* The object in @path, or die; its "schema" must be @schema if that is set. */
json_t *json_read(const char *path, const char *schema);

/* The same of @text, which was read from @path. */
json_t *json_parse(const char *text, size_t bytes, const char *path, const char *schema);

/* Member @key of @object, of that type, or die naming @path. */
json_t *json_need(json_t *object, const char *key, json_type type, const char *path);
const char *json_need_string(json_t *object, const char *key, const char *path);
json_int_t json_need_int(json_t *object, const char *key, const char *path);

/* A string, or null for NULL. */
json_t *json_string_or_null(const char *s);

/* A number, or null for what JSON has no number for: NAN and the infinities. */
json_t *json_real_or_null(double value);

#endif /* LIB_JSON_H */
