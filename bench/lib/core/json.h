/* SPDX-License-Identifier: MIT */
/*
 * JSON files over jansson: written as any file is (file.h), and read with a
 * message that says which file and what is wrong with it.
 */
#ifndef LIB_JSON_H
#define LIB_JSON_H

#include <jansson.h>

/* Write @root to @path and drop the reference. */
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
