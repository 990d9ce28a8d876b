/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/chain.h"

/* Letters that may stand alone in a chain: the district of a plate, a country. */
#define LETTERS_MAX	4

static bool
is_gap(unsigned char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == ':';
}

static void
read_group(struct group *g, const struct eye *s, uint32_t start)
{
	uint32_t i = start;

	*g = (struct group){ .start = start };
	while (i - start <= GROUP_BYTES && eye_is_word(eye_at(s, i))) {
		bool letters = !eye_is_digit((unsigned char)s->p[i]);
		uint32_t run = i;

		while (i - start <= GROUP_BYTES && (letters ? eye_is_letter(eye_at(s, i))
		    : eye_is_digit(eye_at(s, i))))
			i++;
		g->digits = (uint8_t)(g->digits + (letters ? 0 : i - run));
		if (g->run_count < CHAIN_RUNS)
			g->runs |= ((uint64_t)(letters ? RUN_LETTERS : 0) | ((i - run) & 31))
			    << 8 * g->run_count;
		if (i - run > 31)
			g->run_count = CHAIN_RUNS;
		g->run_count++;
	}
	g->end = i;
	if (g->run_count > CHAIN_RUNS)
		g->runs = 0;
}

/* May the group follow those of the chain? */
static bool
belongs(const struct chain *f, const struct group *g)
{
	const struct group *last = &f->group[f->count - 1];

	if (g->digits > 0)
		return g->end - g->start <= GROUP_BYTES;
	return g->end - g->start <= LETTERS_MAX && last->digits > 0;
}

bool
chain_read(struct chain *f, const struct eye *s, uint32_t start, uint32_t *token)
{
	f->count = 1;
	f->more = false;
	read_group(&f->group[0], s, start);
	*token = f->group[0].end;
	if (*token - start > GROUP_BYTES) {
		while (eye_is_word(eye_at(s, *token)))
			++*token;
		return false;
	}
	for (;;) {
		const struct group *last = &f->group[f->count - 1];
		struct group *g = &f->group[f->count];
		unsigned char c = eye_at(s, last->end);

		if (!is_gap(c) || !eye_is_word(eye_at(s, last->end + 1)))
			return true;
		if (f->count == CHAIN_GROUPS) {
			f->more = true;
			return true;
		}
		read_group(g, s, last->end + 1);
		g->gap = (char)c;
		/* Two groups of letters may only begin a chain. */
		if (!belongs(f, g) && !(f->count == 1 && last->digits == 0 &&
		    g->end - g->start <= LETTERS_MAX))
			return true;
		f->count++;
	}
}

uint32_t
chain_start(const struct eye *s, uint32_t digit)
{
	uint32_t start = digit, at;

	while (digit - start <= GROUP_BYTES && eye_is_word(eye_at(s, start - 1)))
		start--;
	for (unsigned i = 0; i < 2; i++) {
		unsigned char c = eye_at(s, start - 1);

		if (c != ' ' && c != '-' && c != '.')
			break;
		for (at = start - 1; start - at <= LETTERS_MAX + 1; at--)
			if (!eye_is_letter(eye_at(s, at - 1)))
				break;
		if (at == start - 1 || start - at > LETTERS_MAX + 1 || at < s->done ||
		    eye_is_word(eye_at(s, at - 1)))
			break;
		start = at;
	}
	return start;
}
