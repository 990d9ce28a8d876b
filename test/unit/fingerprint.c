/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fingerprint.h"

#include "check.h"
#include "random.h"
#include "run/kernel.h"

#define TEXT_BYTES	(3 * FINGERPRINT_BLOCK)

/* Keys that are fixed, for a test must say the same each time. */
static struct fingerprint_key
key_of(uint64_t seed)
{
	struct random r = { seed };
	struct fingerprint_key key = { .point = random_next(&r) };

	for (size_t i = 0; i < COUNT_OF(key.word); i++)
		key.word[i] = random_next(&r);
	return key;
}

static uint64_t
print_of(const struct fingerprint_key *key, const char *bytes, size_t len, bool wide)
{
	struct fingerprint f;

	fingerprint_init(&f, key, wide);
	fingerprint_add(&f, slice_of(bytes, len));
	return f.state;
}

/* Each bit of a text of any length changes it, and so does each length. */
static void
every_bit(const struct fingerprint_key *key)
{
	static char room[301], other[301];
	unsigned same = 0, lengths = 0;

	for (size_t i = 0; i < sizeof room; i++)
		room[i] = (char)(i * 37);
	for (size_t len = 1; len < sizeof room; len++) {
		uint64_t whole = print_of(key, room, len, false);

		lengths += whole == print_of(key, room, len - 1, false);
		memcpy(other, room, len);
		for (size_t bit = 0; bit < 8 * len; bit++) {
			other[bit / 8] = (char)(other[bit / 8] ^ 1 << bit % 8);
			same += print_of(key, other, len, false) == whole;
			other[bit / 8] = room[bit / 8];
		}
	}
	check_int(same, 0, "a bit that differs is seen, in texts of 1 to 300 bytes");
	check_int(lengths, 0, "a byte less is seen");
}

/* A byte anywhere in several blocks, at lengths about the ends of blocks and steps. */
static void
every_place(const struct fingerprint_key *key)
{
	static const size_t about[] = { 32, 64, FINGERPRINT_BLOCK, 2 * FINGERPRINT_BLOCK,
		TEXT_BYTES };
	static char room[TEXT_BYTES];
	unsigned same = 0;

	for (size_t i = 0; i < COUNT_OF(about); i++)
		for (size_t len = about[i] - 2; len <= about[i] + 2 && len <= sizeof room; len++) {
			uint64_t whole = print_of(key, room, len, false);

			for (size_t at = 0; at < len; at++) {
				room[at] = 1;
				same += print_of(key, room, len, false) == whole;
				room[at] = 0;
			}
		}
	check_int(same, 0, "a byte that differs is seen, wherever it stands");
}

static void
zeros(const struct fingerprint_key *key)
{
	static const char none[TEXT_BYTES];
	const struct fingerprint_key other = key_of(2);
	unsigned same = 0;

	for (size_t len = 1; len < sizeof none; len++)
		same += print_of(key, none, len, false) == print_of(key, none, len - 1, false);
	check_int(same, 0, "zeros are counted");
	check(print_of(key, none, 64, false) != print_of(&other, none, 64, false),
	    "another key, another fingerprint");
}

/* The wide form is the same, at every length, wherever the bytes lie. */
static void
both_ways(const struct fingerprint_key *key)
{
	static char room[TEXT_BYTES + 64];
	struct random r = { 3 };
	unsigned differ = 0;

	if (!kernel_is_wide())
		return;
	for (size_t i = 0; i < sizeof room; i++)
		room[i] = (char)random_next(&r);
	for (size_t len = 0; len <= TEXT_BYTES; len++)
		differ += print_of(key, room + len % 64, len, true) !=
		    print_of(key, room + len % 64, len, false);
	check_int(differ, 0, "a machine that can more says the same");
}

static uint64_t
print_of_two(const struct fingerprint_key *key, const char *one, const char *two)
{
	struct fingerprint f;

	fingerprint_init(&f, key, false);
	fingerprint_add(&f, slice_of(one, strlen(one)));
	fingerprint_add(&f, slice_of(two, strlen(two)));
	return f.state;
}

static void
pieces(const struct fingerprint_key *key)
{
	uint64_t one_two = print_of_two(key, "one", "two");

	check(one_two == print_of_two(key, "one", "two"), "the same pieces are known again");
	check(one_two != print_of_two(key, "two", "one"), "the order of pieces counts");
	check(one_two != print_of_two(key, "onet", "wo"), "where pieces are cut counts");
	check(one_two != print_of(key, "onetwo", 6, false), "one piece is not two");
	check(print_of_two(key, "", "one") != print_of(key, "one", 3, false),
	    "a piece of nothing is a piece");
}

int
main(void)
{
	const struct fingerprint_key key = key_of(1);

	every_bit(&key);
	every_place(&key);
	zeros(&key);
	both_ways(&key);
	pieces(&key);
	return check_done();
}
