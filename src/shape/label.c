/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/label.h"

#define SCORE		72
#define VALUE_MIN	3	/* letters and digits; less is no value of anything */

struct row {
	uint64_t	what;
	uint16_t	type;
	uint8_t		min, max, digits;
	bool		spaced;
};

static const struct row rows[] = {
#define LABEL(concept, type, min, max, digits)					\
	{ CONCEPT_BIT(concept), TYPE_##type, min, max, digits, false },
#define SPACED(concept, type, min, max, digits)					\
	{ CONCEPT_BIT(concept), TYPE_##type, min, max, digits, true },
#include "shape/label.tbl"
#undef LABEL
#undef SPACED
};

/* Groups that are one value, with what stands between them; how many letters and digits. */
struct value {
	unsigned	groups, bytes, digits;
};

static bool
goes_on(const struct group *last, const struct group *next, bool spaced)
{
	if (next->gap == '-' || next->gap == '/' || next->gap == '.')
		return true;
	return spaced && next->gap == ' ' && last->digits == last->end - last->start &&
	    next->digits == next->end - next->start;
}

static struct value
read_value(const struct chain *f, unsigned from, bool spaced)
{
	struct value v = { 0 };
	unsigned i = from;

	do {
		v.bytes += f->group[i].end - f->group[i].start;
		v.digits += f->group[i].digits;
		i++;
	} while (i < f->count && goes_on(&f->group[i - 1], &f->group[i], spaced));
	v.groups = i - from;
	return v;
}

unsigned
label_look(struct eye *s, const struct chain *f, unsigned from)
{
	uint32_t start = f->group[from].start;
	struct topic all, topic;

	if (f->group[from].digits == 0 && (from + 1 == f->count || f->group[from + 1].gap == ' '))
		return 0;
	if (read_value(f, from, true).bytes < VALUE_MIN || !context_may_label(&s->context, start))
		return 0;
	all = context_of(&s->context, start, f->group[from].end);
	topic = context_label(&s->context, start);
	if (topic.what == 0 || (topic.what & (CONCEPT_BIT(OTHER) | CONCEPT_BIT(PHONE) |
	    CONCEPT_BIT(DATE) | CONCEPT_BIT(AGE) | CONCEPT_BIT(EXPIRY))) != 0)
		return 0;
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct value v;
		uint32_t end;

		if ((topic.what & row->what) == 0)
			continue;
		v = read_value(f, from, row->spaced);
		if (v.bytes < row->min || v.bytes > row->max || v.digits < row->digits)
			continue;
		end = f->group[from + v.groups - 1].end;
		eye_add(s, start, end, (enum detect_type)row->type,
		    eye_score(SCORE, EVIDENCE_SHAPE | EVIDENCE_CONTEXT));
		context_used(&s->context, end, all);
		return v.groups;
	}
	return 0;
}
