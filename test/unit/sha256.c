/* SPDX-License-Identifier: Apache-2.0 */

/*
 * SHA-256 of the examples of FIPS 180-4, and of every length around a block.
 */
#include "core/sha256.h"

#include "check.h"

static const struct {
	const char	*why;
	struct slice	 in;
	struct slice	 want;
} cases[] = {
	{ "nothing", S(""), S("\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55") },
	{ "one block", S("abc"), S("\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad") },
	{ "no room for the length", S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), S("\x24\x8d\x6a\x61\xd2\x06\x38\xb8\xe5\xc0\x26\x93\x0c\x3e\x60\x39\xa3\x3c\xe4\x59\x64\xff\x21\x67\xf6\xec\xed\xd4\x19\xdb\x06\xc1") },
};

/* The digests of 0 to 199 letters a, one behind the other, as one digest. */
static void
test_lengths(void)
{
	static const uint8_t want[SHA256_BYTES] = {
		0x75, 0x2c, 0x00, 0x7f, 0x38, 0x61, 0x1c, 0xfb,
		0xf5, 0xfa, 0x42, 0xcb, 0x1c, 0xea, 0x3d, 0x8e,
		0x08, 0x64, 0x91, 0xc8, 0x44, 0xd0, 0xcc, 0x4d,
		0xef, 0xd6, 0x32, 0xcb, 0x81, 0x42, 0x35, 0x06,
	};
	char letters[200], digests[200 * SHA256_BYTES];
	uint8_t got[SHA256_BYTES];

	memset(letters, 'a', sizeof letters);
	for (size_t i = 0; i < sizeof letters; i++) {
		sha256(slice_of(letters, i), got);
		memcpy(digests + i * SHA256_BYTES, got, SHA256_BYTES);
	}
	sha256(slice_of(digests, sizeof digests), got);
	check(memcmp(got, want, sizeof want) == 0, "every length from 0 to 199");
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint8_t got[SHA256_BYTES];

		sha256(cases[i].in, got);
		check_slice(slice_of((const char *)got, sizeof got), cases[i].want, "%s",
		    cases[i].why);
	}
	test_lengths();
	return check_done();
}
