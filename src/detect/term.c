/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/term.h"

#include "detect/clinical.h"
#include "detect/stand.h"
#include "detect/word.h"

/* Words of a phrase; and room for those, and for what is read at once. */
#define PHRASE_WORDS_MAX	12
#define ROOM_WORDS		(PHRASE_WORDS_MAX + WORDS_ROOM_MIN + 32)

/* Between two words of a phrase. */
#define GAP_BYTES_MAX	4

/* ---- the lists ---- */

enum how {
	HOW_ANYWHERE = STAND_ANYWHERE,
	HOW_UPPER = STAND_UPPER,
	HOW_SLASHED = STAND_SLASHED,
	HOW_STANDS = STAND_STANDS,
	HOW_KEY,
	HOW_CODE,
	HOW_VALUE,
	HOW_AGE,
	HOW_AGED,
};

struct row {
	uint16_t	type;
	uint16_t	how;
};

static const struct row rows[] = {
	{ 0, 0 },
#define TERM(type, how, phrases)	{ TYPE_##type, HOW_##how },
#include "detect/marking.tbl"
#include "detect/health.tbl"
#include "detect/special.tbl"
#include "detect/business.tbl"
#include "detect/injection_phrase.tbl"
#undef TERM
};

struct slot {
	uint32_t	key;
	uint16_t	to;		/* the state behind it; 0: no longer phrase goes on */
	uint16_t	row;		/* of the phrase that ends here; 0: none does */
};

#define SLOTS(slots_log2, gate_log2)						\
	enum { SLOTS_LOG2 = slots_log2, GATE_LOG2 = gate_log2 };
#define SLOT(at, key, to, row)
#define GATE(at, bits)
#include "detect/term_slot.tbl"
#undef SLOTS
#undef SLOT
#undef GATE

#define SLOTS(slots_log2, gate_log2)
static const struct slot slots[1 << SLOTS_LOG2] = {
#define SLOT(at, key, to, row)	[at] = { key, to, row },
#define GATE(at, bits)
#include "detect/term_slot.tbl"
#undef SLOT
#undef GATE
};

static const uint64_t gate[1 << (GATE_LOG2 - 6)] = {
#define SLOT(at, key, to, row)
#define GATE(at, bits)	[at] = bits,
#include "detect/term_slot.tbl"
#undef SLOT
#undef GATE
};
#undef SLOTS

static inline bool
may_begin(uint32_t hash)
{
	uint32_t bit = hash >> (32 - GATE_LOG2);

	return (gate[bit / 64] >> bit % 64 & 1) != 0;
}

/* The edge that a word makes from a state, or NULL. */
static const struct slot *
edge(uint32_t state, uint32_t hash)
{
	uint32_t key = hash ^ state * 0x9e3779b1u;
	uint32_t at = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SLOTS_LOG2));

	for (; slots[at].to != 0 || slots[at].row != 0; at = (at + 1) % (1 << SLOTS_LOG2))
		if (slots[at].key == key)
			return &slots[at];
	return NULL;
}

/* ---- phrases ---- */

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
static uint16_t
follow(struct slice text, const struct word *words, unsigned count, unsigned *length)
{
	const struct slot *s = edge(0, words[0].hash);
	uint16_t row = 0;

	for (unsigned i = 0; s != NULL; i++) {
		if (s->row != 0) {
			row = s->row;
			*length = i + 1;
		}
		if (s->to == 0 || i + 1 == count || !is_gap(text, words[i].end, words[i + 1].start))
			break;
		s = edge(s->to, words[i + 1].hash);
	}
	return row;
}

struct terms {
	const struct look	*look;
	uint32_t		 key_end;	/* of the last word that announces a marking */
};

static void
add(struct terms *t, struct row row, uint32_t start, uint32_t end)
{
	struct finding one = { start, end, row.type, 60, EVIDENCE_LIST };

	switch ((enum how)row.how) {
	case HOW_KEY:
		t->key_end = end;
		return;
	case HOW_CODE:
		clinical_code(t->look, end);
		return;
	case HOW_VALUE:
		clinical_value(t->look, start, end);
		return;
	case HOW_AGED:
		clinical_aged(t->look, start, end);
		return;
	case HOW_AGE:
		clinical_age(t->look, start, end);
		return;
	default:
		one.score = (uint8_t)stand_score(t->look, start, end, (enum stand)row.how,
		    t->key_end);
		if (row.how == HOW_STANDS)
			one.evidence |= EVIDENCE_CONTEXT;
		if (one.score > 0)
			findings_add(t->look->findings, one);
	}
}

/* The phrases that begin in the first `count` words; the rest is there to be read ahead. */
static unsigned
find(struct terms *t, const struct word *words, unsigned count, unsigned ready)
{
	unsigned i = 0;

	while (i < count) {
		unsigned length = 1;
		uint16_t row = 0;

		if (may_begin(words[i].hash))
			row = follow(t->look->text, words + i, ready - i, &length);
		if (row != 0)
			add(t, rows[row], words[i].start, words[i + length - 1].end);
		i += length;
	}
	return i;
}

void
term_look(const struct look *l)
{
	struct terms t = { .look = l };
	struct word at[ROOM_WORDS];
	struct words words;
	unsigned ready = 0, got;

	words_init(&words, l->text, l->wide);
	do {
		unsigned done;

		got = words_read(&words, at + ready, ROOM_WORDS - ready);
		ready += got;
		/* What a phrase may need is kept until more is there, or nothing comes. */
		done = got == 0 ? ready : ready > PHRASE_WORDS_MAX ? ready - PHRASE_WORDS_MAX : 0;
		done = find(&t, at, done, ready);
		memmove(at, at + done, (ready - done) * sizeof *at);
		ready -= done;
	} while (got > 0);
}
