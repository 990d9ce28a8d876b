/* SPDX-License-Identifier: Apache-2.0 */
#include "find/phrase.h"

/* Between two words of a phrase. */
#define GAP_BYTES_MAX	4

static inline bool
may_begin(const struct phrases *p, uint32_t hash)
{
	uint32_t bit = hash >> (32 - p->gate_log2);

	return (p->gate[bit / 64] >> bit % 64 & 1) != 0;
}

/* The edge that a word makes from a state, or NULL. */
static const struct phrase_slot *
edge(const struct phrases *p, uint32_t state, uint32_t hash)
{
	uint32_t key = phrase_key(state, hash), last = (1U << p->slots_log2) - 1;

	for (uint32_t at = phrase_slot(key, p->slots_log2);; at = (at + 1) & last) {
		const struct phrase_slot *s = &p->slot[at];

		if (s->to == 0 && s->row == 0)
			return NULL;
		if (s->key == key)
			return s;
	}
}

/* May the words of one phrase stand so far apart? */
static bool
is_gap(struct slice text, uint32_t from, uint32_t to)
{
	unsigned lines = 0;

	if (to - from > GAP_BYTES_MAX)
		return false;
	for (uint32_t i = from; i < to; i++) {
		if (memchr(" \t\r\n-_/:&,'*+", text.ptr[i], 14) == NULL)
			return false;
		lines += text.ptr[i] == '\n';
	}
	return lines < 2;
}

/* The row of the longest phrase that begins at words[0], and its words; 0 if none does. */
static uint32_t
follow(const struct phrase_reader *r, const struct word *words, unsigned count, unsigned *length)
{
	const struct phrase_slot *s = edge(r->phrases, 0, words[0].hash);
	uint32_t row = 0;

	for (unsigned i = 0; s != NULL && i < PHRASE_WORDS_MAX; i++) {
		if (s->row != 0) {
			row = s->row;
			*length = i + 1;
		}
		if (s->to == 0 || i + 1 == count ||
		    !is_gap(r->words.text, words[i].end, words[i + 1].start))
			break;
		s = edge(r->phrases, s->to, words[i + 1].hash);
	}
	return row;
}

void
phrase_begin(struct phrase_reader *r, const struct phrases *p, struct slice text, bool wide)
{
	r->phrases = p;
	r->ready = r->next = r->until = 0;
	words_init(&r->words, text, wide);
}

/* What a phrase may need is kept until more is there. */
bool
phrase_fill(struct phrase_reader *r, const struct word **words, unsigned *count)
{
	memmove(r->at, r->at + r->next, (r->ready - r->next) * sizeof r->at[0]);
	r->ready -= r->next;
	r->next = 0;
	*words = r->at + r->ready;
	*count = words_read(&r->words, r->at + r->ready, PHRASE_ROOM - r->ready);
	r->ready += *count;
	r->until = *count == 0 ? r->ready : r->ready > PHRASE_WORDS_MAX
	    ? r->ready - PHRASE_WORDS_MAX : 0;
	return *count > 0 || r->until > 0;
}

bool
phrase_next(struct phrase_reader *r, struct phrase *out)
{
	while (r->next < r->until) {
		const struct word *first = &r->at[r->next];
		unsigned length = 1;
		uint32_t row = 0;

		if (may_begin(r->phrases, first->hash))
			row = follow(r, first, r->ready - r->next, &length);
		r->next += length;
		if (row == 0)
			continue;
		*out = (struct phrase){ first->start, first[length - 1].end, row };
		return true;
	}
	return false;
}
