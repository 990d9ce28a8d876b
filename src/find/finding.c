/* SPDX-License-Identifier: Apache-2.0 */
#include "find/finding.h"

#include "core/limit.h"

/* Letters and digits that make what is left of a finding one of its own. */
#define REST_BYTES_MIN	3

void
findings_init(struct findings *f, struct arena *a)
{
	*f = (struct findings){ .arena = a };
}

static bool
grow(struct findings *f)
{
	uint32_t room = f->room == 0 ? 32 : 2 * f->room;
	struct finding *at = arena_alloc(f->arena, room * sizeof *at);

	if (at == NULL)
		return false;
	if (f->count > 0)
		memcpy(at, f->at, f->count * sizeof *at);
	f->at = at;
	f->room = room;
	return true;
}

void
findings_add(struct findings *f, struct finding one)
{
	if (one.end <= one.start)
		return;
	if (f->count == FINDINGS_MAX || (f->count == f->room && !grow(f)))
		f->cut = true;
	else
		f->at[f->count++] = one;
}

/* ---- which of those that overlap is left ---- */

static unsigned
rank(const struct finding *f)
{
	if (type_is_secret((enum detect_type)f->type))
		return 3;
	if ((f->evidence & (EVIDENCE_VALID | EVIDENCE_PREFIX)) != 0)
		return 2;
	return (f->evidence & ~EVIDENCE_DECODED) != EVIDENCE_NAME;
}

static bool
is_better(const struct finding *a, const struct finding *b)
{
	uint32_t a_bytes = a->end - a->start, b_bytes = b->end - b->start;

	if (rank(a) != rank(b))
		return rank(a) > rank(b);
	if (a_bytes != b_bytes)
		return a_bytes > b_bytes;
	return a->score != b->score ? a->score > b->score : a->type < b->type;
}

/* ---- a heap by place: the first one on top ---- */

static bool
is_before(const struct finding *a, const struct finding *b)
{
	return a->start != b->start ? a->start < b->start : is_better(a, b);
}

static void
swap(struct finding *a, struct finding *b)
{
	struct finding one = *a;

	*a = *b;
	*b = one;
}

static void
sink(struct finding *heap, uint32_t count, uint32_t at)
{
	for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!is_before(&heap[child], &heap[at]))
			return;
		swap(&heap[child], &heap[at]);
	}
}

/* ---- what is left ---- */

/* Does enough stand there to be more than the edge of something? */
static bool
is_worth(struct slice text, const struct finding *f)
{
	unsigned found = 0;

	for (uint32_t i = f->start; i < f->end && found < REST_BYTES_MIN; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		found += c >= 0x80 || (unsigned)(c - '0') < 10 || (unsigned)((c | 0x20) - 'a') < 26;
	}
	return found == REST_BYTES_MIN;
}

/*
 * The first of the heap, `one`, meets the one that was kept last.  The worse of the two is cut
 * to what sticks out; what sticks out behind goes back into the heap, in the place of `one`,
 * so that no heap ever grows.  True if `one` is to be kept.
 */
static bool
meet(struct finding *last, struct finding *one, struct finding *rest)
{
	*rest = *one;
	if (!is_better(one, last)) {
		rest->start = last->end;
		return false;
	}
	*rest = *last;
	rest->start = one->end;
	last->end = one->start;
	return true;
}

void
findings_settle(struct findings *f, struct slice text)
{
	uint32_t count = f->count;
	struct finding *heap;

	if (count < 2)
		return;
	if ((heap = arena_alloc(f->arena, count * sizeof *heap)) == NULL) {
		f->cut = true;
		return;
	}
	memcpy(heap, f->at, count * sizeof *heap);
	for (uint32_t i = count / 2; i-- > 0;)
		sink(heap, count, i);
	f->count = 0;
	while (count > 0) {
		struct finding *last = f->count > 0 ? &f->at[f->count - 1] : NULL;
		struct finding one = heap[0], rest = { 0 };
		bool meets = last != NULL && last->end > one.start;
		bool keep = !meets || meet(last, &one, &rest);

		heap[0] = is_worth(text, &rest) ? rest : heap[--count];
		sink(heap, count, 0);
		if (keep && meets && !is_worth(text, last))
			f->count--;
		if (keep)
			findings_add(f, one);
	}
}

/* ---- as others read them ---- */

static const struct slice evidence_name[] = {
	{ "shape", 5 }, { "valid", 5 }, { "context", 7 }, { "name", 4 },
	{ "list", 4 }, { "prefix", 6 }, { "entropy", 7 }, { "decoded", 7 },
};

static void
put_member(struct text *t, struct slice name, uint64_t value)
{
	text_put(t, name);
	text_put_number(t, value);
}

void
finding_put(struct text *t, const struct finding *f, const struct type_info *info)
{
	const char *gap = "";

	text_put(t, S("\"type\":"));
	text_put_json(t, info->name);
	text_put(t, S(",\"kind\":"));
	text_put_json(t, info->kind);
	text_put(t, S(",\"level\":"));
	text_put_json(t, type_level_name(info->level));
	put_member(t, S(",\"start\":"), f->start);
	put_member(t, S(",\"end\":"), f->end);
	put_member(t, S(",\"score\":"), f->score);
	text_put(t, S(",\"evidence\":["));
	for (unsigned i = 0; i < 8; i++) {
		if ((f->evidence >> i & 1) == 0)
			continue;
		text_put(t, slice_of(gap, *gap != 0));
		text_put_json(t, evidence_name[i]);
		gap = ",";
	}
	text_put_char(t, ']');
}

void
finding_put_evidence(struct text *t, const struct finding *f)
{
	bool first = true;

	for (unsigned i = 0; i < 8; i++) {
		if ((f->evidence >> i & 1) == 0)
			continue;
		text_put(t, first ? S("") : S(", "));
		text_put(t, evidence_name[i]);
		first = false;
	}
}
