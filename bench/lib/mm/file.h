/* SPDX-License-Identifier: MIT */
/* Files of /proc and /sys that states read and write. */
#ifndef LIB_MM_FILE_H
#define LIB_MM_FILE_H

/* 0, or errno. */
int file_put(const char *path, const char *text);
/* The file's number; -1: it has none. */
long file_number(const char *path);
/* What is set, to put back with file_restore(); NULL: there is no such file. */
char *file_swap(const char *path, const char *text);
void file_restore(const char *path, char *old); /* frees @old, which may be NULL */
/* Wait until the number there is @n more than it is; 0: it was not within some seconds. */
int file_advances(const char *path, long n);

/* What is swapped to, the first of /proc/swaps; NULL: nothing.  To free. */
char *file_swap_device(void);

#endif /* LIB_MM_FILE_H */
