/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/pattern.h"

#include "shape/proof.h"

#define SCORE_MIN	45	/* a finding that is less sure is none */
#define SCORE_LONE	50	/* of a text that is nothing else, and of which nothing is known */

#define C(name)		CONCEPT_BIT(name)
#define L(name)		COUNTRY_BIT(name)

/* Signatures of pattern.tbl: runs of digits, of letters, and groups of either. */
enum {
	N1 = 1, N2, N3, N4, N5, N6, N7, N8, N9, N10, N11, N12, N13, N14, N15, N16, N17, N18, N19,
	N20, N21, N22,
	sN1 = RUN_BEHIND + 1, sN2, sN3, sN4, sN5, sN6, sN7, sN8, sN9, sN10, sN11, sN12,
	A1 = RUN_LETTERS + 1, A2, A3, A4, A5, A6,
	sA1 = (RUN_BEHIND | RUN_LETTERS) + 1, sA2, sA3, sA4,
	X1 = RUN_MIXED + 1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15, X16,
	X17, X18, X19, X20, X21, X22,
	sX1 = (RUN_MIXED | RUN_BEHIND) + 1, sX2, sX3, sX4, sX5, sX6, sX7,
};

struct row {
	uint16_t	type;
	uint8_t		check;
	uint8_t		alone, told;	/* score without a word, and with one */
	char		gaps[6];	/* separators; one: all are; none: one kind of " -." */
	struct topic	topic;
};

/* In front of the rows of a shape stands one that is none. */
static const struct row rows[] = {
#define PATTERN(name, ...)	{ .type = TYPE_COUNT },
#define ROW(type, check, gaps, alone, told, what, where)				\
	{ TYPE_##type, CHECK_##check, alone, told, gaps, { what, where } },
#include "shape/pattern.tbl"
#undef PATTERN
#undef ROW
	{ .type = TYPE_COUNT },
};

#define PASTE_(a, b)	a##b
#define PASTE(a, b)	PASTE_(a, b)

enum {
#define PATTERN(name, ...)	AT_##name,
#define ROW(...)		PASTE(AT_ROW_, __LINE__),
#include "shape/pattern.tbl"
#undef PATTERN
#undef ROW
	AT_NONE,
};

/* The place in front of the rows that have the signature. */
static unsigned
find(uint64_t signature)
{
	switch (signature) {
#define PATTERN(name, ...)	case RUNS(__VA_ARGS__): return AT_##name;
#define ROW(...)
#include "shape/pattern.tbl"
#undef PATTERN
#undef ROW
	default:
		return AT_NONE;
	}
}

/* A part of a chain, as it grows, and the best that it can be. */
struct part {
	const struct chain	*chain;
	unsigned		 from, to;	/* groups, both included */
	uint64_t		 fine, coarse;	/* signatures */
	unsigned		 runs;
	struct compact		 compact;
	struct topic		 topic;
	bool			 told;		/* the topic was asked for */
	bool			 lone;		/* the text is nothing else */
	bool			 lower;		/* it has letters in lower case */
	struct finding		 best;
	unsigned		 best_groups;
};

/* All but the bytes, which append() writes. */
static void
begin(struct part *p, const struct chain *f, unsigned from)
{
	p->chain = f;
	p->from = from;
	p->fine = p->coarse = 0;
	p->runs = 0;
	p->compact.len = p->compact.digits = p->compact.gap_count = 0;
	memset(p->compact.gaps, 0, sizeof p->compact.gaps);
	p->told = p->lower = false;
	p->best.score = 0;
	p->best.evidence = 0;
	p->best_groups = 0;
}

static void
append(struct part *p, const struct eye *s, const struct group *g)
{
	unsigned behind = p->runs > 0 ? RUN_BEHIND : 0, groups = p->to - p->from;
	uint32_t bytes = g->end - g->start;

	if (g->runs == 0 || p->runs + g->run_count > CHAIN_RUNS)
		p->runs = CHAIN_RUNS + 1;
	else {
		p->fine |= (g->runs | behind) << 8 * p->runs;
		p->runs += g->run_count;
	}
	p->coarse |= (uint64_t)(RUN_MIXED | behind | (bytes & 31)) << 8 * groups;
	if (groups > 0)
		p->compact.gaps[p->compact.gap_count++] = g->gap;
	for (uint32_t i = g->start; i < g->end; i++) {
		char c = s->p[i];

		p->lower |= c >= 'a';
		p->compact.b[p->compact.len++] = (char)(c >= 'a' ? c - 0x20 : c);
	}
	p->compact.digits += g->digits;
}

static bool
gaps_fit(const struct row *row, const struct compact *c)
{
	char all = row->gaps[0] != 0 ? row->gaps[0] : c->gaps[0];

	if (row->gaps[0] != 0 && row->gaps[1] != 0)
		return memcmp(row->gaps, c->gaps, sizeof row->gaps) == 0;
	if (row->gaps[0] == 0 && (all == ':' || all == '/'))
		return false;
	for (unsigned i = 0; i < c->gap_count; i++)
		if (c->gaps[i] != all)
			return false;
	return true;
}

static bool
is_joint(unsigned char c)
{
	return c == '-' || c == '.' || c == '/' || c == '+';
}

/* Does it stand alone, or go on: 1-078-05-1120, 078-05-1120/2? */
static bool
stands_alone(const struct eye *s, const struct part *p)
{
	const struct chain *f = p->chain;
	uint32_t start = f->group[p->from].start, end = f->group[p->to].end;
	unsigned char before = eye_at(s, start - 1), behind = eye_at(s, end);

	if (before == '_' || behind == '_' || before == '@' || behind == '@' || before == '#')
		return false;
	if (is_joint(before) && eye_is_digit(eye_at(s, start - 2)))
		return false;
	return !is_joint(behind) || !eye_is_digit(eye_at(s, end + 1));
}

/* Is the row spoken of?  The id of an order is not that of a person. */
static bool
is_told(const struct row *row, const struct part *p)
{
	uint64_t what = p->topic.what & row->topic.what;

	return what != 0 && (what != C(ID) || (p->topic.what & C(OTHER)) == 0);
}

/* Numbers in a list, and letters in lower case, are nothing unless somebody says so. */
static bool
is_plain(const struct part *p)
{
	const struct chain *f = p->chain;
	bool before = p->from > 0 && f->group[p->from].gap == ' ' &&
	    f->group[p->from - 1].digits > 0;
	bool behind = p->to + 1 < f->count && f->group[p->to + 1].gap == ' ' &&
	    f->group[p->to + 1].digits > 0;

	return p->lower || (p->compact.gaps[0] == ' ' && (before || behind));
}

/*
 * Without a word that speaks of it.  One for any number ("ID"), or for the country only, says
 * little: it counts where the shape alone would do, or where both are said of what is valid.
 */
static unsigned
score_untold(const struct row *row, enum proof proof, const struct part *p)
{
	bool where = (p->topic.where & row->topic.where) != 0;
	bool any = (p->topic.what & C(ANY)) != 0 && (row->topic.what & C(ID)) != 0;
	unsigned score = is_plain(p) ? 0 : row->alone;

	if (where && proof == PROOF_VALID && (any || score > 0) &&
	    (p->topic.what & ~(C(ID) | C(ANY))) == 0)
		return row->told - 10u;
	if ((p->topic.what & C(PHONE)) != 0 && p->compact.digits == p->compact.len)
		return 0;
	if ((p->topic.what & C(OTHER)) != 0 && score > 30)
		score -= score < 70 ? 30 : 15;
	return score;
}

static unsigned
score_of(const struct row *row, enum proof proof, const struct part *p)
{
	bool where = (p->topic.where & row->topic.where) != 0;
	bool elsewhere = !where && row->topic.where != 0 && p->topic.where != 0;
	unsigned score;

	if (is_told(row, p))
		score = row->told + (where ? 4u : 0) - (elsewhere ? 20u : 0);
	else
		score = score_untold(row, proof, p);
	if (p->lone && score < SCORE_LONE && !elsewhere)
		score = SCORE_LONE;
	return score < 99 ? score : 99;
}

/* The text is this part, and there is no key that would say what it is. */
static bool
is_lone(const struct eye *s, const struct part *p)
{
	uint32_t start = p->chain->group[p->from].start, end = p->chain->group[p->to].end;

	if (s->look->key.len > 0 || start > 2 || s->len - end > 2)
		return false;
	/* A time in milliseconds is nothing of a person. */
	if (p->compact.len == 13 && p->compact.b[0] == '1' && p->compact.b[1] > '3')
		return false;
	for (uint32_t i = 0; i < s->len; i++)
		if ((i < start || i >= end) && (unsigned char)s->p[i] > ' ' && s->p[i] != '.')
			return false;
	return true;
}

/* What is said of the part: asked when a row may need it, and once for all rows. */
static void
ask(struct eye *s, struct part *p)
{
	if (p->told)
		return;
	p->topic = context_of(&s->context, p->chain->group[p->from].start,
	    p->chain->group[p->to].end);
	p->lone = is_lone(s, p);
	p->told = true;
}

static void
try_row(struct eye *s, struct part *p, const struct row *row)
{
	enum proof proof = proof_of((enum check)row->check, &p->compact);
	unsigned score;

	if (proof == PROOF_NO)
		return;
	ask(s, p);
	score = score_of(row, proof, p);
	if (score < SCORE_MIN || score < p->best.score ||
	    (score == p->best.score && (proof != PROOF_VALID ||
	    (p->best.evidence & EVIDENCE_VALID) != 0) && p->best_groups == p->to - p->from + 1))
		return;
	p->best.type = row->type;
	p->best.score = (uint8_t)score;
	p->best.evidence = (uint8_t)(EVIDENCE_SHAPE | (is_told(row, p) ? EVIDENCE_CONTEXT : 0) |
	    (proof == PROOF_VALID ? EVIDENCE_VALID : 0));
	p->best.start = p->chain->group[p->from].start;
	p->best.end = p->chain->group[p->to].end;
	p->best_groups = p->to - p->from + 1;
}

static void
try_signature(struct eye *s, struct part *p, uint64_t signature)
{
	unsigned at = find(signature);

	if (at == AT_NONE || !stands_alone(s, p))
		return;
	for (const struct row *row = &rows[at + 1]; row->type != TYPE_COUNT; row++)
		if (gaps_fit(row, &p->compact))
			try_row(s, p, row);
}

static bool
is_mrz(unsigned char c)
{
	return (unsigned)(c - 'A') < 26 || eye_is_digit(c) || c == '<';
}

unsigned
pattern_look(struct eye *s, const struct chain *f, unsigned from)
{
	struct part p;

	if (from + 1 == f->count && f->group[from].end - f->group[from].start < 4)
		return 0;
	begin(&p, f, from);
	for (p.to = from; p.to < f->count && p.to - from < CHAIN_RUNS; p.to++) {
		const struct group *g = &f->group[p.to];

		if (p.compact.len + (g->end - g->start) > sizeof p.compact.b)
			break;
		append(&p, s, g);
		p.told = false;
		if (p.compact.digits == 0 || p.compact.len < 4 ||
		    p.compact.len + 1 < 2 * (p.to - from + 1))
			continue;
		if (p.runs <= CHAIN_RUNS)
			try_signature(s, &p, p.fine);
		if (p.compact.digits < p.compact.len)
			try_signature(s, &p, p.coarse);
	}
	if (p.best.score == 0)
		return 0;
	findings_add(s->look->findings, p.best);
	context_used(&s->context, p.best.end, p.topic);
	return p.best_groups;
}

uint32_t
pattern_mrz(struct eye *s, uint32_t at)
{
	uint32_t start = at, end = at;
	unsigned fill = 0;

	while (at - start < 48 && is_mrz(eye_at(s, start - 1)))
		start--;
	for (; end - start < 48 && is_mrz(eye_at(s, end)); end++)
		fill += s->p[end] == '<';
	if ((end - start != 44 && end - start != 36 && end - start != 30) || fill < 2 ||
	    (eye_is_letter(eye_at(s, end))))
		return 0;
	eye_add(s, start, end, TYPE_passport_mrz, eye_score(95, EVIDENCE_SHAPE | EVIDENCE_VALID));
	return end;
}
