// SPDX-License-Identifier: MIT
/*
 * A differential flame graph: callers below, what they call on top of them.
 *
 * A frame is as wide as its instructions on the kernel that has more of them, so that
 * code that only one has is seen.  Blue: fewer on the second kernel; red: more; grey: to the
 * instruction the same.  No script, no font, no colour that says something alone: the numbers are
 * in each frame's title.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attribute/tree.h"

#include "lib/core/fields.h"
#include "lib/core/markup.h"

#define WIDTH	  1200.0
#define MARGIN	  8.0
#define HEAD	  46.0
#define FRAME	  17.0
#define LETTER	  6.7
#define NARROWEST 0.4

struct canvas {
	FILE *out;
	double scale;	 /* pixels an instruction */
	double bottom;	 /* of the lowest frame */
	double greatest; /* change of any frame but the root */
	const struct report *report;
};

static double greatest_change(const struct tree *t)
{
	double most = 0;

	for (const struct tree *c = t->child; c; c = c->next)
		most = fmax(most, fmax(fabs(tree_change(c)), greatest_change(c)));
	return most;
}

/* The root of the share, because most changes are small against the greatest. */
static void put_colour(const struct canvas *v, double change)
{
	double share = v->greatest > 0 ? sqrt(fmin(fabs(change) / v->greatest, 1)) : 0;
	int pale = (int)(225 - 150 * share);

	if (change == 0)
		fputs("#dddddd", v->out);
	else if (change < 0)
		fprintf(v->out, "#%02x%02xff", pale, pale);
	else
		fprintf(v->out, "#ff%02x%02x", pale, pale);
}

static void put_frame(const struct canvas *v, const struct tree *t, double x, size_t level)
{
	double width = t->width * v->scale, y = v->bottom - FRAME * (double)(level + 1);
	size_t letters = (size_t)fmax((width - 4) / LETTER, 0), length = strlen(t->name);

	fputs("<g><title>", v->out);
	markup_text(v->out, t->name);
	fprintf(v->out,
		": %.10g, %.10g (%+.10g); itself %.10g, %.10g</title><rect x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" fill=\"",
		t->total[A], t->total[B], tree_change(t), t->self[A], t->self[B], x, y, width,
		FRAME - 1);
	put_colour(v, tree_change(t));
	fputs("\"/>", v->out);
	if (letters >= 3) {
		fprintf(v->out, "<text x=\"%.1f\" y=\"%.0f\">", x + 2, y + 12);
		markup_some(v->out, t->name, letters < length ? letters - 1 : length);
		fputs(letters < length ? "…</text>" : "</text>", v->out);
	}
	fputs("</g>\n", v->out);
}

static void put_tree(const struct canvas *v, const struct tree *t, double x, size_t level)
{
	put_frame(v, t, x, level);
	for (const struct tree *c = t->child; c; c = c->next) {
		if (c->width * v->scale >= NARROWEST)
			put_tree(v, c, x, level + 1);
		x += c->width * v->scale;
	}
}

static void put_head(const struct canvas *v, const struct row *row, double height)
{
	char *params = fields_params(row->params, " ", "=");

	fprintf(v->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" font-family=\"monospace\" font-size=\"11\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%.0f\" y=\"18\" font-size=\"14\">",
		WIDTH, height, WIDTH, height, MARGIN);
	fprintf(v->out, "%s %s: ", v->report->case_name, params);
	markup_text(v->out, v->report->spec[A]);
	fprintf(v->out, " %.10g, ", row->fold[A]->total.insns);
	markup_text(v->out, v->report->spec[B]);
	fprintf(v->out,
		" %.10g instructions (%+.10g)</text>\n<text x=\"%.0f\" y=\"36\">blue: fewer on the second kernel, red: more, grey: the same; as wide as on the kernel that has more</text>\n",
		row->fold[B]->total.insns, row->fold[B]->total.insns - row->fold[A]->total.insns,
		MARGIN);
	free(params);
}

char *tree_svg(const struct report *report, const struct row *row)
{
	struct tree *t = tree_of((const struct fold *const[]){ row->fold[A], row->fold[B] });
	struct canvas v = { .report = report, .greatest = greatest_change(t) };
	double height = HEAD + FRAME * (double)tree_depth(t) + MARGIN;
	char *text = NULL;
	size_t size;

	v.out = open_memstream(&text, &size);
	v.bottom = height - MARGIN;
	v.scale = t->width > 0 ? (WIDTH - 2 * MARGIN) / t->width : 0;
	put_head(&v, row, height);
	put_tree(&v, t, MARGIN, 0);
	fputs("</svg>\n", v.out);
	fclose(v.out);
	tree_free(t);
	return text;
}
