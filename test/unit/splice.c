/* SPDX-License-Identifier: Apache-2.0 */
#include "core/splice.h"

#include "check.h"

static struct slice
join(const struct splice *p, char *room)
{
	struct slice piece[2 * SPLICE_MAX + 1];
	size_t count = splice_pieces(p, piece), len = 0;

	for (size_t i = 0; i < count; i++) {
		check(piece[i].len > 0, "no piece is empty");
		memcpy(room + len, piece[i].ptr, piece[i].len);
		len += piece[i].len;
	}
	return slice_of(room, len);
}

struct edit {
	size_t		 start, end;
	const char	*with;
	bool		 want;
};

static const struct {
	const char	*why;
	struct edit	 edit[4];
	const char	*want;
} cases[] = {
	{ "no edit", { { 0 } }, "0123456789" },
	{ "one replacement", { { 2, 4, "ab", true } }, "01ab456789" },
	{ "at the front", { { 0, 1, "abc", true } }, "abc123456789" },
	{ "at the end", { { 9, 10, "", true } }, "012345678" },
	{ "all of it", { { 0, 10, "x", true } }, "x" },
	{ "all of it removed", { { 0, 10, "", true } }, "" },
	{ "insertion at the front", { { 0, 0, "x", true } }, "x0123456789" },
	{ "insertion at the end", { { 10, 10, "x", true } }, "0123456789x" },
	{ "in any order", { { 8, 9, "b", true }, { 1, 2, "a", true } }, "0a234567b9" },
	{ "neighbours", { { 2, 4, "a", true }, { 4, 6, "b", true } }, "01ab6789" },
	{ "neighbours the other way", { { 4, 6, "b", true }, { 2, 4, "a", true } }, "01ab6789" },
	{ "insertion before a replacement", { { 4, 6, "b", true }, { 4, 4, "a", true } },
	    "0123ab6789" },
	{ "insertion behind a replacement", { { 4, 6, "a", true }, { 6, 6, "b", true } },
	    "0123ab6789" },
	{ "a replacement after an insertion", { { 4, 4, "a", true }, { 4, 6, "b", true } },
	    "0123ab6789" },
	{ "two insertions keep their order", { { 4, 4, "a", true }, { 4, 4, "b", true } },
	    "0123ab456789" },
	{ "overlap at the end", { { 2, 5, "a", true }, { 4, 6, "b", false } }, "01a56789" },
	{ "overlap at the front", { { 2, 5, "a", true }, { 1, 3, "b", false } }, "01a56789" },
	{ "inside", { { 2, 6, "a", true }, { 3, 4, "b", false } }, "01a6789" },
	{ "around", { { 3, 4, "a", true }, { 2, 6, "b", false } }, "012a456789" },
	{ "the same place twice", { { 3, 4, "a", true }, { 3, 4, "b", false } }, "012a456789" },
	{ "insertion inside", { { 2, 6, "a", true }, { 4, 4, "b", false } }, "01a6789" },
	{ "around an insertion", { { 4, 4, "a", true }, { 2, 6, "b", false } }, "0123a456789" },
	{ "between two", { { 0, 1, "a", true }, { 8, 9, "c", true }, { 4, 5, "b", true } },
	    "a123b567c9" },
};

static void
outside(void)
{
	struct splice p;

	splice_init(&p, S("0123456789"));
	(void)!splice_replace(&p, 9, 11, S(""));
}

static void
backwards(void)
{
	struct splice p;

	splice_init(&p, S("0123456789"));
	(void)!splice_replace(&p, 4, 3, S(""));
}

int
main(void)
{
	char room[64];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct splice p;

		splice_init(&p, S("0123456789"));
		for (const struct edit *e = cases[i].edit; e < cases[i].edit + 4 && e->with; e++) {
			struct slice with = slice_of(e->with, strlen(e->with));

			check(splice_replace(&p, e->start, e->end, with) == e->want, "%s: is %s",
			    cases[i].why, e->want ? "taken" : "refused");
		}
		check_slice(join(&p, room), slice_of(cases[i].want, strlen(cases[i].want)), "%s",
		    cases[i].why);
		check(splice_bytes(&p) == strlen(cases[i].want), "  and its length is known");
	}

	struct splice full;

	splice_init(&full, S("0123456789"));
	for (size_t i = 0; i < SPLICE_MAX; i++)
		check(splice_replace(&full, i, i + 1, S("x")), "edit %zu has room", i);
	check(!splice_replace(&full, 9, 10, S("x")), "one more has none");
	check_slice(join(&full, room), S("xxxxxxxx89"), "and changes nothing");
	check_must(outside, "an edit behind the text is a mistake of the program");
	check_must(backwards, "so is one that ends before it begins");
	return check_done();
}
