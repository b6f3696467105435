// SPDX-License-Identifier: MIT
/*
 * The block to post under a patch: plain ASCII, at most 75 columns so that it
 * survives quoting, and complete: what was measured, in which unit, which way is
 * better, how often, what the brackets mean, what differed besides the change, and
 * the commands that make it.  Nothing in it depends on where the results lie, so that
 * --verify finds the same block on another machine.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/die.h"
#include "lib/core/json.h"

#define KEYS_SHOWN 400 /* characters of names of conditions */

/* A paragraph, which is freed. */
static void say(const struct letter *l, char *text)
{
	wrap(l->f, text, LETTER_COLUMNS, "");
	free(text);
}

static const char *fact(const struct table *t, const char *object, const char *key)
{
	json_t *o = object ? json_object_get(t->kernel[0].run, object) : t->kernel[0].run;
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "unknown";
}

static char *boots_text(const struct letter *l)
{
	size_t least = SIZE_MAX, most = 0;

	for (size_t i = 0; i < l->n; i++) {
		size_t boots = l->t->kernel[l->shown[i]].boots;

		least = boots < least ? boots : least;
		most = boots > most ? boots : most;
	}
	return least == most ? xasprintf("%zu boot%s of each kernel", most, most == 1 ? "" : "s")
			     : xasprintf("%zu to %zu boots of a kernel", least, most);
}

static void put_design(const struct letter *l)
{
	const struct table *t = l->t;
	json_int_t runs = plan_int(t, 0, "runs"), seed = plan_int(t, 0, "seed");
	char *boots = boots_text(l);
	char *order = t->plans > 1 ? xasprintf(", in %zu campaigns", t->plans)
		      : json_object_get(t->plan[0].json, "seed")
			      ? xasprintf(", order random in blocks of one boot each (seed %lld)",
					  (long long)seed)
			      : xstrdup("");
	char *often = runs > 1 ? xasprintf(", %lld runs a boot", (long long)runs) : xstrdup("");
	char *size = t->pages ? xasprintf("; %lld pages an execution", (long long)t->pages)
			      : xstrdup("");

	say(l, xasprintf("%s%s%s%s.", boots, often, order, size));
	free(size);
	free(boots);
	free(order);
	free(often);
}

static const char *interval_words(const struct table *t)
{
	if (!has_method(t, FIELLER))
		return "Student's t from boots paired by block";
	return has_method(t, PAIRED_T)
		       ? "Student's t from boots paired by block, by Fieller from all where none is shared"
		       : "Fieller from boots that share no block";
}

static void put_meaning(const struct letter *l)
{
	const struct table *t = l->t;

	if (t->exact) {
		say(l,
		    xasprintf(
			    "Counted under emulation on %s, which says how long the path is and not how long it takes. %s = is less than the case resolves: interrupts and the memory of a boot move it as much.",
			    strcmp(t->mode, "lockstep")
				    ? "one CPU"
				    : "CPUs that take turns of a few instructions",
			    interleaves(t)
				    ? "Values are means over interleavings, each exact, and [low, high] what they leave open at 95 %, in per cent; ? they do not tell."
				    : "There is no +-: boots of a kernel give the same count."));
		return;
	}
	if (strcmp(t->mode, "timing"))
		say(l,
		    xstrdup("Ticks of an emulator's clock are no time: only ratios mean something."));
	say(l,
	    xasprintf(
		    "Values are geometric means over boots%s; [low, high] is the 95 %% confidence interval of the ratio to A, less 1, in %%, by %s, not from samples.",
		    plan_int(t, 0, "runs") > 1 ? ", a boot being the mean of its runs" : "",
		    interval_words(t)));
	say(l,
	    xasprintf(
		    "faster, slower: excludes 0, Holm over %zu %srow%s at 5 %%%s. = equivalent: within +-%s %%. ~ inconclusive.",
		    family_size(t, PRIMARY), primary_rows(t) ? "primary " : "",
		    family_size(t, PRIMARY) == 1 ? "" : "s",
		    primary_rows(t) ? ", which decide; all others by false discovery rate, 5 %"
				    : "",
		    t->threshold_text));
}

static void put_head(const struct letter *l)
{
	const struct table *t = l->t;

	say(l, xasprintf("dexbench %s, mode %s: %s per page", fact(t, NULL, "dexbench"), t->mode,
			 unit_words(t)));
	if (has_metrics(t))
		say(l,
		    xasprintf(
			    "Rows without a metric: %s; lower is better. A metric has a unit of its own; higher is better only where its row says so.",
			    metric_words(t->metric)));
	else
		say(l, xasprintf("Each row: %s; lower is better.", metric_words(t->metric)));
	put_design(l);
	put_meaning(l);
	fputc('\n', l->f);
}

static void put_kernels(const struct letter *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct kernel *kernel = &l->t->kernel[l->shown[i]];
		json_t *host = json_object_get(json_object_get(kernel->run, "host"), "kernel");
		const char *source = json_string_value(json_object_get(host, "source"));
		char *release = release_text(kernel);

		say(l, xasprintf("%c = %s%s: %s%s%s", (char)('A' + i), kernel->label,
				 i ? "" : " (baseline)", release, source ? ", " : "",
				 source ? source : ""));
		free(release);
	}
	fputc('\n', l->f);
}

/* What the campaign could have found, over its results. */
static void put_mde(const struct letter *l)
{
	double least = INFINITY, most = 0;

	for (size_t i = 0; i < l->t->comparisons; i++) {
		const struct comparison *c = &l->t->comparison[i];

		if (!is_result(c) || isnan(c->mde_pct))
			continue;
		least = fmin(least, c->mde_pct);
		most = fmax(most, c->mde_pct);
	}
	if (least <= most)
		say(l, xasprintf("Minimum detectable effect (found 4 times in 5): %.1f to %.1f %%",
				 least, most));
}

static char *cut_keys(char *keys)
{
	char *end, *cut;

	if (strlen(keys) <= KEYS_SHOWN)
		return keys;
	for (end = keys + KEYS_SHOWN; end > keys && *end != ','; end--)
		;
	cut = xasprintf("%.*s, ...", (int)(end - keys), keys);
	free(keys);
	return cut;
}

static void put_checks(const struct letter *l)
{
	char *arm = arm_text(l->t), *keys = cut_keys(environment_keys(l->t));
	const char *qemu = fact(l->t, "host", "qemu");

	put_mde(l);
	say(l, arm ? arm : xstrdup("A/A: not measured"));
	say(l, xasprintf("Kernels differ in: %s", *keys ? keys : "nothing else"));
	say(l, xasprintf("Machine: %s%s%s", fact(l->t, "cpu", "model"),
			 strcmp(qemu, "unknown") ? ", " : "", strcmp(qemu, "unknown") ? qemu : ""));
	for (size_t i = 0; i < l->t->notes; i++)
		say(l, xasprintf("note: %s", l->t->note[i].text));
	free(keys);
}

static void put_command(const struct letter *l, char *line)
{
	wrap(l->f, line, LETTER_COLUMNS, " \\");
	free(line);
}

/* With the options that this table was made with. */
static void put_commands(const struct letter *l)
{
	const struct table *t = l->t;

	fputs("To reproduce:\n", l->f);
	for (size_t p = 0; p < t->plans; p++) {
		char *line = campaign_command(t, p);

		if (line)
			put_command(l, line);
	}
	put_command(l, compare_command(t, "--cover-letter"));
}

/* Whoever reads the letter must learn what was measured, and how. */
static void need_conditions(const struct letter *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct kernel *k = &l->t->kernel[l->shown[i]];

		if (!json_object_get(json_object_get(k->run, "kernel"), "release"))
			die_usage(
				"no cover letter: the conditions of %s are not known; put plan.json and the boots' run.json beside compare.json",
				k->label);
	}
}

char *cover_letter(const struct table *t)
{
	struct letter l = { .t = t };
	char *text = NULL;
	size_t size;

	l.n = letters(t, l.shown);
	if (l.n < 2)
		die_usage("a cover letter compares two kernels or more; here is one");
	need_conditions(&l);
	l.f = open_memstream(&text, &size);
	if (!l.f)
		die("out of memory for the cover letter");
	put_head(&l);
	put_kernels(&l);
	letter_table(&l);
	put_checks(&l);
	put_commands(&l);
	fclose(l.f);
	return text;
}
