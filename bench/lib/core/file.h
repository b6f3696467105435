/* SPDX-License-Identifier: MIT */
/*
 * Files written once, whole or not at all.  One that exists is an error, as is a full disk;
 * nothing half-written is left behind.
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <stdio.h>

/* What @fill prints becomes the file @path; it returns 0 unless it failed. */
void file_write_new(const char *path, int (*fill)(FILE *file, void *user), void *user);

/* @text becomes one of several files of which the last says that all are there: what an earlier
 * writer left of it when it was cut short is no obstacle. */
void file_write_again(const char *path, const char *text);

/* Die, before anything is written, if @path is there. */
void file_must_be_new(const char *path);

#endif /* LIB_FILE_H */
