// SPDX-License-Identifier: MIT
/* What a run's samples are reduced to, and whether there are enough. */
#define _GNU_SOURCE
#include <string.h>

#include "results.h"
#include "lib/core/die.h"

static const struct {
	const char *option, *key, *words;
	double q; /* 0: the mean */
} metrics[] = {
#define METRIC_ENTRY(between, id, ...) [METRIC_##id] = { __VA_ARGS__ },
	METRICS(METRIC_ENTRY, )
};

#define N_METRICS (sizeof(metrics) / sizeof(metrics[0]))

int metric_find(const char *name, enum metric *metric)
{
	for (size_t i = 0; i < N_METRICS; i++) {
		if (!strcmp(metrics[i].option, name)) {
			*metric = (enum metric)i;
			return 1;
		}
	}
	return 0;
}

const char *metric_words(enum metric metric)
{
	return metrics[metric].words;
}

const char *metric_key(enum metric metric)
{
	return metrics[metric].key;
}

const char *metric_option(enum metric metric)
{
	return metrics[metric].option;
}

static double mean(const uint32_t *ticks, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ticks[i];
	return sum / (double)n;
}

double metric_quantile(enum metric metric)
{
	return metrics[metric].q;
}

double metric_of(enum metric metric, uint32_t *ticks, size_t n)
{
	double q = metrics[metric].q;

	if (q == 0)
		return mean(ticks, n);
	stats_sort(ticks, n);
	return stats_quantile(ticks, n, q);
}

/* Most rows have equally many, and the answer costs more than the percentile.  @i: of each @q its own. */
static int is_bounded(size_t n, double q, size_t i)
{
	static struct {
		size_t n;
		int bounded;
	} last[N_PERCENTILES + N_METRICS];
	size_t low, high;

	if (last[i].n != n) {
		last[i].n = n;
		last[i].bounded = stats_quantile_ranks(n, q, COMPARE_CONFIDENCE, &low, &high);
	}
	return last[i].bounded;
}

int metric_bounded(size_t n, size_t i)
{
	return is_bounded(n, percentile_q[i], i);
}

/* Why @n samples have no value by @metric, or NULL.  The median is the
 * value of whatever there is: where one sample is a whole phase there are few. */
char *metric_unbounded(enum metric metric, size_t n)
{
	const char *words = metric_words(metric);
	double q = metrics[metric].q;

	if (metric == METRIC_MEDIAN || q == 0 || is_bounded(n, q, N_PERCENTILES + metric))
		return NULL;
	return xasprintf("%zu samples do not bound the %.*s", n,
			 (int)(strstr(words, " of ") - words), words);
}

/* Cases write "ticks", "ticks/page", "pages/Mtick", "atomics/Ktick": a million ticks are as many ms as
 * one is ns. */
char *metric_unit(const struct table *t, const char *unit, double scale, double *value)
{
	size_t length = strlen(unit);
	const char *end = length > 6 ? unit + length - 6 : "";

	if (strcmp(t->mode, "timing"))
		return xstrdup(unit);
	if (!strncmp(unit, "ticks", 5)) {
		*value *= scale;
		return xasprintf("ns%s", unit + 5);
	}
	if (strcmp(end, "/Mtick") && strcmp(end, "/Ktick"))
		return xstrdup(unit);
	*value /= scale;
	return xasprintf("%.*s/%s", (int)(length - 6), unit, end[1] == 'M' ? "ms" : "us");
}
