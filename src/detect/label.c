/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/label.h"

#define SCORE	72

struct row {
	uint64_t	what;
	uint16_t	type;
	uint8_t		min, max, digits;
};

static const struct row rows[] = {
#define LABEL(concept, type, min, max, digits)					\
	{ CONCEPT_BIT(concept), TYPE_##type, min, max, digits },
#include "detect/label.tbl"
#undef LABEL
};

/* Groups that are one value: with '-', '/' or '.' between them. */
static unsigned
count_groups(const struct chain *f, unsigned from, unsigned *bytes, unsigned *digits)
{
	unsigned i = from;

	*bytes = *digits = 0;
	do {
		*bytes += f->group[i].end - f->group[i].start;
		*digits += f->group[i].digits;
		i++;
	} while (i < f->count && (f->group[i].gap == '-' || f->group[i].gap == '/' ||
	    f->group[i].gap == '.'));
	return i - from;
}

unsigned
label_look(struct eye *s, const struct chain *f, unsigned from)
{
	uint32_t start = f->group[from].start, end;
	unsigned bytes, digits, groups;
	struct topic all, topic;

	if (!context_may_label(&s->context, start))
		return 0;
	groups = count_groups(f, from, &bytes, &digits);
	end = f->group[from + groups - 1].end;
	all = context_of(&s->context, start, end);
	topic = context_label(&s->context, start);
	if (topic.what == 0 || (topic.what & (CONCEPT_BIT(OTHER) | CONCEPT_BIT(PHONE) |
	    CONCEPT_BIT(DATE) | CONCEPT_BIT(AGE) | CONCEPT_BIT(EXPIRY))) != 0)
		return 0;
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];

		if ((topic.what & row->what) == 0 || bytes < row->min || bytes > row->max ||
		    digits < row->digits)
			continue;
		eye_add(s, start, end, (enum detect_type)row->type,
		    eye_score(SCORE, EVIDENCE_SHAPE | EVIDENCE_CONTEXT));
		context_used(&s->context, end, all);
		return groups;
	}
	return 0;
}
