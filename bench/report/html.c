// SPDX-License-Identifier: MIT
/*
 * The report for people with a browser: one file, without scripts, styles or pictures
 * from elsewhere.  The verdict first, then the table (html_table.c), pictures, what besides the
 * kernels differs, conditions, and how to make it again.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "lib/core/markup.h"
#include "lib/core/die.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--soft:#f2f2f2;--rule:#c4c4c4;"
	"--good:#00563f;--bad:#9a3d00}\n"
	"@media (prefers-color-scheme:dark){:root{--ink:#e6e6e6;--paper:#161616;--soft:#242424;"
	"--rule:#4c4c4c;--good:#6fd6b4;--bad:#ffa266}figure svg{filter:invert(.915) hue-rotate(180deg)}}\n"
	"body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,'DejaVu Sans',"
	"sans-serif}main{max-width:75rem;margin:0 auto;padding:1rem}\n"
	"h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-bottom:1px solid var(--rule)}\n"
	".verdict{font-size:1.3rem;font-weight:600;margin:.5rem 0}.wide{overflow-x:auto}\n"
	"table{border-collapse:collapse;font-size:.82rem}caption{text-align:left;padding:.3rem 0}"
	"th,td{padding:.15rem .6rem;border-bottom:1px solid var(--rule);text-align:left;"
	"vertical-align:top}thead th{background:var(--soft);vertical-align:bottom}"
	"tbody th{font-weight:400}td.n{text-align:right;font-variant-numeric:tabular-nums;"
	"white-space:nowrap}tr.control{color:color-mix(in srgb,var(--ink) 70%,var(--paper))}\n"
	".good{color:var(--good)}.bad{color:var(--bad)}td.long{overflow-wrap:anywhere;max-width:52rem}\n"
	"figure{margin:1.5rem 0;max-width:52rem}figure svg{width:100%;height:auto}"
	"figcaption{font-size:.85rem}pre{background:var(--soft);padding:.7rem;overflow-x:auto;"
	"white-space:pre-wrap;overflow-wrap:anywhere}\n"
	"@media print{:root{--ink:#000;--paper:#fff;--soft:#eee;--rule:#999;--good:#00563f;"
	"--bad:#9a3d00}body{font-size:10px}main{max-width:none}.wide{overflow:visible}"
	"figure svg{filter:none}figure,tr{break-inside:avoid}thead{display:table-header-group}}\n"
	".history svg{display:block}.history path{fill:none;stroke:currentColor;stroke-width:1.5}"
	".history circle{fill:var(--good)}.history circle.bad{fill:var(--bad)}"
	".history circle.neither{fill:currentColor}\n";

void html_head(FILE *f, char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	      f);
	markup_text(f, title);
	fprintf(f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
	html_put(f, "", title, "</h1>\n");
}

static void put_head(FILE *f, const struct table *t, const size_t *shown, size_t n)
{
	char *title = xstrdup("dexbench: "), *longer;

	for (size_t s = 1; s < n; s++) {
		longer = xasprintf("%s%s%s", title, s > 1 ? ", " : "", t->kernel[shown[s]].label);
		free(title);
		title = longer;
	}
	longer = xasprintf("%s%s%s", title, n > 1 ? " against " : "", t->kernel[shown[0]].label);
	free(title);
	html_head(f, longer);
}

static void put_verdict(FILE *f, const struct table *t)
{
	char *line[VERDICT_LINES], *arm = arm_text(t);
	char *cross = t->exact ? NULL : cross_check_text(t);
	size_t lines = verdict_lines(t, SIZE_MAX, line);

	html_put(f, "<section>\n<p class=\"verdict\">", line[0], "</p>\n<ul>\n");
	for (size_t i = 1; i < lines; i++)
		html_put(f, "<li>", line[i], "</li>\n");
	if (arm)
		html_put(f, "<li>", arm, "</li>\n");
	if (cross)
		html_put(f, "<li>", cross, "</li>\n");
	fprintf(f,
		"</ul>\n<p>Controls and counts that are neither good nor bad are left out. Mode %s: %s per page, %s; ",
		t->mode, unit_words(t), metric_words(t->metric));
	if (t->exact)
		fprintf(f,
			"differences repeat exactly, because boots of a kernel give the same count; \"=\" is less than the case "
			"resolves: interrupts and the memory that a boot happens to use move it as much. "
			"It says how long a path is and not how long it takes.%s%s</p>\n",
			*lockstep_words(t) ? " " : "", lockstep_words(t));
	else
		fprintf(f,
			"brackets are 95 %% intervals over boots; the smallest effect that matters is %s %%.%s</p>\n",
			t->threshold_text,
			strcmp(t->mode, "timing") ? " Ticks are an emulator's and no time." : "");
	fputs("</section>\n", f);
}

static void put_kernels(FILE *f, const struct table *t)
{
	fputs("<h2>Kernels</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">kernel</th>"
	      "<th scope=\"col\">is</th><th scope=\"col\">made from</th>"
	      "<th scope=\"col\">boots</th></tr></thead>\n<tbody>\n",
	      f);
	for (size_t k = 0; k < t->kernels; k++) {
		json_t *host = json_object_get(json_object_get(t->kernel[k].run, "host"), "kernel");
		const char *source = json_string_value(json_object_get(host, "source"));

		html_put(f, "<tr><th scope=\"row\">", xstrdup(t->kernel[k].label), "</th>");
		html_put(f, "<td>", release_text(&t->kernel[k]), "</td>");
		html_put(f, "<td>", xstrdup(source ? source : "unknown"), "</td>");
		fprintf(f, "<td class=\"n\">%zu</td></tr>\n", t->kernel[k].boots);
	}
	fputs("</tbody></table></div>\n", f);
}

static void put_differences(FILE *f, const struct table *t)
{
	json_t *entry;
	size_t i;

	fputs("<h2>What differs between the kernels&#39; conditions</h2>\n", f);
	if (!json_array_size(t->environment_diff)) {
		fputs("<p>Nothing.</p>\n", f);
		return;
	}
	fputs("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">condition</th><th scope=\"col\">"
	      "by kernel, in order; an A/A arm only where it differs</th></tr></thead>\n<tbody>\n",
	      f);
	json_array_foreach(t->environment_diff, i, entry) {
		const char *key = json_string_value(json_object_get(entry, "key"));

		html_put(f, "<tr><th scope=\"row\">", xstrdup(key), "</th>");
		html_put(f, "<td class=\"long\">", environment_text(t, entry, 200), "</td></tr>\n");
	}
	fputs("</tbody></table></div>\n", f);
}

/* Each single fact, but for long lists and what changes by itself. */
static void put_facts(FILE *f, json_t *object, const char *prefix)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		char *key = xasprintf("%s%s%s", prefix, *prefix ? "." : "", name), *text;

		if (json_is_object(value) && strcmp(name, "symbols") &&
		    strcmp(name, "vulnerabilities") && strcmp(name, "state")) {
			put_facts(f, value, key);
		} else if (!json_is_object(value) && !json_is_array(value)) {
			text = json_is_string(value) ? xstrdup(json_string_value(value))
						     : json_dumps(value, JSON_ENCODE_ANY);
			html_put(f, "<tr><th scope=\"row\">", xstrdup(key), "</th>");
			html_put(f, "<td class=\"long\">", text, "</td></tr>\n");
		}
		free(key);
	}
}

static void put_conditions(FILE *f, const struct table *t)
{
	fputs("<h2>Conditions</h2>\n<div class=\"wide\"><table>\n<caption>The first boot of ", f);
	markup_text(f, t->kernel[0].label);
	fputs("; the others as above</caption>\n<thead><tr><th scope=\"col\">condition</th>"
	      "<th scope=\"col\">value</th></tr></thead>\n<tbody>\n",
	      f);
	put_facts(f, t->kernel[0].run, "");
	fputs("</tbody></table></div>\n", f);
}

static void read_text(const char *path, char **text)
{
	FILE *in = fopen(path, "r");
	size_t size = 0;

	if (!in || getdelim(text, &size, '\0', in) < 0)
		die_usage("%s: cannot be read, or is empty", path);
	fclose(in);
}

/* Identifiers are the same in all of gnuplot's pictures and may be there once alone. */
static void put_svg(FILE *f, const char *svg, const char *name)
{
	static const char *const refers[] = { " id='", " id=\"", "href='#", "url(#" };

	while (*svg) {
		for (size_t i = 0; i < sizeof(refers) / sizeof(refers[0]); i++) {
			size_t n = strlen(refers[i]);

			if (strncmp(svg, refers[i], n))
				continue;
			fprintf(f, "%s%s-", refers[i], name);
			svg += n;
			break;
		}
		fputc(*svg++, f);
	}
}

/* @file is NAME.svg; what it shows is in the table under that name. */
static void put_picture(FILE *f, const char *directory, const char *file)
{
	char *path = xasprintf("%s/%s", directory, file), *text = NULL, *svg;
	char *name = xasprintf("%.*s", (int)(strlen(file) - 4), file);

	read_text(path, &text);
	svg = strstr(text, "<svg");
	if (!svg)
		die_usage("%s: no SVG picture", path);
	fputs("<figure id=\"picture-", f);
	markup_text(f, name);
	fputs("\">\n<svg role=\"img\" aria-label=\"", f);
	markup_text(f, name);
	fputs(": a picture of rows of the table\" ", f);
	put_svg(f, svg + strlen("<svg"), name);
	html_put(f, "<figcaption>", name, "</figcaption>\n</figure>\n");
	free(path);
	free(text);
}

static int is_svg(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 4 && !strcmp(entry->d_name + n - 4, ".svg");
}

/* What all cases together say comes first. */
static int is_summary(const char *name)
{
	return !strcmp(name, "ladder.svg") || !strcmp(name, "effects.svg");
}

static void put_pictures(FILE *f, const char *directory)
{
	struct dirent **entry;
	int n = directory ? scandir(directory, &entry, is_svg, alphasort) : 0;

	if (n < 0)
		die_usage("--pictures=%s: no such directory", directory);
	if (n)
		fputs("<h2>Pictures</h2>\n", f);
	for (int first = 1; first >= 0; first--)
		for (int i = 0; i < n; i++)
			if (is_summary(entry[i]->d_name) == first)
				put_picture(f, directory, entry[i]->d_name);
	for (int i = 0; i < n; i++)
		free(entry[i]);
	if (directory)
		free(entry);
}

static void put_commands(FILE *f, const struct table *t)
{
	json_t *version = json_object_get(t->kernel[0].run, "dexbench");

	fputs("<h2>How to reproduce</h2>\n<pre>", f);
	for (size_t p = 0; p < t->plans; p++) {
		char *line = campaign_command(t, p);

		if (line)
			html_put(f, "", line, "\n");
	}
	html_put(f, "", compare_command(t, "--format=text"), "\n");
	fputs("make report OUT=DIR</pre>\n<p>Made from results of dexbench ", f);
	markup_text(f, json_string_value(version) ? json_string_value(version) : "unknown");
	fputs(".</p>\n", f);
}

char *report_html(const struct table *t, const char *pictures)
{
	size_t shown[COMPARE_MAX_KERNELS], n = letters(t, shown), size;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die("out of memory for the report");
	put_head(f, t, shown, n);
	put_verdict(f, t);
	put_kernels(f, t);
	html_table(f, t);
	put_pictures(f, pictures);
	html_fits(f, t);
	html_predictions(f, t);
	html_skips(f, t);
	put_differences(f, t);
	put_conditions(f, t);
	put_commands(f, t);
	fputs("</main>\n</body>\n</html>\n", f);
	fclose(f);
	return text;
}
