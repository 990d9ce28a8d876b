/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/match.h"

#include "blocks.h"
#include "check.h"

/* Clues: 0 header x-team, 1 path, 2 model, 3 metadata kind. */
static const struct clue clue[] = {
	{ MATCH_HEADER, { "x-team", 6 } }, { MATCH_PATH, { NULL, 0 } },
	{ MATCH_MODEL, { NULL, 0 } }, { MATCH_METADATA, { "kind", 4 } },
};

#define V(text)	{ text, sizeof(text) - 1 }

/* Workloads 0: a team; 1: the same team on a path; 2: none; 3: a path; 4: a team and a kind. */
static const struct condition condition[] = {
	{ 0, V("desk") },
	{ 0, V("desk") }, { 1, V("/v1/embeddings") },
	{ 1, V("/v1/chat/completions") },
	{ 0, V("lab") }, { 3, V("draft") },
};
static const uint32_t first[] = { 0, 1, 3, 3, 4, 6 };

static const struct {
	const char	*why;
	struct slice	 value[4];
	uint64_t	 set;		/* 0: all */
	uint32_t	 want;
} cases[] = {
	{ "nothing is there", { { NULL, 0 } }, 0, MATCH_NONE },
	{ "one condition", { V("desk") }, 0, 0 },
	{ "the value counts, whole", { V("des") }, 0, MATCH_NONE },
	{ "and its case", { V("Desk") }, 0, MATCH_NONE },
	{ "the first of two that fit", { V("desk"), V("/v1/embeddings") }, 0, 0 },
	{ "the second where the first may not be", { V("desk"), V("/v1/embeddings") }, 0x1e, 1 },
	{ "all conditions must hold", { V("desk"), V("/v1/other") }, 0x1e, MATCH_NONE },
	{ "another clue", { V("none"), V("/v1/chat/completions") }, 0, 3 },
	{ "two clues fit different ones: the first written", { V("desk"),
	    V("/v1/chat/completions") }, 0, 0 },
	{ "half of the conditions", { V("lab") }, 0, MATCH_NONE },
	{ "both", { V("lab"), { NULL, 0 }, { NULL, 0 }, V("draft") }, 0, 4 },
	{ "without conditions it is never matched", { V("x") }, 0x04, MATCH_NONE },
	{ "a set without it", { V("desk") }, 0x08, MATCH_NONE },
	{ "an empty value is a value", { V("") }, 0, MATCH_NONE },
};

/* A thousand workloads of one team, told apart by a kind. */
static void
many(struct arena *arena)
{
	static char names[1000][8];
	static struct condition all[2000];
	static uint32_t begins[1001];
	struct match m = { .clue = clue, .clue_count = 4, .condition = all, .first = begins,
	    .count = 1000 };
	struct slice value[4] = { V("desk") };
	unsigned wrong = 0;

	for (uint32_t i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof names[i], "k%u", i);
		all[2 * i] = (struct condition){ 0, V("desk") };
		all[2 * i + 1] = (struct condition){ 3, slice_of(names[i], strlen(names[i])) };
		begins[i + 1] = 2 * i + 2;
	}
	check_or_stop(match_build(&m, arena), "a thousand workloads are filed");
	for (uint32_t i = 0; i < 1000; i++) {
		value[3] = slice_of(names[i], strlen(names[i]));
		wrong += match_find(&m, value, NULL) != i;
	}
	check_int(wrong, 0, "each of them is found");
}

int
main(void)
{
	struct match m = { .clue = clue, .clue_count = 4, .condition = condition, .first = first,
	    .count = 5, .key = { { 1, 2 } } };
	struct blocks blocks = BLOCKS;
	struct arena arena;

	arena_init(&arena, &blocks.memory, SIZE_MAX);
	check_or_stop(match_build(&m, &arena), "it is filed");
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_int(match_find(&m, cases[i].value, cases[i].set != 0 ? &cases[i].set : NULL),
		    cases[i].want, "%s", cases[i].why);
	many(&arena);
	arena_release(&arena);
	return check_done();
}
