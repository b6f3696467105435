// SPDX-License-Identifier: MIT
/* The commands that make a table again, from its plans. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/quote.h"

/* @text, which is freed, and the rest behind it. */
static char *extend(char *text, const char *more, const char *value, const char *end)
{
	char *longer = xasprintf("%s%s%s%s", text, more, value, end);

	free(text);
	return longer;
}

/* Plans are told apart by numbers; valid until the next. */
static const char *number_of(size_t plan)
{
	static char number[24];

	snprintf(number, sizeof(number), "%zu", plan + 1);
	return number;
}

/* Frees @word, which is put behind @more as one word for the shell. */
static char *extend_quoted(char *text, const char *more, char *word, char mark)
{
	char *quoted = quote_shell(word, mark), *longer = extend(text, more, quoted, "");

	free(quoted);
	free(word);
	return longer;
}

static int is_asked_for(const struct table *t, size_t k, size_t plan)
{
	return t->kernel[k].directory == plan && !is_arm(t, k);
}

/* The name of a file without its directory, and what is behind it up to the next +. */
static const char *without_directory(const char *name, size_t *length)
{
	size_t n = strcspn(name, "+"), from = n;

	while (from && name[from - 1] != '/')
		from--;
	*length = n - from;
	return name + from;
}

/*
 * A tree and patches lie somewhere on each machine; a revision is a commit everywhere:
 * "tree:/home/u/linux@fix+/home/u/x.patch" is "tree:linux@1f2e3d4c5b6a+x.patch".
 */
char *portable_spec(const struct table *t, size_t k)
{
	const char *spec = t->kernel[k].spec, *at = strchr(spec, '@'), *rest, *name;
	json_t *host = json_object_get(json_object_get(t->kernel[k].run, "host"), "kernel");
	const char *source = json_string_value(json_object_get(host, "source"));
	int is_commit = at && source && !strncmp(source, "git-", 4);
	size_t length;
	char *text, *longer;

	if (strncmp(spec, "tree:", 5))
		return xstrdup(spec);
	rest = at ? at + 1 + strcspn(at + 1, "+") : spec + strcspn(spec, "+");
	length = (size_t)((at ? at : rest) - spec) - 5;
	for (name = spec + 5 + length; name > spec + 5 && name[-1] != '/'; name--)
		;
	length = (size_t)((at ? at : rest) - name);
	text = xasprintf("tree:%.*s%s%.*s", (int)length, name, at ? "@" : "",
			 is_commit ? 12
			 : at	   ? (int)(rest - at - 1)
				   : 0,
			 is_commit ? source + 4
			 : at	   ? at + 1
				   : "");
	for (; *rest == '+'; rest += 1 + strcspn(rest + 1, "+")) {
		name = without_directory(rest + 1, &length);
		longer = xasprintf("%s+%.*s", text, (int)length, name);
		free(text);
		text = longer;
	}
	return text;
}

/* Where a name has a blank, bars and no blanks separate names: see KERNELS in docs/reference.md. */
static const char *separator_of(const struct table *t, size_t plan)
{
	for (size_t k = 0; k < t->kernels; k++)
		if (is_asked_for(t, k, plan) && strpbrk(t->kernel[k].spec, " |"))
			return " | ";
	return " ";
}

/* Kernels of a plan as KERNELS has them: its A/A arm is not asked for by name. */
static char *specs_of(const struct table *t, size_t plan, int *arm)
{
	const char *separator = separator_of(t, plan);
	char *text = xstrdup(""), *lone;
	size_t n = 0;

	*arm = 0;
	for (size_t k = 0; k < t->kernels; k++) {
		*arm |= t->kernel[k].directory == plan && is_arm(t, k);
		if (is_asked_for(t, k, plan)) {
			char *spec = portable_spec(t, k);

			text = extend(text, n++ ? separator : "", spec, "");
			free(spec);
		}
	}
	if (n != 1 || !separator[1])
		return text;
	lone = xasprintf("| %s", text);
	free(text);
	return lone;
}

static char *case_list(json_t *plan)
{
	char *text = xstrdup("");
	json_t *c;
	size_t i;

	json_array_foreach(json_object_get(plan, "cases"), i, c)
		text = extend(text, i ? "|" : "", json_string_value(c), "");
	return text;
}

/* " ROWS=brief LOCKSTEP=...", or nothing: what only lockstep mode has. */
static char *lockstep_variables(const struct table *t, size_t plan)
{
	json_t *l = json_object_get(t->plan[plan].json, "lockstep");
	const char *rows = json_string_value(json_object_get(t->plan[plan].json, "rows"));

	if (!l)
		return xstrdup("");
	return xasprintf(" ROWS=%s LOCKSTEP=q=%lld,pause=%lld,seed=%lld",
			 rows && !strcmp(rows, "brief") ? rows : "all",
			 (long long)json_integer_value(json_object_get(l, "q")),
			 (long long)json_integer_value(json_object_get(l, "pause")),
			 (long long)json_integer_value(json_object_get(l, "seed")));
}

/* NULL for a plan that no campaign made (bare metal). */
char *campaign_command(const struct table *t, size_t plan)
{
	json_int_t runs = plan_int(t, plan, "runs");
	char *specs, *line, *longer, *lockstep;
	int arm;

	if (!json_object_get(t->plan[plan].json, "seed"))
		return NULL;
	specs = specs_of(t, plan, &arm);
	/* Inside of ' a line that goes on is the same word to the last blank. */
	line = extend_quoted(xstrdup("make ab"), " KERNELS=", specs,
			     *specs == '|' || strstr(specs, " | ") ? '\'' : '"');
	line = extend_quoted(line, " CASES=", case_list(t->plan[plan].json), '"');
	lockstep = lockstep_variables(t, plan);
	longer = xasprintf(
		"%s MODE=%s%s BOOTS=%lld RUNS=%lld SEED=%lld PAGES=%lld CPUS=%lld MEMORY=%lld AA=%s OUT=DIR",
		line, t->mode, lockstep, (long long)plan_int(t, plan, "boots"),
		(long long)(runs ? runs : 1), (long long)plan_int(t, plan, "seed"),
		(long long)plan_int(t, plan, "pages"), (long long)plan_int(t, plan, "cpus"),
		(long long)plan_int(t, plan, "memory_mib"), arm ? "yes" : "no");
	free(line);
	free(lockstep);
	return t->plans > 1 ? extend(longer, number_of(plan), "", "") : longer;
}

char *compare_command(const struct table *t, const char *option)
{
	char *line = xasprintf("build/dex-compare %s", option);

	if (t->metric != METRIC_MEDIAN)
		line = extend(line, " --metric=", metric_option(t->metric), "");
	if (!t->exact)
		line = extend_quoted(line, " --threshold=", xstrdup(t->threshold_text), 0);
	if (t->cases)
		line = extend_quoted(line, " --case=", xstrdup(t->cases), '\'');
	for (size_t p = 0; p < t->plans; p++)
		line = extend(line, " DIR", t->plans > 1 ? number_of(p) : "", "");
	return line;
}
