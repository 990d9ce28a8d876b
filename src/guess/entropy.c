/* SPDX-License-Identifier: Apache-2.0 */
#include "guess/entropy.h"

/*
 * Bit b of row a: the pair ab is common in English words and first names (SCOWL 50 and
 * public-domain name lists: 311 pairs of letters, 97.5 % of all pairs in 80,752 words).
 */
static const uint32_t common[26] = {
	0x37efdfe, 0x016491b, 0x11e4d95, 0x1164959, 0x1fffdff, 0x11a4931,
	0x11669d1, 0x11e4111, 0x23efc7f, 0x0104111, 0x0044911, 0x13c5d39,
	0x014d113, 0x13c6dfd, 0x1fefd7f, 0x01ec991, 0x0100000, 0x13efd7f,
	0x15cfd95, 0x35e4995, 0x00ef97f, 0x0004111, 0x0066191, 0x0088110,
	0x014f911, 0x2000111,
};

/* The logarithm of n to the base of 2, in 256ths; n is not 0. */
static unsigned
log_of(unsigned n)
{
	/* 256 * log2(1 + i / 32) */
	static const uint16_t part[32] = {
		0, 11, 22, 33, 44, 54, 63, 73, 82, 92, 100, 109, 118, 126, 134, 142,
		150, 157, 165, 172, 179, 186, 193, 200, 207, 213, 220, 226, 232, 238, 244, 250,
	};
	unsigned whole = 31 - (unsigned)__builtin_clz(n);

	return whole * 256 + part[(n << 5 >> whole) & 31];
}

unsigned
entropy_bits(struct slice s)
{
	uint16_t count[256] = { 0 };
	unsigned n = s.len < ENTROPY_BYTES_MAX ? (unsigned)s.len : ENTROPY_BYTES_MAX;
	uint32_t sum = 0;

	if (n == 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		count[(unsigned char)s.ptr[i]]++;
	/* Each byte counts once, for all of its kind. */
	for (unsigned i = 0; i < n; i++) {
		unsigned c = count[(unsigned char)s.ptr[i]];

		count[(unsigned char)s.ptr[i]] = 0;
		sum += c == 0 ? 0 : c * log_of(c);
	}
	return (log_of(n) - sum / n) / 16;
}

bool
entropy_wordy(struct slice s)
{
	unsigned pairs = 0, rare = 0, last = 26;

	for (size_t i = 0; i < s.len && i < ENTROPY_BYTES_MAX; i++) {
		unsigned c = ((unsigned char)s.ptr[i] | 0x20U) - 'a';

		if (c < 26 && last < 26) {
			pairs++;
			rare += (common[last] >> c & 1) == 0;
		}
		last = c;
	}
	return 6 * rare <= pairs;
}
