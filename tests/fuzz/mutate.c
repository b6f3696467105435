// SPDX-License-Identifier: MIT
/*
 * Inputs that get past the parser: one token of JSON becomes another, of a list of awkward ones or
 * of the input itself.  Bytes at random, libFuzzer's own way, rarely do.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "room.h"

static const char *const awkward[] = {
	"0",
	"1",
	"-1",
	"2",
	"3",
	"7",
	"512",
	"4096",
	"4095",
	"65536",
	"1000000",
	"4294967295",
	"4294967296",
	"9007199254740993",
	"9223372036854775807",
	"-9223372036854775808",
	"0.5",
	"1e18",
	"-1e300",
	"1e-300",
	"null",
	"true",
	"false",
	"\"\"",
	"\"x\"",
	"\"..\"",
	"\"../x\"",
	"\"/etc/passwd\"",
	"\"`id`\"",
	"\"$(id)\"",
	"\"a;b|c\"",
	"\"\\u001b[31m\"",
	"\"\\u202e\"",
	"\"\\n\"",
	"\"exact\"",
	"\"parallel\"",
	"\"timing\"",
	"\"ticks\"",
	"\"instructions\"",
	"\"lower\"",
	"\"higher\"",
	"\"neither\"",
	"\"same\"",
	"\"pass\"",
	"\"saturated\"",
	"\"none\"",
	"\"probe_overhead\"",
	"\"rmap\"",
	"\"folio\"",
	"[]",
	"{}",
	"[0]",
	"[1,2,3,4,5,6,7,8,9]",
	"{\"x\":1}",
	"[[[[]]]]",
};

#define N_AWKWARD (sizeof(awkward) / sizeof(awkward[0]))

struct token {
	size_t at, length;
};

static size_t string_length(const char *s, size_t n)
{
	size_t i = 1;

	while (i < n && s[i] != '"')
		i += s[i] == '\\' ? 2 : 1;
	return i + 1 < n ? i + 1 : n;
}

/* From an opening bracket to the one that closes it. */
static size_t nested_length(const char *s, size_t n)
{
	size_t depth = 0, i = 0;

	while (i < n) {
		if (s[i] == '"') {
			i += string_length(s + i, n - i);
			continue;
		}
		depth += s[i] == '[' || s[i] == '{';
		depth -= s[i] == ']' || s[i] == '}';
		i++;
		if (!depth)
			break;
	}
	return i;
}

static size_t token_length(const char *s, size_t n)
{
	size_t i = 0;

	if (*s == '"')
		return string_length(s, n);
	if (*s == '[' || *s == '{')
		return nested_length(s, n);
	while (i < n && strchr("0123456789+-.eEtrufalsn", s[i]) && s[i])
		i++;
	return i;
}

/* The first behind a place at random; of length 0: there is none. */
static struct token pick(const char *data, size_t size, unsigned int *seed)
{
	size_t at = size ? (size_t)rand_r(seed) % size : 0;

	for (; at < size; at++)
		if (strchr(":[,", data[at]) && data[at] && at + 1 < size &&
		    token_length(data + at + 1, size - at - 1))
			return (struct token){ at + 1, token_length(data + at + 1, size - at - 1) };
	return (struct token){ 0, 0 };
}

size_t room_mutate(char *data, size_t size, size_t most, unsigned int seed)
{
	struct token old = pick(data, size, &seed), other = pick(data, size, &seed);
	const char *word = awkward[(size_t)rand_r(&seed) % N_AWKWARD];
	char *copy;
	size_t n;

	if (rand_r(&seed) % 3 == 0 && other.length)
		copy = strndup(data + other.at, other.length);
	else
		copy = strdup(word);
	n = strlen(copy);
	if (old.length && size - old.length + n <= most) {
		memmove(data + old.at + n, data + old.at + old.length, size - old.at - old.length);
		memcpy(data + old.at, copy, n);
		size = size - old.length + n;
	}
	free(copy);
	return size;
}
