/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/listing.h"

#include "core/limit.h"
#include "detect/detect.h"

#include "blocks.h"
#include "check.h"

#define ZEROS	"0000000000000000000000000000000000000000000000000000000000000000"

static struct hash_key
key(void)
{
	struct hash_key k;

	must(listing_key_digits(S(ZEROS), &k));
	return k;
}

static void
check_keys(void)
{
	struct hash_key one = key(), other;

	check(listing_key_digits(S("0000000000000000000000000000000000000000000000000000000000000"
	    "0aF"), &other) && other.word[0] != one.word[0] && other.word[1] != one.word[1],
	    "each digit of a key counts");
	check(!listing_key_digits(slice_of(ZEROS, 63), &other), "a digit is missing");
	check(!listing_key_digits(S(ZEROS "0"), &other), "a digit is too many");
	check(!listing_key_digits(S("g00000000000000000000000000000000000000000000000000000000000"
	    "0000"), &other), "that is no digit");
}

/* What is put is read, and found. */
static void
check_round(struct arena *a)
{
	static const char *const values[] = { "KD-2023/00017", "77001234", "AB 12 CD 34" };
	struct dictionary *d = dictionary_new(a, key());
	struct hash_key k = key();
	struct listing_fault fault;
	struct findings found;
	uint64_t hash[COUNT_OF(values)];
	char room[256];
	struct text t;

	for (size_t i = 0; i < COUNT_OF(values); i++) {
		must(dictionary_hash(&k, slice_of(values[i], strlen(values[i])), &hash[i]));
		for (size_t at = i; at > 0 && hash[at] < hash[at - 1]; at--) {
			uint64_t one = hash[at];

			hash[at] = hash[at - 1];
			hash[at - 1] = one;
		}
	}
	text_init(&t, room, sizeof room);
	listing_put_head(&t, &k);
	for (size_t i = 0; i < COUNT_OF(values); i++)
		listing_put_value(&t, hash[i]);
	must(!text_overflowed(&t));
	check(listing_read(d, text_slice(&t), TYPE_own_person_3, &fault), "a list is read");
	findings_init(&found, a);
	detect_look(&(struct look){ .text = S("of kd 2023 00017, ab12cd34 and 77001235"),
	    .arena = a, .findings = &found, .dictionary = d }, DETECT_TERMS);
	check(found.count == 2 && found.at[0].type == TYPE_own_person_3 && found.at[0].start == 3 &&
	    found.at[0].end == 16 && found.at[1].start == 18 && found.at[1].end == 26,
	    "its values are found, with its type");
	for (size_t i = 0; i < COUNT_OF(values); i++)
		check(slice_find(text_slice(&t), slice_of(values[i], 4)) == t.len,
		    "value %zu is not in it", i);
}

static void
check_faults(struct arena *a)
{
	static const struct {
		const char *lines, *why;
		uint32_t line;
	} cases[] = {
		{ "", "without a value", 0 },
		{ "0000000000000001\n0000000000000002\n", "in order", 0 },
		{ "0000000000000001", "without a last line feed", 0 },
		{ "0000000000000000\n", "a hash may be zero", 0 },
		{ "0000000000000002\n0000000000000001\n", "out of order", 3 },
		{ "0000000000000001\n0000000000000001\n", "twice", 3 },
		{ "000000000000001\n", "a digit is missing", 2 },
		{ "00000000000000001\n", "a digit is too many", 2 },
		{ "000000000000000A\n", "a capital", 2 },
		{ "0000000000000001\r\n", "another end of a line", 2 },
		{ "\n", "an empty line", 2 },
		{ "0000000000000001\n\n", "an empty line at the end", 3 },
	};
	struct hash_key k = key(), other = { { 1, 2 } };
	struct listing_fault fault;
	struct dictionary *d;
	char room[256];
	struct text t;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		d = dictionary_new(a, k);
		text_init(&t, room, sizeof room);
		listing_put_head(&t, &k);
		text_put(&t, slice_of(cases[i].lines, strlen(cases[i].lines)));
		check(listing_read(d, text_slice(&t), TYPE_own_1, &fault) == (cases[i].line == 0),
		    "%s", cases[i].why);
		check(cases[i].line == 0 || fault.line == cases[i].line, "%s: the line",
		    cases[i].why);
	}
	d = dictionary_new(a, k);
	check(!listing_read(d, S(""), TYPE_own_1, &fault) && fault.line == 1, "an empty file");
	text_init(&t, room, sizeof room);
	listing_put_head(&t, &other);
	check(!listing_read(d, text_slice(&t), TYPE_own_1, &fault) && fault.line == 1,
	    "the head of another key");
	check(dictionary_add_value(d, 1 << 10, TYPE_own_1) == NULL &&
	    dictionary_add_value(d, 1 << 10, TYPE_own_1) == NULL, "again, in one list");
	check(dictionary_add_value(d, 1 << 10, TYPE_own_2) != NULL, "but not in two");
	check(dictionary_add_word(d, S("A B"), TYPE_own_1) == NULL &&
	    dictionary_add_word(d, S("a"), TYPE_own_2) == NULL &&
	    dictionary_add_word(d, S("a-b"), TYPE_own_2) != NULL, "nor a phrase");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 26);
	check_keys();
	check_round(&a);
	check_faults(&a);
	arena_release(&a);
	return check_done();
}
