// SPDX-License-Identifier: MIT
#include "compare.h"
char *report_html(const struct table *t, const char *pictures)
{
	(void)t;
	(void)pictures;
	return 0;
}
