/* SPDX-License-Identifier: MIT */
/* For tests of numbers: cmocka, and equality up to a relative difference. */
#ifndef TESTS_NEAR_H
#define TESTS_NEAR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Line and both numbers are in the message; NAN equals NAN and nothing else. */
#define assert_near(actual, expected, tolerance) \
	near_(actual, expected, tolerance, #actual, __FILE__, __LINE__)

static inline void near_(double actual, double expected, double tolerance, const char *what,
			 const char *file, int line)
{
	double scale = fmax(1e-12, fabs(expected));

	if (isnan(expected) ? isnan(actual) : fabs(actual - expected) <= tolerance * scale)
		return;
	print_error("%s is %.12g, expected %.12g\n", what, actual, expected);
	_fail(file, line);
}

#endif /* TESTS_NEAR_H */
