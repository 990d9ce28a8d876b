/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

#include "blocks.h"
#include "check.h"

/*
 * The texts of the types' tables are their tests: what stands in braces is found, with that
 * type and no byte more or less; in the other text nothing of that type is.
 */

/* Copies a text without its braces; where they stood, in *start and *end. */
static struct slice
unbrace(struct slice text, char *room, uint32_t *start, uint32_t *end)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '{')
			*start = (uint32_t)len;
		else if (text.ptr[i] == '}')
			*end = (uint32_t)len;
		else
			room[len++] = text.ptr[i];
	}
	return slice_of(room, len);
}

static void
look(struct arena *a, struct slice text, struct findings *out)
{
	findings_init(out, a);
	detect_look(&(struct look){ .text = text, .arena = a, .findings = out }, DETECT_ALL);
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 26);
	for (unsigned type = 0; type < TYPE_COUNT; type++) {
		const struct type_info *info = type_info((enum detect_type)type);
		uint32_t start = 0, end = 0;
		struct findings found;
		bool seen = false;
		char room[4096];

		if (type == TYPE_listed_word || type == TYPE_listed_value || type >= TYPE_OWN)
			continue;
		must(info->yes.len < sizeof room);
		look(&a, unbrace(info->yes, room, &start, &end), &found);
		for (uint32_t i = 0; i < found.count; i++)
			seen |= found.at[i].type == type && found.at[i].start == start &&
			    found.at[i].end == end;
		check(seen && end > start, "%s is found in its text", info->name.ptr);
		look(&a, info->no, &found);
		for (uint32_t i = 0; i < found.count; i++)
			check(found.at[i].type != type, "%s is not found in its near miss",
			    info->name.ptr);
		arena_reset(&a);
	}
	check(type_of(S("EMAIL_ADDRESS")) == TYPE_email_address, "names are found in any case");
	check(type_of(S("email")) == TYPE_COUNT, "and no others");
	arena_release(&a);
	return check_done();
}
