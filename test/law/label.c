/* SPDX-License-Identifier: Apache-2.0 */
#include "core/label.h"

#include "check.h"

/*
 * The laws of labels, over all labels and clearances of a small lattice: two
 * kinds, two regions, two requirements, three levels.  The bits do not know of
 * each other, so what holds for two of them holds for 64.
 *
 * A join is commutative, associative and idempotent; and two findings together
 * may flow to a place exactly if each of them alone may.  So no order and no
 * number of findings can lose a restriction.
 */

#define LABELS	(4 * 4 * 4 * 3)

static struct label
label_number(unsigned n)
{
	return (struct label){
		.kinds = n % 4,
		.regions = n / 4 % 4,
		.requires = n / 16 % 4,
		.level = n / 64,
	};
}

static struct clearance
place_number(unsigned n)
{
	return (struct clearance){
		.kinds = n % 4,
		.regions = n / 4 % 4,
		.holds = n / 16 % 4,
		.level = n / 64,
	};
}

static bool
same(struct label a, struct label b)
{
	return a.kinds == b.kinds && a.regions == b.regions && a.requires == b.requires &&
	    a.level == b.level;
}

/* How often a law did not hold; and, so that they say something, how often there was a flow. */
struct broken {
	unsigned	commutes, associates, widens, narrows, flows;
};

static void
try_pair(struct broken *broken, struct label a, struct label b)
{
	struct label ab = label_join(a, b);

	broken->commutes += !same(ab, label_join(b, a));
	for (unsigned i = 0; i < LABELS; i++) {
		struct label c = label_number(i);
		bool may_a = label_may_flow(a, place_number(i));
		bool may_b = label_may_flow(b, place_number(i));
		bool may_ab = label_may_flow(ab, place_number(i));

		broken->associates += !same(label_join(ab, c), label_join(a, label_join(b, c)));
		broken->widens += may_ab && !(may_a && may_b);
		broken->narrows += !may_ab && may_a && may_b;
		broken->flows += may_ab;
	}
}

int
main(void)
{
	struct broken b = { 0 };
	unsigned repeats = 0;

	for (unsigned i = 0; i < LABELS; i++)
		repeats += !same(label_join(label_number(i), label_number(i)), label_number(i));
	for (unsigned i = 0; i < LABELS * LABELS; i++)
		try_pair(&b, label_number(i % LABELS), label_number(i / LABELS));
	check_int(repeats, 0, "a join is idempotent");
	check_int(b.commutes, 0, "a join is commutative");
	check_int(b.associates, 0, "a join is associative");
	check_int(b.widens, 0, "a join never lets flow what one part forbids");
	check_int(b.narrows, 0, "a join forbids nothing that no part forbids");
	check(b.flows > 1000 && b.flows < LABELS * LABELS * LABELS / 2,
	    "some flows are, and some are not");
	return check_done();
}
