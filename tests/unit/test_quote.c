// SPDX-License-Identifier: MIT
/* Words of strangers stay words in each language; names that are none are told. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/die.h"
#include "lib/core/names.h"
#include "lib/core/quote.h"

static void must_be(char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
	free(text);
}

static void lines(void **state)
{
	(void)state;
	must_be(quote_line("plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
		"plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	must_be(quote_line("\033[31m\x7f\a"), "?[31m??");
	must_be(quote_line("a\tb\nc\r"), "a b c ");
	must_be(quote_line("\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\xd8\x9c"), "????");
	must_be(quote_line("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"), "??\xef\xbf\xbd");
	/* Cut short, longer than need be, a surrogate, beyond the last: none is UTF-8. */
	must_be(quote_line("\xc3"), "?");
	must_be(quote_line("\xc0\x9b"), "??");
	must_be(quote_line("\xed\xa0\x80"), "???");
	must_be(quote_line("\xf4\x90\x80\x80"), "????");
	must_be(quote_line("\x9b"
			   "1"),
		"?1");
}

static char *written(void (*quote)(FILE *f, const char *text), const char *text)
{
	char *said;
	size_t size;
	FILE *f = open_memstream(&said, &size);

	quote(f, text);
	fclose(f);
	return said;
}

static void terminal(void **state)
{
	(void)state;
	must_be(written(quote_terminal, "a\tb\nc\033c\n"), "a\tb\nc?c\n");
}

static void gnuplot(void **state)
{
	(void)state;
	must_be(written(quote_gnuplot, "a `id` \"; system('id') \\n\n"),
		"\"a 'id' '; system('id') 'n'\"");
}

/* What the shell makes of a word is the word. */
static void shell(void **state)
{
	static const char *const words[] = { "plain",  "two words", "$(id)",	   "`id`",
					     "a'b\"c", "$HOME",	    "back\\slash", "a!b",
					     "*.[ch]", "~",	    "a;b|c&d",	   "",
					     "'",      "\"" };
	static const char marks[] = { 0, '"', '\'' };

	(void)state;
	must_be(quote_shell("rmap-6.12", 0), "rmap-6.12");
	must_be(quote_shell("a b|c", '"'), "\"a b|c\"");
	must_be(quote_shell("a$b", '"'), "'a$b'");
	must_be(quote_shell("a\nb", '"'), "'a b'");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (size_t m = 0; m < sizeof(marks); m++) {
			char *word = quote_shell(words[i], marks[m]), got[64] = "";
			char *command = xasprintf("printf %%s %s", word);
			FILE *f = popen(command, "r");

			got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
			assert_int_equal(pclose(f), 0);
			assert_string_equal(got, words[i]);
			free(command);
			free(word);
		}
}

static void markdown(void **state)
{
	(void)state;
	must_be(quote_markdown("convert_latency notifier=yes [+1.00, -2.00] %", 1),
		"convert_latency notifier=yes [+1.00, -2.00] %");
	must_be(quote_markdown("<script>&lt;`x`", 0), "&lt;script>&amp;lt;\\`x\\`");
	must_be(quote_markdown("a|b\\|c", 1), "a\\|b\\\\\\|c");
	must_be(quote_markdown("a|b", 0), "a|b");
	must_be(quote_markdown("![x](http://y) [a][b]", 0), "\\![x\\](http\\://y) [a\\][b]");
}

static void parts(void **state)
{
	(void)state;
	must_be(quote_part("folio-6.12 (A/A)"), "folio-6-12--A-A-");
	must_be(quote_part("\xc3\xa9_9"), "--_9");
	must_be(written(quote_hash, "a # SKIP b\n"), "a + SKIP b ");
	must_be(written(quote_go, "notifier=1-8"), "notifier=1-8");
	must_be(written(quote_go, "a b/c\\d\t\x7f"), "a_b\\x2fc\\x5cd\\x09\\x7f");
	must_be(written(quote_go, "\xc2\xa0"), "\\xc2\\xa0");
}

static void names(void **state)
{
	char longest[2048];

	(void)state;
	assert_true(name_is_word("convert_latency"));
	assert_false(name_is_word("") || name_is_word("../x") || name_is_word("Case") ||
		     name_is_word("a b"));
	assert_true(name_is_component("001-rmap-6.12-aa") && name_is_component("a..b"));
	assert_false(name_is_component("") || name_is_component(".") || name_is_component("..") ||
		     name_is_component("a/b") || name_is_component(".hidden") ||
		     name_is_component("a b"));
	assert_true(name_is_label("tree:/my trees/linux@v6.12 (A/A)"));
	assert_false(name_is_label("") || name_is_label("a\nb") || name_is_label("a\033b"));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_false(name_is_word(longest) || name_is_component(longest) || name_is_label(longest));
	assert_true(name_is_mode("exact"));
	assert_false(name_is_mode("exact\"; system(\"id") || name_is_mode(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines), cmocka_unit_test(terminal), cmocka_unit_test(gnuplot),
		cmocka_unit_test(shell), cmocka_unit_test(markdown), cmocka_unit_test(parts),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
