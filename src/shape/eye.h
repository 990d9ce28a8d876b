/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_EYE_H
#define SHAPE_EYE_H

/*
 * eye - one pass over a text for what has a shape.
 *
 * structure_look() makes one, and hands it to those who know a shape when it
 * stumbles over what may begin one: a digit, an '@', a dot inside of a word.
 * Each reads as far as it likes in either direction, but no further than a
 * bound of its own, so that the pass is linear; adds what it finds; and says
 * how far the text is done, so that nobody is called twice for one thing.
 */

#include "shape/context.h"
#include "find/look.h"

struct eye {
	const struct look	*look;
	const char		*p;
	uint32_t		 len;
	uint32_t		 done;		/* digits before it were looked at */
	struct context		 context;
};

/* Byte i; 0 outside of the text, before its beginning too. */
static inline unsigned char
eye_at(const struct eye *s, uint32_t i)
{
	return i < s->len ? (unsigned char)s->p[i] : 0;
}

static inline bool
eye_is_digit(unsigned char c)
{
	return (unsigned)(c - '0') < 10;
}

static inline bool
eye_is_letter(unsigned char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static inline bool
eye_is_word(unsigned char c)
{
	return eye_is_digit(c) || eye_is_letter(c);
}

/* Reads digits from *at on, at most `most`; their value, and *at behind them. */
static inline uint32_t
eye_number(const struct eye *s, uint32_t *at, uint32_t most)
{
	uint32_t value = 0;

	for (; most > 0 && eye_is_digit(eye_at(s, *at)); most--)
		value = value * 10 + (uint32_t)(s->p[(*at)++] - '0');
	return value;
}

/* How many bytes from `at` on are digits, at most `most`. */
static inline uint32_t
eye_digits(const struct eye *s, uint32_t at, uint32_t most)
{
	uint32_t count = 0;

	while (count < most && eye_is_digit(eye_at(s, at + count)))
		count++;
	return count;
}

static inline void
eye_add(const struct eye *s, uint32_t start, uint32_t end, enum detect_type type,
    unsigned score_and_evidence)
{
	findings_add(s->look->findings, (struct finding){ start, end, (uint16_t)type,
	    (uint8_t)(score_and_evidence & 0xff), (uint8_t)(score_and_evidence >> 8) });
}

/* The last argument of eye_add(). */
static inline unsigned
eye_score(unsigned score, unsigned evidence)
{
	return score | evidence << 8;
}

#endif
