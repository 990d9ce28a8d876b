/* SPDX-License-Identifier: Apache-2.0 */
#include "core/splice.h"

#include "check.h"
#include "random.h"

/*
 * The law: the new text is what one gets by making the accepted edits by hand
 * on a copy, from the last place to the first.  So every byte outside an edit
 * is kept, and in its order.
 */

#define TEXT_BYTES	64

struct edit {
	size_t		start, end;
	struct slice	with;
};

static struct slice
random_with(struct random *r)
{
	static const char words[] = "abcdefghijklmnop";
	size_t from = random_below(r, 12);

	return slice_of(words + from, random_below(r, 5));
}

/* Keeps edits in the order of their places; an insertion comes before a replacement. */
static void
insert_sorted(struct edit *edit, size_t count, struct edit one)
{
	while (count > 0 && (edit[count - 1].start > one.start ||
	    (edit[count - 1].start == one.start && edit[count - 1].end > one.end))) {
		edit[count] = edit[count - 1];
		count--;
	}
	edit[count] = one;
}

static size_t
edit_by_hand(char *text, size_t len, const struct edit *edit, size_t count)
{
	while (count-- > 0) {
		const struct edit *e = &edit[count];

		memmove(text + e->start + e->with.len, text + e->end, len - e->end);
		memcpy(text + e->start, e->with.ptr, e->with.len);
		len = len - (e->end - e->start) + e->with.len;
	}
	return len;
}

static bool
overlaps(const struct edit *edit, size_t count, struct edit one)
{
	for (size_t i = 0; i < count; i++) {
		const struct edit *e = &edit[i];

		if (one.start < e->end && e->start < one.end)
			return true;
		/* An insertion strictly inside a replacement, either way round. */
		if (one.start == one.end && e->start < one.start && one.start < e->end)
			return true;
		if (e->start == e->end && one.start < e->start && e->start < one.end)
			return true;
	}
	return false;
}

static const char *
broken(uint64_t seed)
{
	char text[TEXT_BYTES], model[TEXT_BYTES + SPLICE_MAX * 8], joined[sizeof model];
	struct random r = { seed };
	struct edit edit[SPLICE_MAX];
	struct slice piece[2 * SPLICE_MAX + 1];
	struct splice p;
	size_t count = 0, len = 0;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('A' + random_below(&r, 26));
	splice_init(&p, slice_of(text, sizeof text));
	for (unsigned i = 0; i < 24; i++) {
		size_t start = random_below(&r, sizeof text + 1);
		size_t room = sizeof text - start + 1 < 7 ? sizeof text - start + 1 : 7;
		struct edit one = { start, start + random_below(&r, room), random_with(&r) };
		bool may = count < SPLICE_MAX && !overlaps(edit, count, one);

		if (splice_replace(&p, one.start, one.end, one.with) != may)
			return "an edit is taken exactly if it has room and overlaps none";
		if (may)
			insert_sorted(edit, count++, one);
	}
	memcpy(model, text, sizeof text);
	size_t want = edit_by_hand(model, sizeof text, edit, count);
	size_t pieces = splice_pieces(&p, piece);

	for (size_t i = 0; i < pieces; i++) {
		if (piece[i].len == 0 || len + piece[i].len > sizeof joined)
			return "no piece is empty, and together they are as long as they should be";
		memcpy(joined + len, piece[i].ptr, piece[i].len);
		len += piece[i].len;
	}
	if (splice_bytes(&p) != want)
		return "splice_bytes() says the length";
	if (!slice_eq(slice_of(joined, len), slice_of(model, want)))
		return "the text is that of the edits made by hand";
	return NULL;
}

int
main(void)
{
	uint64_t seed, past;
	const char *why = NULL;

	for (random_seeds(20000, &seed, &past); seed < past && why == NULL; seed++)
		why = broken(seed);
	check(why == NULL, "splicing is editing by hand%s%s", why ? ": not so: " : "",
	    why ? why : "");
	if (why != NULL)
		printf("#   SEED=%llu\n", (unsigned long long)seed - 1);
	return check_done();
}
