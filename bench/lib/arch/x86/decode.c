// SPDX-License-Identifier: MIT
/* Intel SDM volume 2, appendix A: opcode maps; FF /2 and /3 are the indirect calls. */
#include "lib/arch/decode.h"

#include <string.h>

#include "lib/arch/mark.h"

static int is_prefix(uint8_t b)
{
	switch (b) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xf0:
	case 0xf2:
	case 0xf3:
		return 1;
	default:
		return b >= 0x40 && b <= 0x4f; /* REX */
	}
}

static enum kind decode_nop(const uint8_t *b, size_t n)
{
	uint32_t code;

	if (n != 8 || b[2] != 0x84 || b[3])
		return K_OTHER;
	memcpy(&code, b + 4, sizeof(code));
	switch (code) {
	case MARK_CODE + MARK_BEGIN:
		return K_MARK_BEGIN;
	case MARK_CODE + MARK_END:
		return K_MARK_END;
	case MARK_CODE + MARK_READY:
		return K_MARK_READY;
	default:
		return K_OTHER;
	}
}

/* Behind 0F. */
static enum kind decode_two(const uint8_t *b, size_t n)
{
	switch (b[1]) {
	case 0x05:
		return K_SYSCALL;
	case 0x07:
		return K_LEAVE;
	case 0x1f:
		return decode_nop(b, n);
	case 0x31:
		return K_READING;
	case 0xae:
		return n == 3 && b[2] == 0xe8 ? K_FENCE : K_OTHER;
	default:
		return K_OTHER;
	}
}

enum kind decode(const uint8_t *b, size_t n)
{
	if (n == 2 && b[0] == 0xf3 && b[1] == 0x90)
		return K_PAUSE;
	while (n > 1 && is_prefix(*b)) {
		b++;
		n--;
	}
	switch (n ? b[0] : 0x90) {
	case 0x0f:
		return n > 1 ? decode_two(b, n) : K_OTHER;
	case 0x68:
	case 0x6a:
		return K_STUB;
	case 0xc2:
	case 0xc3:
		return K_RET;
	case 0xcf:
		return K_LEAVE;
	case 0xe8:
		return K_CALL;
	case 0xf4:
		return K_HALT;
	case 0xff:
		return n > 1 && ((b[1] >> 3 & 7) == 2 || (b[1] >> 3 & 7) == 3) ? K_CALL : K_OTHER;
	default:
		return K_OTHER;
	}
}

/* FF: calls and PUSH by /2, /3 and /6. */
static int is_stack(uint8_t opcode, uint8_t modrm)
{
	uint8_t digit = modrm >> 3 & 7;

	switch (opcode) {
	case 0xff:
		return digit == 2 || digit == 3 || digit == 6;
	case 0x68:
	case 0x6a:
	case 0x8f:
	case 0x9c:
	case 0x9d:
	case 0xc2:
	case 0xc3:
	case 0xc9:
	case 0xcf:
	case 0xe8:
		return 1;
	default:
		return opcode >= 0x50 && opcode <= 0x5f;
	}
}

unsigned int decode_reach(const uint8_t *b, size_t n)
{
	unsigned int reach = 0;

	for (; n > 1 && is_prefix(*b); b++, n--) {
		reach |= *b == 0xf0 ? REACH_LOCKED : 0;
		reach |= *b == 0x65 ? REACH_PERCPU : 0;
	}
	if (!n)
		return reach;
	if (b[0] == 0x86 || b[0] == 0x87)
		reach |= REACH_LOCKED;
	return reach | (is_stack(b[0], n > 1 ? b[1] : 0) ? REACH_STACK : 0);
}

/* ModRM with mod 0 and rm 5, behind an opcode of one byte, or of two. */
int32_t decode_relative(const uint8_t *b, size_t n)
{
	int32_t displacement;

	while (n > 1 && is_prefix(*b)) {
		b++;
		n--;
	}
	if (n > 1 && *b == 0x0f) {
		b++;
		n--;
	}
	if (n < 6 || (b[1] & 0xc7) != 0x05)
		return 0;
	memcpy(&displacement, b + 2, sizeof(displacement));
	return displacement;
}
