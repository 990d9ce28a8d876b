/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fingerprint.h"

#include "check.h"

static uint64_t
print_of(const char *bytes, size_t len, uint64_t key)
{
	struct fingerprint f;

	fingerprint_init(&f, key);
	fingerprint_add(&f, slice_of(bytes, len));
	return f.state;
}

/* Each bit of a text of any length changes it, and so does each length. */
static void
every_bit(void)
{
	static char room[1024], other[1024];
	unsigned same = 0, lengths = 0;

	for (size_t i = 0; i < sizeof room; i++)
		room[i] = (char)(i * 37);
	for (size_t len = 1; len <= 300; len++) {
		uint64_t whole = print_of(room, len, 7);

		lengths += whole == print_of(room, len - 1, 7);
		memcpy(other, room, len);
		for (size_t bit = 0; bit < 8 * len; bit++) {
			other[bit / 8] = (char)(other[bit / 8] ^ 1 << bit % 8);
			same += print_of(other, len, 7) == whole;
			other[bit / 8] = room[bit / 8];
		}
	}
	check_int(same, 0, "a bit that differs is seen, in texts of 1 to 300 bytes");
	check_int(lengths, 0, "a byte less is seen");
}

static void
zeros(void)
{
	static const char none[512];
	unsigned same = 0;

	for (size_t len = 1; len < sizeof none; len++)
		same += print_of(none, len, 1) == print_of(none, len - 1, 1);
	check_int(same, 0, "zeros are counted");
	check(print_of(none, 64, 1) != print_of(none, 64, 2), "another key, another fingerprint");
}

static void
pieces(void)
{
	struct fingerprint a, b, c;

	fingerprint_init(&a, 9);
	fingerprint_add(&a, S("one"));
	fingerprint_add(&a, S("two"));
	fingerprint_init(&b, 9);
	fingerprint_add(&b, S("two"));
	fingerprint_add(&b, S("one"));
	fingerprint_init(&c, 9);
	fingerprint_add(&c, S("one"));
	fingerprint_add(&c, S("two"));
	check(a.state != b.state, "the order of pieces counts");
	check(a.state == c.state, "the same pieces are known again");
}

int
main(void)
{
	every_bit();
	zeros();
	pieces();
	return check_done();
}
