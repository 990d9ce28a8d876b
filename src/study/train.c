/* SPDX-License-Identifier: Apache-2.0 */
#include "study/train.h"

#include "name/gazetteer.h"

#define WEIGHTS		(TAGGER_ROWS * TAG_COUNT)

/* A weight that was wrong once and never again is this much, divided by how often it was asked. */
#define WEIGHT_ONE	6

enum err
train_init(struct train *t, struct arena *a)
{
	*t = (struct train){ .arena = a, .random = 1 };
	t->weights = arena_zero(a, WEIGHTS * sizeof *t->weights);
	t->sums = arena_zero(a, WEIGHTS * sizeof *t->sums);
	t->changed = arena_zero(a, WEIGHTS * sizeof *t->changed);
	t->known = arena_zero(a, ATOMS_MAX * sizeof *t->known);
	t->tagger = arena_zero(a, sizeof *t->tagger);
	return arena_overflowed(a) ? ERR_MEMORY : ERR_OK;
}

/* xorshift64 (Marsaglia, 2003): the same for ever. */
static uint32_t
draw(struct train *t, uint32_t below)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (uint32_t)(t->random >> 33) % below;
}

/* ---- reading ---- */

/* A label as the first tag of its class; TAG_COUNT for one that does not read. */
static enum tag
class_of(struct slice label)
{
	static const struct {
		struct slice	name;
		enum tag	tag;
	} known[] = {
		{ { "PER", 3 }, TAG_PERSON }, { { "person", 6 }, TAG_PERSON },
		{ { "LOC", 3 }, TAG_PLACE }, { { "GPE", 3 }, TAG_PLACE },
		{ { "location", 8 }, TAG_PLACE }, { { "ORG", 3 }, TAG_FIRM },
		{ { "corporation", 11 }, TAG_FIRM }, { { "group", 5 }, TAG_FIRM },
	};

	if (slice_eq(label, S("O")))
		return TAG_NONE;
	if (label.len < 3 || (label.ptr[0] != 'B' && label.ptr[0] != 'I') || label.ptr[1] != '-')
		return TAG_COUNT;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (slice_same_word(slice_cut(label, 2, label.len), known[i].name))
			return known[i].tag;
	return TAG_NONE;
}

/* A text while it is read: its bytes, and for each of them the class and whether a name begins. */
struct draft {
	struct text	 bytes;
	uint8_t		*class_at, *begins_at;
	bool		 joined;	/* no space before the next token */
};

static bool
take_line(struct draft *d, struct slice line)
{
	size_t tab = slice_find(line, S("\t"));
	struct slice token = slice_cut(line, 0, tab);
	size_t from;
	enum tag tag;

	if (tab == line.len ||
	    (tag = class_of(slice_cut(line, tab + 1, line.len))) == TAG_COUNT)
		return false;
	if (slice_eq(token, S("\xc2\xb6"))) {
		text_put_char(&d->bytes, '\n');
		d->joined = true;
		return true;
	}
	if (!d->joined)
		text_put_char(&d->bytes, ' ');
	d->joined = false;
	from = d->bytes.len;
	text_put(&d->bytes, token);
	if (tag == TAG_NONE)
		return true;
	memset(d->class_at + from, (int)tag, d->bytes.len - from);
	d->begins_at[from] = line.ptr[tab + 1] == 'B';
	return true;
}

/* The parts of names, from where classes begin and change. */
static void
set_gold(struct train_text *x, const struct draft *d)
{
	const struct atom *w = x->words.at;
	uint32_t n = x->words.count;

	for (uint32_t i = 0; i < n; i++) {
		uint8_t class = d->class_at[w[i].start];
		bool goes_on = i + 1 < n && d->class_at[w[i + 1].start] == class &&
		    !d->begins_at[w[i + 1].start] && w[i + 1].gap < GAP_LINE;
		bool went_on = i > 0 && d->class_at[w[i - 1].start] == class &&
		    !d->begins_at[w[i].start] && w[i].gap < GAP_LINE;

		if (class != TAG_NONE)
			x->gold[i] = (uint8_t)(class + (went_on ? goes_on ? PART_INSIDE : PART_LAST
			    : goes_on ? PART_BEGIN : PART_WHOLE));
	}
}

static enum err
add_text(struct train *t, const struct atoms *ws, const struct draft *d)
{
	struct atom *at = arena_zero(t->arena, (ws->count + 2 * ATOMS_AROUND) * sizeof *at);
	uint8_t *gold = arena_zero(t->arena, ws->count);

	if (t->count == t->room) {
		uint32_t room = t->room == 0 ? 1024 : 2 * t->room;
		struct train_text *texts = arena_alloc(t->arena, room * sizeof *texts);

		if (texts == NULL)
			return ERR_MEMORY;
		if (t->count > 0)
			memcpy(texts, t->texts, t->count * sizeof *texts);
		t->texts = texts;
		t->room = room;
	}
	if (at == NULL || gold == NULL)
		return ERR_MEMORY;
	memcpy(at + ATOMS_AROUND, ws->at, ws->count * sizeof *at);
	t->texts[t->count] = (struct train_text){ .words = *ws, .gold = gold };
	t->texts[t->count].words.at = at + ATOMS_AROUND;
	set_gold(&t->texts[t->count++], d);
	t->words += ws->count;
	return ERR_OK;
}

/* The text that was drafted, and an empty draft. */
static enum err
end_text(struct train *t, struct atoms *scratch, struct draft *d)
{
	struct slice copy = arena_copy(t->arena, text_slice(&d->bytes));
	enum err e = ERR_OK;

	if (arena_overflowed(t->arena))
		return ERR_MEMORY;
	scratch->text = copy;
	scratch->next = 0;
	while (e == ERR_OK && atoms_read(scratch)) {
		gazetteer_mark(scratch);
		e = add_text(t, scratch, d);
	}
	memset(d->class_at, 0, copy.len);
	memset(d->begins_at, 0, copy.len);
	d->bytes.len = 0;
	d->joined = true;
	return e;
}

enum err
train_read(struct train *t, struct slice corpus)
{
	size_t room = corpus.len + 1;
	char *bytes = arena_bytes(t->arena, room);
	struct draft d = { .class_at = arena_zero(t->arena, room),
		.begins_at = arena_zero(t->arena, room), .joined = true };
	struct atoms scratch;
	enum err e = ERR_OK;

	if (!atoms_init(&scratch, t->arena, corpus) || arena_overflowed(t->arena))
		return ERR_MEMORY;
	text_init(&d.bytes, bytes, room);
	for (t->line = 1; e == ERR_OK && corpus.len > 0; t->line++) {
		size_t end = slice_find(corpus, S("\n"));
		struct slice line = slice_cut(corpus, 0, end);

		corpus = slice_cut(corpus, end < corpus.len ? end + 1 : end, corpus.len);
		if (line.len == 0)
			e = end_text(t, &scratch, &d);
		else if (!take_line(&d, line))
			return ERR_CONF;
	}
	return e != ERR_OK ? e : end_text(t, &scratch, &d);
}

/* ---- learning ---- */

static void
change(struct train *t, const struct tagger_rows *rows, enum tag tag, int by)
{
	for (unsigned i = 0; i < rows->count; i++) {
		size_t at = (size_t)rows->at[i] * TAG_COUNT + tag;

		t->sums[at] += (int64_t)t->weights[at] * (t->step - t->changed[at]);
		t->changed[at] = t->step;
		t->weights[at] += by;
	}
}

static void
score(const struct train *t, const struct tagger_rows *rows, int32_t *out)
{
	memset(out, 0, TAG_COUNT * sizeof *out);
	for (unsigned i = 0; i < rows->count; i++)
		for (unsigned tag = 0; tag < TAG_COUNT; tag++)
			out[tag] += t->weights[(size_t)rows->at[i] * TAG_COUNT + tag];
}

/* What is right after what was decided before, which may have been wrong: a name may begin late. */
static enum tag
reachable(enum tag before, enum tag gold)
{
	if (tagger_may_follow(before, gold))
		return gold;
	if (before != TAG_NONE && tagger_may_follow(before,
	    (enum tag)(before - TAG_PART(before) + PART_INSIDE)))
		return TAG_NONE;
	return (enum tag)(gold - TAG_PART(gold) +
	    (TAG_PART(gold) == PART_INSIDE ? PART_BEGIN : PART_WHOLE));
}

static enum tag
learn_word(struct train *t, const struct tagger *g, uint32_t i, enum tag gold, unsigned margin)
{
	enum tag best = TAG_COUNT, decided = TAG_COUNT;
	struct tagger_rows rows;
	int32_t scores[TAG_COUNT];

	tagger_features(g, i, &rows);
	score(t, &rows, scores);
	for (enum tag tag = TAG_NONE; tag < TAG_COUNT; tag++) {
		if (!tagger_may_follow(g->last[0], tag))
			continue;
		if (decided == TAG_COUNT || scores[tag] > scores[decided])
			decided = tag;
		if (tag != gold && (best == TAG_COUNT || scores[tag] > scores[best]))
			best = tag;
	}
	t->step++;
	t->mistakes += decided != gold;
	if (best != TAG_COUNT && scores[gold] < scores[best] + (int32_t)margin) {
		change(t, &rows, gold, 1);
		change(t, &rows, best, -1);
	}
	return decided;
}

/* Of some words the lists say nothing, as they will of names that nobody has seen. */
static void
forget(struct train *t, struct atoms *ws, unsigned of_hundred)
{
	for (uint32_t i = 0; i < ws->count; i++) {
		t->known[i] = ws->at[i].is;
		if (draw(t, 100) < of_hundred && ws->at[i].shape != ATOM_LOWER)
			ws->at[i].is &= (uint16_t)~(IS_FIRST | IS_LAST | IS_PLACE | IS_FIRM |
			    IS_PHRASE | IS_PROPER);
	}
}

static void
learn_text(struct train *t, struct train_text *x, const struct train_options *o)
{
	struct tagger *g = t->tagger;

	tagger_init(g, &x->words);
	forget(t, &x->words, o->forget);
	for (uint32_t i = 0; i < x->words.count; i++) {
		const struct atom *w = &x->words.at[i];
		enum tag tag = TAG_NONE;
		bool may;

		tagger_break(g, w);
		if ((may = tagger_may(g, w)))
			tag = learn_word(t, g, i, reachable(g->last[0], x->gold[i]), o->margin);
		tagger_take(g, w, tag, may);
	}
	for (uint32_t i = 0; i < x->words.count; i++)
		x->words.at[i].is = t->known[i];
}

void
train_epoch(struct train *t, const struct train_options *o)
{
	t->mistakes = 0;
	for (uint32_t i = t->count; i > 1; i--) {
		uint32_t j = draw(t, i);
		struct train_text x = t->texts[j];

		t->texts[j] = t->texts[i - 1];
		t->texts[i - 1] = x;
	}
	for (uint32_t i = 0; i < t->count; i++)
		learn_text(t, &t->texts[i], o);
}

void
train_put(const struct train *t, struct text *out)
{
	text_put(out, S(TAGGER_MAGIC));
	for (size_t i = 0; i < WEIGHTS; i++) {
		int64_t sum = t->sums[i] + (int64_t)t->weights[i] * (t->step - t->changed[i]);
		int64_t mean = t->step == 0 ? 0 : sum * WEIGHT_ONE / t->step;

		text_put_char(out, (char)(mean > 127 ? 127 : mean < -127 ? -127 : mean));
	}
	for (unsigned i = 0; i < TAGGER_PAD; i++)
		text_put_char(out, 0);
}
