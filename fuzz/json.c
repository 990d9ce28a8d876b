/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json - any bytes as a JSON text.
 *
 * The reader must agree with test/unit/plain_json.h about what is a document;
 * its tape must be whole; a string must mean what its rewriting means; a member
 * must be found by what its name means; a value alone must be a document.
 */
#include "core/json.h"

#include "../test/unit/plain_json.h"
#include "core/limit.h"
#include "core/text.h"
#include "core/utf8.h"
#include "core/wide.h"
#include "fuzz.h"

#define STRINGS_MAX	64		/* looked at closely in one input, so that it stays quick */

/* Every node lies within its parent and behind the one before it. */
static void
check_tape(const struct json *j, uint32_t parent)
{
	const struct json_node *p = &j->node[parent], *n;
	uint32_t at = p->start + 1, count = 0;

	for (uint32_t i = parent + 1; i < p->next; i = n->next, count++) {
		n = &j->node[i];
		FUZZ_CHECK(n->start >= at && n->end > n->start && n->end < p->end);
		FUZZ_CHECK(n->next > i && n->next <= p->next);
		FUZZ_CHECK(n->key == (p->type == JSON_OBJECT && count % 2 == 0));
		FUZZ_CHECK(!n->key || n->type == JSON_STRING);
		at = n->end;
		if (n->type == JSON_ARRAY || n->type == JSON_OBJECT)
			check_tape(j, i);
		else
			FUZZ_CHECK(n->next == i + 1 && n->count == 0);
	}
	FUZZ_CHECK(p->count == (p->type == JSON_OBJECT ? count / 2 : count));
}

static void
check_string(struct arena *a, const struct json *j, uint32_t node)
{
	struct slice means = json_string(a, j, node), raw = json_raw(j, node);
	char *room = malloc(means.len * 6 + 2);
	struct json_fault fault;
	struct json again;
	struct text t;

	FUZZ_CHECK(raw.ptr[0] == '"' && raw.ptr[raw.len - 1] == '"');
	FUZZ_CHECK(utf8_valid(means) == means.len);
	FUZZ_CHECK(json_is(j, node, means));
	FUZZ_CHECK(means.len == 0 || !json_is(j, node, slice_cut(means, 0, means.len - 1)));
	text_init(&t, room, means.len * 6 + 2);
	text_put_json(&t, means);
	FUZZ_CHECK(!text_overflowed(&t));
	FUZZ_CHECK(json_parse(a, text_slice(&t), JSON_DUPLICATES_KEPT, &again, &fault) == ERR_OK);
	FUZZ_CHECK(slice_eq(json_string(a, &again, 0), means));
	free(room);
}

static void
check_values(struct arena *a, const struct json *j, bool unique)
{
	unsigned looked = 0;

	for (uint32_t i = 0; i < j->count && looked < STRINGS_MAX; i++) {
		struct json_fault fault;
		struct json alone;
		uint64_t n;

		if (json_type(j, i) == JSON_STRING) {
			check_string(a, j, i);
			looked++;
		}
		if (json_type(j, i) == JSON_NUMBER && json_integer(j, i, &n))
			FUZZ_CHECK(n <= INT64_MAX && json_raw(j, i).len <= 19);
		if (looked >= 8)
			continue;
		FUZZ_CHECK(json_parse(a, json_raw(j, i), JSON_DUPLICATES_KEPT, &alone,
		    &fault) == ERR_OK);
		FUZZ_CHECK(alone.count == j->node[i].next - i);
	}
	if (json_type(j, 0) != JSON_OBJECT)
		return;
	for (uint32_t i = 1; i < j->count && looked-- > 0; i = j->node[i + 1].next) {
		uint32_t found = json_member(j, 0, json_string(a, j, i));

		FUZZ_CHECK(unique ? found == i + 1 : found >= i + 1);
	}
}

/* Does an object repeat a name?  Each is compared with each. */
static bool
object_repeats(struct arena *a, const struct json *j, uint32_t object)
{
	for (uint32_t i = object + 1; i < j->node[object].next; i = j->node[i + 1].next)
		for (uint32_t k = object + 1; k < i; k = j->node[k + 1].next)
			if (json_is(j, k, json_string(a, j, i)))
				return true;
	return false;
}

static bool
repeats(struct arena *a, const struct json *j)
{
	for (uint32_t i = 0; i < j->count; i++)
		if (json_type(j, i) == JSON_OBJECT && object_repeats(a, j, i))
			return true;
	return false;
}

/* In steps, whose length is one of the text's bytes, it is read as at once. */
static void
check_steps(struct arena *a, struct slice text, enum err once, const struct json *j, uint32_t at)
{
	size_t bytes = text.len > 0 ? (unsigned char)text.ptr[text.len / 2] : 1;
	struct json_reading *reading = json_begin(a, text, JSON_DUPLICATES_REFUSED);
	struct json_fault fault = { 0, NULL };
	struct json k = { .count = 0 };

	FUZZ_CHECK(reading != NULL);
	while (!json_step(reading, bytes))
		;
	FUZZ_CHECK(json_end(reading, &k, &fault) == once);
	if (once == ERR_OK)
		FUZZ_CHECK(k.count == j->count &&
		    memcmp(k.node, j->node, k.count * sizeof *k.node) == 0);
	else
		FUZZ_CHECK(fault.offset == at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data, size);
	struct json_fault fault = { 0, NULL };
	struct json kept = { .count = 0 }, refused = { .count = 0 };
	enum err e, strict;
	struct arena a;
	unsigned values, wide = 0;
	bool plain = plain_json(text.ptr, text.len, JSON_DEPTH_MAX, &values);

#if WIDE_IS_THERE
	/* Asked here, for a fuzzer of core/ has no kernel.h. */
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
		wide = JSON_WIDE;
#endif
	fuzz_arena(&a);
	e = json_parse(&a, text, JSON_DUPLICATES_KEPT, &kept, &fault);
	FUZZ_CHECK((e == ERR_OK) == plain);
	FUZZ_CHECK(e == ERR_OK || (fault.offset <= size && fault.why != NULL));
	/* The other rule the other way, so that two ways are compared where both are right. */
	strict = json_parse(&a, text, JSON_DUPLICATES_REFUSED | wide, &refused, &fault);
	check_steps(&a, text, strict, &refused, fault.offset);
	if (e == ERR_OK) {
		FUZZ_CHECK(kept.count == values && kept.node[0].next == kept.count);
		if (json_type(&kept, 0) == JSON_ARRAY || json_type(&kept, 0) == JSON_OBJECT)
			check_tape(&kept, 0);
		check_values(&a, &kept, strict == ERR_OK);
		FUZZ_CHECK(strict == ERR_OK || strict == ERR_JSON_DUPLICATE_KEY);
		if (size < 4096)
			FUZZ_CHECK((strict == ERR_JSON_DUPLICATE_KEY) == repeats(&a, &kept));
		if (strict == ERR_OK)
			FUZZ_CHECK(memcmp(kept.node, refused.node,
			    kept.count * sizeof *kept.node) == 0);
	} else {
		FUZZ_CHECK(strict == e || strict == ERR_JSON_DUPLICATE_KEY);
	}
	arena_release(&a);
	return 0;
}
