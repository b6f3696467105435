/* SPDX-License-Identifier: MIT */
/* Parts of a result that more than one of its readers wants. */
#ifndef LIB_FIELDS_H
#define LIB_FIELDS_H

#include <jansson.h>

/* "a=1 b=x", with @between and @is for the two marks; to free. */
char *fields_params(json_t *params, const char *between, const char *is);

/* The value of one of the case's own metrics; NAN if it has none of that name. */
double fields_metric(json_t *result, const char *name);

#endif /* LIB_FIELDS_H */
