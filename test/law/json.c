/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "blocks.h"
#include "check.h"
#include "core/limit.h"
#include "core/splice.h"
#include "core/text.h"
#include "plain_json.h"
#include "random.h"
#include "run/kernel.h"

/*
 * The laws of JSON, over texts that a generator makes and then damages.
 *
 * 1. The reader accepts what plain_json.h accepts, whole or damaged, and says
 *    the same of it on a machine that can more.
 * 2. A string written anew from what it means, means the same.
 * 3. A member's value that is spliced leaves every other byte, and every other
 *    value, as it was.
 * 4. Read in steps of any length, a text is what it is read at once.
 */

#define TEXT_BYTES	8192

static void
put_one_of(struct random *r, struct text *t, const char *const *words, size_t count)
{
	const char *word = words[random_below(r, count)];

	text_put(t, slice_of(word, strlen(word)));
}

static void
put_space(struct random *r, struct text *t)
{
	static const char *const spaces[] = { "", "", "", "", " ", "  ", "\n\t", "\r\n      " };

	put_one_of(r, t, spaces, COUNT_OF(spaces));
}

/* Runs of plain bytes of every length, so that what is not plain stands at every place. */
static void
put_string(struct random *r, struct text *t)
{
	static const char *const parts[] = { "\\n", "\\\"", "\\\\", "\\/", "\\b\\f\\r\\t",
		"\\u0041",
		"\\u00e9\\u4e2d", "\\ud83d\\ude00", "\xc3\xa9", "\xe4\xb8\xad\xe6\x96\x87",
		"\xf0\x9f\x98\x80", "\x7f", "\\\\\\\\\\\\\\\"", "{}[]:,", "\\u0000" };
	size_t count = random_below(r, 4) == 0 ? random_below(r, 12) : random_below(r, 2);

	text_put_char(t, '"');
	for (size_t i = 0; i <= count; i++) {
		size_t plain = random_below(r, random_below(r, 4) == 0 ? 90 : 12);

		while (plain-- > 0)
			text_put_char(t, (char)('a' + random_below(r, 26)));
		if (i < count)
			put_one_of(r, t, parts, COUNT_OF(parts));
	}
	text_put_char(t, '"');
}

static void
put_scalar(struct random *r, struct text *t)
{
	static const char *const scalars[] = { "null", "true", "false", "0", "-0", "7",
		"1234567890",
		"12345678901234567890123", "-1.5", "0.000001", "1e9", "2.5E-10", "1.25e+3" };

	if (random_below(r, 2) == 0)
		put_string(r, t);
	else
		put_one_of(r, t, scalars, COUNT_OF(scalars));
}

static void
put_value(struct random *r, struct text *t, unsigned depth)
{
	bool object = random_below(r, 2) == 0;
	size_t count = random_below(r, 5);

	if (depth == 0 || random_below(r, 3) == 0) {
		put_scalar(r, t);
		return;
	}
	text_put_char(t, object ? '{' : '[');
	put_space(r, t);
	for (size_t i = 0; i < count; i++) {
		if (object) {
			put_string(r, t);
			put_space(r, t);
			text_put_char(t, ':');
		}
		put_space(r, t);
		put_value(r, t, depth - 1);
		put_space(r, t);
		if (i + 1 < count)
			text_put_char(t, ',');
		put_space(r, t);
	}
	text_put_char(t, object ? '}' : ']');
}

/* Changes, removes, repeats or swaps a few bytes. */
static size_t
damage(struct random *r, char *text, size_t len)
{
	static const char bytes[] = "\"\\{}[],:0-.eE+ntfu/ \n\x01\x80\xc3\xed\xa0\xf4\xff";

	for (size_t times = random_below(r, 3) + 1; times > 0 && len > 2; times--) {
		size_t at = random_below(r, len - 1);

		switch (random_below(r, 4)) {
		case 0:
			text[at] = bytes[random_below(r, sizeof bytes)];
			break;
		case 1:
			memmove(text + at, text + at + 1, len - at - 1);
			len--;
			break;
		case 2:
			len = at + 1;
			break;
		default:
			text[at] ^= text[at + 1];
			text[at + 1] ^= text[at];
			text[at] ^= text[at + 1];
		}
	}
	return len;
}

/* A copy of exactly its length, so that a sanitizer sees a step outside. */
static struct slice
exact(struct arena *a, struct slice s)
{
	return s.len > 0 ? arena_copy(a, s) : slice_of(NULL, 0);
}

/* Reads on a machine that can more, if this one can: is it the same? */
static bool
is_same_wide(struct arena *a, struct slice text, enum err want, const struct json *j,
    const struct json_fault *at)
{
	unsigned wide = kernel_is_wide() ? JSON_WIDE : 0;
	struct json_fault fault = { 0, NULL };
	struct json other;

	if (json_parse(a, text, JSON_DUPLICATES_KEPT | wide, &other, &fault) != want)
		return false;
	if (want != ERR_OK)
		return fault.offset == at->offset && fault.why == at->why;
	return other.count == j->count &&
	    memcmp(other.node, j->node, j->count * sizeof *j->node) == 0;
}

static bool
agrees(struct arena *a, struct slice text)
{
	struct json_fault fault;
	struct json j;
	unsigned values;
	struct slice copy = exact(a, text);
	bool plain = plain_json(text.ptr, text.len, JSON_DEPTH_MAX, &values);
	enum err e = json_parse(a, copy, JSON_DUPLICATES_KEPT, &j, &fault);

	if (!is_same_wide(a, copy, e, &j, &fault))
		return false;
	if (e == ERR_OK)
		return plain && j.count == values;
	return !plain && fault.offset <= text.len;
}

/* Law 4. */
static bool
steps_agree(struct random *r, struct arena *a, struct slice text)
{
	unsigned duplicates = random_below(r, 2) == 0 ? JSON_DUPLICATES_KEPT
	    : JSON_DUPLICATES_REFUSED;
	struct json_fault once = { 0, NULL }, stepped = { 0, NULL };
	struct json j = { .count = 0 }, k = { .count = 0 };
	unsigned wide = random_below(r, 2) == 0 && kernel_is_wide() ? JSON_WIDE : 0;
	struct json_reading *reading = json_begin(a, exact(a, text), duplicates | wide);
	size_t bytes = random_below(r, 2) == 0 ? random_below(r, 8) : random_below(r, 300);
	enum err e = json_parse(a, text, duplicates, &j, &once);

	while (!json_step(reading, bytes))
		;
	return json_end(reading, &k, &stepped) == e && once.offset == stepped.offset &&
	    once.why == stepped.why && j.count == k.count &&
	    (e != ERR_OK || memcmp(j.node, k.node, j.count * sizeof *j.node) == 0);
}

/* Law 2, for every string of the document. */
static bool
strings_hold(struct arena *a, const struct json *j)
{
	for (uint32_t i = 0; i < j->count; i++) {
		struct slice means;
		struct json_fault fault;
		struct json again;
		struct text t;

		if (json_type(j, i) != JSON_STRING)
			continue;
		means = json_string(a, j, i);
		text_init(&t, arena_bytes(a, means.len * 6 + 2), means.len * 6 + 2);
		text_put_json(&t, means);
		if (json_parse(a, text_slice(&t), JSON_DUPLICATES_KEPT, &again, &fault) != ERR_OK ||
		    !slice_eq(json_string(a, &again, 0), means) || !json_is(j, i, means))
			return false;
	}
	return true;
}

/* Law 3, for one value that is no name, chosen by the generator. */
static bool
splice_holds(struct random *r, struct arena *a, const struct json *j)
{
	uint32_t node = (uint32_t)random_below(r, j->count);
	struct slice piece[2 * SPLICE_MAX + 1];
	struct json_fault fault;
	struct splice p;
	struct json after;
	struct text t;
	uint32_t gone;

	if (j->node[node].key)
		return true;
	splice_init(&p, j->text);
	if (!splice_replace(&p, j->node[node].start, j->node[node].end, S("[12,\"x\"]")))
		return false;
	text_init(&t, arena_bytes(a, splice_bytes(&p)), splice_bytes(&p));
	for (size_t i = 0, count = splice_pieces(&p, piece); i < count; i++)
		text_put(&t, piece[i]);
	if (json_parse(a, text_slice(&t), JSON_DUPLICATES_KEPT, &after, &fault) != ERR_OK)
		return false;
	gone = j->node[node].next - node;
	for (uint32_t i = 0; i < j->count; i++) {
		uint32_t now = i < node ? i : i + 3 - gone;
		bool around = i < node && j->node[i].next > node;

		if ((i < node || i >= node + gone) && !around &&
		    !slice_eq(json_raw(j, i), json_raw(&after, now)))
			return false;
	}
	return after.count == j->count - gone + 3;
}

static const char *
broken(struct arena *a, uint64_t seed)
{
	char room[TEXT_BYTES];
	struct random r = { seed };
	struct json_fault fault;
	struct json j;
	struct text t;

	text_init(&t, room, sizeof room);
	put_space(&r, &t);
	put_value(&r, &t, 4);
	put_space(&r, &t);
	if (text_overflowed(&t))
		return NULL;
	if (json_parse(a, text_slice(&t), JSON_DUPLICATES_KEPT, &j, &fault) != ERR_OK)
		return "what the generator makes is read";
	if (!agrees(a, text_slice(&t)))
		return "a document is what the plain reader takes for one";
	if (!steps_agree(&r, a, text_slice(&t)))
		return "in steps it is read as at once";
	if (!strings_hold(a, &j))
		return "a string written anew means the same";
	if (!splice_holds(&r, a, &j))
		return "a splice leaves every other value as it was";
	for (unsigned i = 0; i < 4; i++) {
		struct slice damaged = slice_of(room, damage(&r, room, t.len));

		if (!agrees(a, damaged))
			return "damaged, it is what the plain reader takes it for";
		if (!steps_agree(&r, a, damaged))
			return "damaged, it is read in steps as at once";
	}
	return NULL;
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;
	uint64_t seed, past;
	const char *why = NULL;

	arena_init(&a, &blocks.memory, SIZE_MAX);
	for (random_seeds(20000, &seed, &past); seed < past && why == NULL; seed++) {
		why = broken(&a, seed);
		arena_reset(&a);
	}
	check(why == NULL, "the laws of JSON%s%s", why ? ": not so: " : "", why ? why : "");
	if (why != NULL)
		printf("#   SEED=%llu\n", (unsigned long long)seed - 1);
	arena_release(&a);
	return check_done();
}
