/* SPDX-License-Identifier: MIT */
/*
 * Which names results may hold.  They become parts of paths, of commands and of tables, so what
 * is not on these lists is refused as it is read; nobody behind has to ask again.
 */
#ifndef LIB_NAMES_H
#define LIB_NAMES_H

/* Of a case, a parameter, a metric, a counter: [a-z0-9_]+. */
int name_is_word(const char *s);

/* Of a boot: one component of a path, [A-Za-z0-9._-]+, not hidden, no "..". */
int name_is_component(const char *s);

/* Of a kernel, or a parameter's value: a line of text that ends. */
int name_is_label(const char *s);

/* Of a mode: one of those that dexbench has. */
int name_is_mode(const char *s);

#endif /* LIB_NAMES_H */
