// SPDX-License-Identifier: MIT
/* Random numbers that follow from where they are rolled: splitmix64 (Steele et al., 2014). */
#include "fuzz.h"

uint64_t roll(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

struct dice dice_of(uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
	struct dice d = { seed };

	d.state = roll(&d) ^ a;
	d.state = roll(&d) ^ b;
	d.state = roll(&d) ^ c;
	return d;
}

uint64_t under(struct dice *d, uint64_t n)
{
	return roll(d) % n;
}

bool one_in(struct dice *d, uint64_t n)
{
	return under(d, n) == 0;
}

uint64_t odd_number(struct dice *d)
{
	static const uint64_t edges[] = {
		0,
		1,
		2,
		7,
		8,
		4095,
		4096,
		DEX_MAX_SAMPLES,
		DEX_MAX_BATCH,
		DEX_MAX_HOLD_NS,
		DEX_MAX_LOOPS,
		DEX_MAX_ENGINES,
		DEX_MAX_BURST,
		(uint64_t)DEX_MAX_MIRROR << 12,
		(uint64_t)DEX_MAX_REFERENCED << 12,
		SAMPLES,
		INT32_MAX,
		1ull << 32,
		DEX_MIRROR_OFFSET,
		(1ull << 47) - 4096,
		1ull << 47,
		INT64_MAX,
		UINT64_MAX - 4095,
		UINT64_MAX,
	};
	uint64_t edge = edges[under(d, sizeof(edges) / sizeof(edges[0]))];

	switch (under(d, 4)) {
	case 0:
		return edge + under(d, 3) - 1;
	case 1:
		return under(d, 256);
	case 2:
		return roll(d) >> under(d, 64);
	default:
		return edge;
	}
}
