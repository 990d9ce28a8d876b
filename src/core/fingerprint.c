/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fingerprint.h"

/* Odd constants with as many ones as zeros: digits of pi. */
#define PI_0	UINT64_C(0x243f6a8885a308d3)
#define PI_1	UINT64_C(0x13198a2e03707345)
#define PI_2	UINT64_C(0xa4093822299f31d1)
#define PI_3	UINT64_C(0x082efa98ec4e6c89)

#define LANES	4

static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

static void
take_block(uint64_t lane[LANES], const char *p)
{
	lane[0] = fold(word_at(p) ^ PI_0, word_at(p + 8) ^ lane[0]);
	lane[1] = fold(word_at(p + 16) ^ PI_1, word_at(p + 24) ^ lane[1]);
	lane[2] = fold(word_at(p + 32) ^ PI_2, word_at(p + 40) ^ lane[2]);
	lane[3] = fold(word_at(p + 48) ^ PI_3, word_at(p + 56) ^ lane[3]);
}

void
fingerprint_init(struct fingerprint *f, uint64_t key)
{
	f->state = key ^ PI_0;
}

void
fingerprint_add(struct fingerprint *f, struct slice piece)
{
	uint64_t lane[LANES] = { f->state, f->state ^ PI_1, f->state ^ PI_2, f->state ^ PI_3 };
	size_t at = 0;

	for (; piece.len - at >= 64; at += 64)
		take_block(lane, piece.ptr + at);
	if (at < piece.len && piece.len >= 64) {
		/* The last block reaches back; no byte is left out, some count twice. */
		take_block(lane, piece.ptr + piece.len - 64);
	} else if (at < piece.len) {
		char rest[64] = { 0 };

		memcpy(rest, piece.ptr + at, piece.len - at);
		take_block(lane, rest);
	}
	f->state = fold(lane[0] ^ piece.len, lane[1] ^ PI_2) ^ fold(lane[2] ^ PI_3, lane[3] ^ PI_1);
}
