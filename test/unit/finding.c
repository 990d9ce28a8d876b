/* SPDX-License-Identifier: Apache-2.0 */
#include "find/finding.h"

#include <time.h>

#include "blocks.h"
#include "check.h"
#include "core/limit.h"
#include "random.h"

#define V	EVIDENCE_VALID
#define P	EVIDENCE_PREFIX
#define SECRET	((uint16_t)type_of(S("password")))
#define MAIL	TYPE_email_address
#define DATE	TYPE_date_time

/* Letters, so that every byte of what is left counts. */
static char room[1 << 20];

static const struct {
	const char	*why;
	struct finding	 in[4], out[4];
} cases[] = {
	{ "nothing overlaps: all stay, by place",
	    { { 20, 30, MAIL, 50, V }, { 0, 10, DATE, 50, 0 } }, { { 0, 10, DATE, 50, 0 }, { 20,
	    30, MAIL, 50, V } } },
	{ "what touches does not overlap",
	    { { 0, 10, DATE, 50, 0 }, { 10, 20, DATE, 50, 0 } }, { { 0, 10, DATE, 50, 0 }, { 10,
	    20, DATE, 50, 0 } } },
	{ "the same twice is one", { { 0, 10, MAIL, 50, V }, { 0, 10, MAIL, 50, V } }, { { 0, 10,
	    MAIL, 50, V } } },
	{ "of the same span the better score stays",
	    { { 0, 10, MAIL, 50, 0 }, { 0, 10, DATE, 60, 0 } }, { { 0, 10, DATE, 60, 0 } } },
	{ "what is valid comes before what is long, and the rest of the long one stays",
	    { { 0, 40, DATE, 90, 0 }, { 10, 20, MAIL, 50, V } },
	    { { 0, 10, DATE, 90, 0 }, { 10, 20, MAIL, 50, V }, { 20, 40, DATE, 90, 0 } } },
	{ "a prefix is as good as a check digit",
	    { { 0, 40, DATE, 90, 0 }, { 0, 20, MAIL, 50, P } }, { { 0, 20, MAIL, 50, P }, { 20, 40,
	    DATE, 90, 0 } } },
	{ "the longer one stays, and what sticks out of the other",
	    { { 0, 20, DATE, 50, 0 }, { 15, 40, MAIL, 50, 0 } }, { { 0, 15, DATE, 50, 0 }, { 15,
	    40, MAIL, 50, 0 } } },
	{ "what only the tagger says yields to all else",
	    { { 0, 40, DATE, 90, EVIDENCE_NAME }, { 0, 20, MAIL, 50, 0 } }, { { 0, 20, MAIL, 50, 0 },
	    { 20, 40, DATE, 90, EVIDENCE_NAME } } },
	{ "what sticks out in front of the better one that came later",
	    { { 0, 40, DATE, 50, 0 }, { 30, 60, MAIL, 50, V } }, { { 0, 30, DATE, 50, 0 }, { 30,
	    60, MAIL, 50, V } } },
	{ "two letters that stick out are an edge, and nothing of their own",
	    { { 0, 20, DATE, 50, 0 }, { 10, 22, MAIL, 50, 0 } }, { { 0, 20, DATE, 50, 0 } } },
	{ "three letters are",
	    { { 0, 20, DATE, 50, 0 }, { 10, 23, MAIL, 50, 0 } }, { { 0, 20, DATE, 50, 0 }, { 20,
	    23, MAIL, 50, 0 } } },
	{ "what is contained goes",
	    { { 0, 40, DATE, 50, 0 }, { 10, 20, MAIL, 99, 0 } }, { { 0, 40, DATE, 50, 0 } } },
	{ "a chain: the middle one wins, both ends stay",
	    { { 0, 20, DATE, 50, 0 }, { 10, 40, MAIL, 50, V }, { 30, 50, DATE, 50, 0 } },
	    { { 0, 10, DATE, 50, 0 }, { 10, 40, MAIL, 50, V }, { 40, 50, DATE, 50, 0 } } },
	{ "a chain: the ends win, the middle stays between them",
	    { { 0, 20, DATE, 50, V }, { 10, 40, MAIL, 50, 0 }, { 30, 50, DATE, 50, V } },
	    { { 0, 20, DATE, 50, V }, { 20, 30, MAIL, 50, 0 }, { 30, 50, DATE, 50, V } } },
	{ "one in the middle of another that is better, and one in both",
	    { { 0, 50, DATE, 50, V }, { 10, 30, MAIL, 50, V }, { 15, 20, DATE, 50, 0 } }, { { 0,
	    50, DATE, 50, V } } },
};

static bool
same(const struct finding *a, const struct finding *b)
{
	return a->start == b->start && a->end == b->end && a->type == b->type &&
	    a->score == b->score &&
	    a->evidence == b->evidence;
}

static void
check_case(struct arena *a, unsigned i)
{
	struct findings f;
	uint32_t want = 0;
	bool ok = true;

	findings_init(&f, a);
	for (unsigned n = 0; n < 4; n++) {
		findings_add(&f, cases[i].in[n]);
		want += cases[i].out[n].end > 0;
	}
	findings_settle(&f, slice_of(room, 100));
	for (uint32_t n = 0; n < f.count && n < 4; n++)
		ok &= same(&f.at[n], &cases[i].out[n]);
	check(ok && f.count == want && !f.cut, "%s", cases[i].why);
}

static void
check_secret(struct arena *a)
{
	struct findings f;

	findings_init(&f, a);
	findings_add(&f, (struct finding){ 0, 40, MAIL, 99, V });
	findings_add(&f, (struct finding){ 10, 20, SECRET, 50, 0 });
	findings_settle(&f, slice_of(room, 100));
	check(f.count == 3 && f.at[1].type == SECRET && f.at[1].start == 10 && f.at[1].end == 20,
	    "a secret comes before all that is longer, surer and valid");
}

/* Whatever was found is found still, but for a few edges; nothing overlaps. */
static void
check_random(struct arena *a)
{
	struct random seed = { 7 };
	bool apart = true, kept = true;

	for (unsigned round = 0; round < 300; round++) {
		unsigned char before[256] = { 0 }, after[256] = { 0 };
		struct findings f;

		findings_init(&f, a);
		for (unsigned n = 0; n < 1 + round % 40; n++) {
			uint32_t start = (uint32_t)random_next(&seed) % 200;
			uint32_t end = start + (uint32_t)random_next(&seed) % 50;

			findings_add(&f, (struct finding){ start, end, random_next(&seed) % 2
			    ? MAIL : DATE,
			    (uint8_t)(1 + random_next(&seed) % 99), random_next(&seed) % 2 ? V
			    : 0 });
			memset(before + start, 1, end - start);
		}
		findings_settle(&f, slice_of(room, 256));
		for (uint32_t i = 0; i < f.count; i++) {
			apart &= f.at[i].start < f.at[i].end && (i == 0 ||
			    f.at[i - 1].end <= f.at[i].start);
			memset(after + f.at[i].start, 1, f.at[i].end - f.at[i].start);
		}
		for (unsigned i = 0, lost = 0; i < 256; i++) {
			lost = before[i] && !after[i] ? lost + 1 : 0;
			kept &= lost < 8;
		}
		arena_reset(a);
	}
	check(apart, "whatever overlaps is sorted and apart");
	check(kept, "and no more of what was found is lost than edges");
}

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Nested like an onion, or each over the next: time of n log n, and no more memory. */
static void
check_many(struct arena *a, bool onion)
{
	uint64_t ns[2];
	struct findings f;

	for (unsigned big = 0; big < 2; big++) {
		uint32_t count = big ? 40000 : 4000;
		uint64_t begin;

		findings_init(&f, a);
		for (uint32_t i = 0; i < count; i++)
			findings_add(&f, (struct finding){ i * 5, onion ? 900000 - i * 5
			    : i * 5 + 9,
			    i % 2 ? MAIL : DATE, 50, onion && i % 2 ? V : 0 });
		begin = now();
		findings_settle(&f, slice_of(room, sizeof room));
		ns[big] = now() - begin;
		check(!f.cut, "%u findings of each other are settled: %u are left", count, f.count);
		arena_reset(a);
	}
	check(ns[1] < ns[0] * 60 + 20000000,
	    "ten times as many take no hundred times as long: %llu, %llu ns",
	    (unsigned long long)ns[0], (unsigned long long)ns[1]);
}

static void
check_limits(struct arena *a)
{
	struct blocks few = BLOCKS;
	struct findings f;
	struct arena small;

	findings_init(&f, a);
	for (uint32_t i = 0; i < FINDINGS_MAX; i++)
		findings_add(&f, (struct finding){ i * 4, i * 4 + 3, DATE, 50, 0 });
	check(f.count == FINDINGS_MAX && !f.cut, "as many as may be are all there");
	findings_add(&f, (struct finding){ 5, 5, DATE, 50, 0 });
	check(!f.cut, "an empty span is no finding");
	findings_add(&f, (struct finding){ 5, 9, DATE, 50, 0 });
	check(f.count == FINDINGS_MAX && f.cut, "one more, and the list is cut");
	arena_reset(a);

	few.left = 1;
	arena_init(&small, &few.memory, 1 << 26);
	findings_init(&f, &small);
	for (uint32_t i = 0; i < 10000 && !f.cut; i++)
		findings_add(&f, (struct finding){ i * 4, i * 4 + 3, DATE, 50, 0 });
	check(f.cut && f.count > 0, "without memory the list is cut, and keeps what it has");
	arena_release(&small);
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	memset(room, 'x', sizeof room);
	arena_init(&a, &blocks.memory, 1 << 26);
	for (unsigned i = 0; i < COUNT_OF(cases); i++)
		check_case(&a, i);
	check_secret(&a);
	check_random(&a);
	check_many(&a, true);
	check_many(&a, false);
	check_limits(&a);
	arena_release(&a);
	check(blocks.out == 0, "all memory came back");
	return check_done();
}
