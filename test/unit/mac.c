/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/mac.h"

#include <string.h>

#include "check.h"

/* RFC 4231, sections 4.2, 4.3 and 4.4. */
static const struct {
	struct slice	key, bytes;
	const char	*want;
	const char	*why;
} cases[] = {
	{ { "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", 20 },
	    { "Hi There", 8 },
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "RFC 4231, case 1" },
	{ { "Jefe", 4 }, { "what do ya want for nothing?", 28 },
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	    "RFC 4231, case 2: a key shorter than the digest" },
	{ { "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 20 },
	    { "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
	      "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
	      "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd", 50 },
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", "RFC 4231, case 3" },
};

static void
put_hex(const uint8_t *bytes, char *out)
{
	for (size_t i = 0; i < MAC_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

int
main(void)
{
	uint8_t a[MAC_BYTES], b[MAC_BYTES];
	char hex[2 * MAC_BYTES + 1];
	struct mac m;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		check_or_stop(mac_init(&m, cases[i].key), "a key is taken");
		mac_bytes(&m, cases[i].bytes, a);
		mac_bytes(&m, S("something between"), b);
		mac_bytes(&m, cases[i].bytes, b);
		put_hex(a, hex);
		check_slice(slice_of(hex, 2 * MAC_BYTES), slice_of(cases[i].want, 2 * MAC_BYTES),
		    "%s", cases[i].why);
		check(mac_same(a, b), "the same again, whatever was between");
		b[31] ^= 1;
		check(!mac_same(a, b), "a code with another last bit is another one");
		mac_release(&m);
	}
	return check_done();
}
