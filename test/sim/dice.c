/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/dice.h"

struct dice
dice_of(uint64_t seed, const char *part)
{
	struct dice d = { seed };

	for (; *part != '\0'; part++)
		d.state = (d.state ^ (unsigned char)*part) * UINT64_C(0x100000001b3);
	d.state ^= seed << 32;
	(void)dice_word(&d);
	return d;
}

uint64_t
dice_word(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t
dice_below(struct dice *d, uint64_t n)
{
	return n == 0 ? 0 : dice_word(d) % n;
}

uint64_t
dice_between(struct dice *d, uint64_t low, uint64_t high)
{
	return low + dice_below(d, high - low + 1);
}

/* As many from 1 to 10 as from 10 to 100. */
uint64_t
dice_wide(struct dice *d, uint64_t low, uint64_t high)
{
	uint64_t span = high - low, most = 1;
	unsigned bits = 0;

	while (bits < 63 && span >> bits != 0)
		bits++;
	most = UINT64_C(1) << dice_below(d, bits + 1);
	if (most > span)
		most = span;
	return low + dice_below(d, most + 1);
}

bool
dice_permille(struct dice *d, unsigned permille)
{
	return dice_below(d, 1000) < permille;
}
