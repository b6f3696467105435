/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4), so that a hash here is the one that sha256sum prints. */
#ifndef LIB_DIGEST_H
#define LIB_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	unsigned char block[64];
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t n);
/* The digest as 64 hexadecimal digits. */
void sha256_end(struct sha256 *s, char hex[65]);

#endif /* LIB_DIGEST_H */
