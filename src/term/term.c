/* SPDX-License-Identifier: Apache-2.0 */
#include "term/term.h"

#include "find/phrase.h"
#include "term/clinical.h"
#include "term/injection.h"
#include "term/stand.h"

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
#include "term/marking.tbl"
#include "term/health.tbl"
#include "term/special.tbl"
#include "term/business.tbl"
#include "term/injection_phrase.tbl"
#undef TERM
};

#define SLOTS(slots_log2, gate_log2)						\
	enum { SLOTS_LOG2 = slots_log2, GATE_LOG2 = gate_log2 };
#define SLOT(at, key, to, row)
#define GATE(at, bits)
#include "term/term_slot.tbl"
#undef SLOTS
#undef SLOT
#undef GATE

#define SLOTS(slots_log2, gate_log2)
static const struct phrase_slot slots[1 << SLOTS_LOG2] = {
#define SLOT(at, key, to, row)	[at] = { key, to, row },
#define GATE(at, bits)
#include "term/term_slot.tbl"
#undef SLOT
#undef GATE
};

static const uint64_t gate[1 << (GATE_LOG2 - 6)] = {
#define SLOT(at, key, to, row)
#define GATE(at, bits)	[at] = bits,
#include "term/term_slot.tbl"
#undef SLOT
#undef GATE
};
#undef SLOTS

static const struct phrases phrases = { slots, gate, SLOTS_LOG2, GATE_LOG2 };

/* ---- what they are ---- */

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

void
term_look(const struct look *l)
{
	struct terms t = { .look = l };
	struct injection injection = { 0 };
	struct phrase_reader reader;
	const struct word *words;
	struct phrase one;
	unsigned count;

	phrase_begin(&reader, &phrases, l->text, l->wide);
	while (phrase_fill(&reader, &words, &count)) {
		injection_read(&injection, l, words, count);
		while (phrase_next(&reader, &one))
			add(&t, rows[one.row], one.start, one.end);
	}
	injection_end(&injection, l);
}
