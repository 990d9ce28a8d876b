/* SPDX-License-Identifier: Apache-2.0 */
#include "name/tagger.h"

#include "blocks.h"
#include "check.h"
#include "name/gazetteer.h"

/* A sequence of tags is whole if every name that begins ends, as the same class. */
static bool
is_whole(enum tag before, enum tag tag)
{
	bool open = before != TAG_NONE &&
	    (TAG_PART(before) == PART_BEGIN || TAG_PART(before) == PART_INSIDE);
	bool goes_on = tag != TAG_NONE &&
	    (TAG_PART(tag) == PART_INSIDE || TAG_PART(tag) == PART_LAST);

	return open ? goes_on && TAG_CLASS(before) == TAG_CLASS(tag) : !goes_on;
}

static void
check_transitions(void)
{
	unsigned wrong = 0;

	for (enum tag before = TAG_NONE; before < TAG_COUNT; before++) {
		for (enum tag tag = TAG_PERSON; tag < TAG_COUNT; tag++)
			wrong += tagger_may_follow(before, tag) != is_whole(before, tag);
		wrong += !tagger_may_follow(before, TAG_NONE);
	}
	check_int(wrong, 0, "names begin, go on and end; only to give one up is always allowed");
}

static const struct {
	const char	*text, *tags, *why;	/* - none; P L O; < begin, _ inside, > last */
} cases[] = {
	{ "My name is Anna Kowalska .", "---<>-", "a person of two words" },
	{ "She lives in Berlin now .", "---L--", "a place" },
	{ "He works for Siemens AG .", "---<>-", "an organisation" },
	{ "the cat sat on the mat .", "-------", "no name" },
	{ "Anna\nKowalska", "PP", "no name goes on from line to line" },
};

static void
check_case(struct arena *a, size_t i)
{
	struct slice text = slice_of(cases[i].text, strlen(cases[i].text));
	struct tagger *t;
	struct atoms ws;
	char tags[40];

	arena_reset(a);
	t = arena_alloc(a, sizeof *t);
	check_or_stop(t != NULL && atoms_init(&ws, a, text), "there is memory");
	tagger_init(t, &ws);
	check_or_stop(atoms_read(&ws), "there is a block");
	gazetteer_mark(&ws);
	tagger_decide(t, &ws, 0);
	for (uint32_t k = 0; k < ws.count; k++) {
		enum tag tag = ws.at[k].tag;

		tags[k] = tag == TAG_NONE ? '-'
		    : TAG_PART(tag) == PART_WHOLE ? "PLO"[TAG_CLASS(tag)] : ".<_>"[TAG_PART(tag)];
	}
	check_slice(slice_of(tags, ws.count), slice_of(cases[i].tags, strlen(cases[i].tags)),
	    "%s", cases[i].why);
}

/* More in favour of names never finds fewer words of them. */
static void
check_favour(struct arena *a)
{
	static const char text[] = "Grace told Pat that Reggie from Apple would be in May";
	uint32_t before = 0;
	bool grows = true;

	for (int favour = -400; favour <= 400; favour += 100) {
		uint32_t count = 0;
		struct tagger *t;
		struct atoms ws;

		arena_reset(a);
		t = arena_alloc(a, sizeof *t);
		check_or_stop(t != NULL && atoms_init(&ws, a, slice_of(text, sizeof text - 1)) &&
		    atoms_read(&ws), "there is a block");
		tagger_init(t, &ws);
		gazetteer_mark(&ws);
		tagger_decide(t, &ws, favour);
		for (uint32_t i = 0; i < ws.count; i++)
			count += ws.at[i].tag != TAG_NONE;
		grows &= count >= before;
		before = count;
	}
	check(grows && before > 0, "what speaks for names finds more of them");
}

static void
check_features(struct arena *a)
{
	struct tagger_rows rows;
	struct tagger *t;
	struct atoms ws;
	bool inside = true;

	arena_reset(a);
	t = arena_alloc(a, sizeof *t);
	check_or_stop(t != NULL && atoms_init(&ws, a, S("Jean-Luc lives here")) &&
	    atoms_read(&ws), "there is a block");
	tagger_init(t, &ws);
	tagger_features(t, 0, &rows);
	for (unsigned i = 0; i < rows.count; i++)
		inside &= rows.at[i] < TAGGER_ROWS;
	check(inside && rows.count <= TAGGER_FEATURES && rows.count > 30,
	    "features are rows of the table, as many as there is room for");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, (size_t)1 << 20);
	check_transitions();
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(&a, i);
	check_favour(&a);
	check_features(&a);
	arena_release(&a);
	return check_done();
}
