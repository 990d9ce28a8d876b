/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/chain.h"

#include "core/vec.h"

/* Letters that may stand alone in a chain: the district of a plate, a country. */
#define LETTERS_MAX	4

/* A text that is little more than a number may be written as it likes. */
#define SHORT_TEXT	48

static bool
is_gap(unsigned char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == ':';
}

/* A group of more than fifteen bytes, or at the end of the text: byte by byte. */
static void
read_slowly(struct group *g, const struct eye *s, uint32_t start)
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

/* The same, sixteen bytes at once: a run is as long as its bits are the same. */
static void
read_group(struct group *g, const struct eye *s, uint32_t start)
{
	uint32_t digits, words, len, at = 0;
	struct vec v;

	if (s->len - start < VEC_BYTES) {
		read_slowly(g, s, start);
		return;
	}
	v = vec_load(s->p + start);
	digits = vec_mask(vec_within(v, '0', '9'));
	words = digits | vec_mask(vec_within(vec_or(v, vec_all(0x20)), 'a', 'z'));
	len = vec_first(~words);
	if (len == VEC_BYTES) {
		read_slowly(g, s, start);
		return;
	}
	digits &= (UINT32_C(1) << len) - 1;
	*g = (struct group){ .start = start, .end = start + len };
	while (at < len) {
		bool letters = (digits >> at & 1) == 0;
		uint32_t run = vec_first((letters ? digits >> at : ~(digits >> at)) |
		    UINT32_C(1) << (len - at));

		if (g->run_count < CHAIN_RUNS)
			g->runs |= ((uint64_t)(letters ? RUN_LETTERS
			    : 0) | run) << 8 * g->run_count;
		g->digits = (uint8_t)(g->digits + (letters ? 0 : run));
		g->run_count++;
		at += run;
	}
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

/* May these letters begin a number?  In a sentence only capitals do: B-AB 1234, not "in 2014". */
static bool
may_begin(const struct eye *s, uint32_t from, uint32_t to)
{
	if (s->look->key.len > 0 || s->len <= SHORT_TEXT)
		return true;
	while (from < to && (unsigned)(eye_at(s, from) - 'A') < 26)
		from++;
	return from == to;
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
		    eye_is_word(eye_at(s, at - 1)) || !may_begin(s, at, start - 1))
			break;
		start = at;
	}
	return start;
}
