/* SPDX-License-Identifier: Apache-2.0 */
#include "name/tagger.h"

#include "name/gazetteer.h"

__asm__(".pushsection .rodata\n"
    ".balign 16\n"
    "tagger_bin: .incbin \"src/name/tagger.bin\"\n"
    ".popsection\n");
extern const char tagger_bin[] __attribute__((visibility("hidden")));

#define MAGIC_BYTES	8
#define LANES		16

/* Half of the weights of a row, and of their sums; of sixteen TAG_COUNT are used. */
struct weights {
	signed char	lane __attribute__((vector_size(LANES / 2)));
};

struct sums {
	short		lane __attribute__((vector_size(LANES)));
};

#define SHORT_LANES	short __attribute__((vector_size(LANES)))

_Static_assert(LANES - TAG_COUNT <= TAGGER_PAD, "the last row can be read");

void
tagger_init(struct tagger *t, const struct atoms *ws)
{
	memset(t, 0, sizeof *t);
	t->words = ws;
}

static bool
is_open(enum tag tag)
{
	return tag != TAG_NONE && (TAG_PART(tag) == PART_BEGIN || TAG_PART(tag) == PART_INSIDE);
}

/* Capitals; of what is written small, names that are no word of the language; what a name holds. */
bool
tagger_may(const struct tagger *t, const struct atom *w)
{
	if (is_open(t->last[0]))
		return true;
	switch ((enum atom_shape)w->shape) {
	case ATOM_TITLE:
	case ATOM_MIXED:
	case ATOM_INITIAL:
	case ATOM_UPPER:
		return true;
	case ATOM_LOWER:
		if ((w->is & IS_OF) != 0)
			return w[1].shape == ATOM_TITLE;
		return (w->is & (IS_FIRST | IS_LAST | IS_PLACE)) != 0 && (w->is & IS_COMMON) == 0;
	default:
		return false;
	}
}

bool
tagger_may_follow(enum tag before, enum tag tag)
{
	bool goes_on = tag != TAG_NONE &&
	    (TAG_PART(tag) == PART_INSIDE || TAG_PART(tag) == PART_LAST);

	if (is_open(before))
		return tag == TAG_NONE || (goes_on && TAG_CLASS(before) == TAG_CLASS(tag));
	return !goes_on;
}

/* ---- features ---- */

static inline void
add(struct tagger_rows *rows, uint32_t value)
{
	uint32_t h = (value + rows->count * UINT32_C(0x9e3779b9)) * UINT32_C(0x85ebca6b);

	h ^= h >> 15;
	h *= UINT32_C(0xc2b2ae35);
	rows->at[rows->count++] = (h ^ h >> 16) % TAGGER_ROWS;
}

static inline uint32_t
both(uint32_t a, uint32_t b)
{
	return a * UINT32_C(0x01000193) ^ (b + UINT32_C(0x7feb352d)) * UINT32_C(0x846ca68b);
}

static void
add_affixes(const struct tagger *t, const struct atom *w, struct tagger_rows *rows)
{
	char fold[ATOM_FOLD_BYTES];
	unsigned len = atoms_fold(t->words, w, fold);
	uint32_t head = 0, tail = 0;

	for (unsigned n = 1; n <= 4; n++) {
		bool there = n <= len;

		head = there ? head << 8 | (unsigned char)fold[n - 1] : 0;
		tail = there ? tail << 8 | (unsigned char)fold[len - n] : 0;
		if (n > 1)
			add(rows, head);
		add(rows, tail);
	}
	add(rows, both(len < 12 ? len : 12, w->shape));
}

static uint32_t
seen_tag(const struct tagger *t, const struct atom *w)
{
	unsigned at = w->hash % TAGGER_SEEN;

	return t->seen[at].hash == w->hash ? t->seen[at].tag : TAG_COUNT;
}

void
tagger_break(struct tagger *t, const struct atom *w)
{
	if (w->gap >= GAP_LINE)
		t->last[0] = t->last[1] = TAG_NONE;
}

void
tagger_take(struct tagger *t, const struct atom *w, enum tag tag, bool decided)
{
	unsigned at = w->hash % TAGGER_SEEN;

	t->last[1] = t->last[0];
	t->last[0] = tag;
	if (!decided)
		return;
	t->seen[at].hash = w->hash;
	t->seen[at].tag = (uint8_t)tag;
}

void
tagger_features(const struct tagger *t, uint32_t i, struct tagger_rows *rows)
{
	const struct atom *w = &t->words->at[i], *a = w - 1, *b = w + 1;
	uint32_t last = t->last[0], shape = w->shape + (w->gap >= GAP_LINE) * 16U;
	uint32_t beside = both(a->shape, b->shape);

	rows->count = 0;
	add(rows, 0);
	add(rows, w->hash);
	add(rows, a->hash);
	add(rows, b->hash);
	add(rows, w[-2].hash);
	add(rows, w[2].hash);
	add(rows, both(a->hash, w->hash));
	add(rows, both(w->hash, b->hash));
	add(rows, both(w[-2].hash, a->hash));
	add(rows, both(b->hash, w[2].hash));
	add(rows, shape);
	add(rows, both(shape, beside));
	add(rows, both(both(shape, w[-2].shape), both(beside, w[2].shape)));
	add_affixes(t, w, rows);
	add(rows, w->is);
	add(rows, both(w->is, shape));
	add(rows, both(a->is, 1));
	add(rows, both(b->is, 1));
	add(rows, both(w->is, b->is));
	add(rows, both(a->is, w->is));
	add(rows, both(both(a->is, w->is), b->is));
	add(rows, both(both(w->is, shape), beside));
	add(rows, last);
	add(rows, both(last, t->last[1]));
	add(rows, both(last, w->hash));
	add(rows, both(last, both(w->is, shape)));
	add(rows, both(last, b->hash));
	add(rows, both(last, both(b->is, b->shape)));
	add(rows, both(a->hash, shape));
	add(rows, both(a->hash, w->is));
	add(rows, both(b->hash, shape));
	add(rows, both(b->hash, w->is));
	add(rows, seen_tag(t, w));
	add(rows, both(seen_tag(t, w), last));
}

/* ---- deciding ---- */

static void
sum_up(const struct tagger_rows *rows, short *out)
{
	struct sums low = { { 0 } }, high = { { 0 } };
	struct weights row[2];

	for (unsigned i = 0; i < rows->count; i++) {
		memcpy(row, tagger_bin + MAGIC_BYTES + rows->at[i] * TAG_COUNT, sizeof row);
		low.lane += __builtin_convertvector(row[0].lane, SHORT_LANES);
		high.lane += __builtin_convertvector(row[1].lane, SHORT_LANES);
	}
	memcpy(out, &low, sizeof low);
	memcpy(out + LANES / 2, &high, sizeof high);
}

static enum tag
best_of(const short *sum, enum tag before, int in_favour, int16_t *margin)
{
	enum tag best = TAG_COUNT;
	int most = 0;

	for (enum tag tag = TAG_NONE; tag < TAG_COUNT; tag++) {
		int score = sum[tag] + (tag != TAG_NONE ? in_favour : 0);

		if (!tagger_may_follow(before, tag) || (best != TAG_COUNT && score <= most))
			continue;
		best = tag;
		most = score;
	}
	*margin = (int16_t)(sum[best] - sum[TAG_NONE]);
	return best;
}

/* A name that was begun and does not go on has ended before. */
static void
close_name(struct atom *w)
{
	if (is_open(w->tag))
		w->tag = (uint8_t)(TAG_PART(w->tag) == PART_BEGIN
		    ? w->tag - PART_BEGIN + PART_WHOLE : w->tag - PART_INSIDE + PART_LAST);
}

void
tagger_decide(struct tagger *t, struct atoms *ws, int in_favour)
{
	struct tagger_rows rows;

	t->last[0] = t->last[1] = TAG_NONE;
	for (uint32_t i = 0; i < ws->count; i++) {
		struct atom *w = &ws->at[i];
		enum tag tag = TAG_NONE;
		short sum[LANES];
		bool may;

		tagger_break(t, w);
		if (w->gap >= GAP_LINE && i > 0)
			close_name(w - 1);
		may = tagger_may(t, w);

		if (may) {
			tagger_features(t, i, &rows);
			sum_up(&rows, sum);
			tag = best_of(sum, t->last[0], in_favour, &w->margin);
		}
		if (tag == TAG_NONE && i > 0)
			close_name(w - 1);
		w->tag = (uint8_t)tag;
		tagger_take(t, w, tag, may);
	}
	if (ws->count > 0)
		close_name(&ws->at[ws->count - 1]);
}
