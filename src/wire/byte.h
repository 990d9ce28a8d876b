/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_BYTE_H
#define WIRE_BYTE_H

/*
 * byte - what a byte of a message may be part of.
 *
 * A class is a bit: of a token (RFC 9110, 5.6.2), of a field's value (5.5, with
 * the tab and bytes above ASCII), of a request target, of a host.  A target has
 * no '#', for a fragment is never sent, and nothing above ASCII.  The bytes of a
 * host are those of reg-name (RFC 3986, 3.2.2), without what separates a port
 * or brackets an address.
 */

#include <stdbool.h>

enum {
	BYTE_TOKEN	= 1,
	BYTE_TARGET	= 2,
	BYTE_VALUE	= 4,
	BYTE_HOST	= 8,
};

#define BYTE_ALL	(BYTE_TOKEN | BYTE_TARGET | BYTE_VALUE | BYTE_HOST)
#define BYTE_SEEN	(BYTE_TARGET | BYTE_VALUE)

static const unsigned char byte_class[256] = {
	['\t'] = BYTE_VALUE,
	[' '] = BYTE_VALUE,
	['!'] = BYTE_ALL,
	['"'] = BYTE_SEEN,
	['#'] = BYTE_TOKEN | BYTE_VALUE,
	['$' ... '\''] = BYTE_ALL,
	['('] = BYTE_SEEN | BYTE_HOST,
	[')'] = BYTE_SEEN | BYTE_HOST,
	['*'] = BYTE_ALL,
	['+'] = BYTE_ALL,
	[','] = BYTE_SEEN | BYTE_HOST,
	['-'] = BYTE_ALL,
	['.'] = BYTE_ALL,
	['/'] = BYTE_SEEN,
	['0' ... '9'] = BYTE_ALL,
	[':'] = BYTE_SEEN,
	[';'] = BYTE_SEEN | BYTE_HOST,
	['<'] = BYTE_SEEN,
	['='] = BYTE_SEEN | BYTE_HOST,
	['>' ... '@'] = BYTE_SEEN,
	['A' ... 'Z'] = BYTE_ALL,
	['['] = BYTE_SEEN,
	['\\'] = BYTE_SEEN,
	[']'] = BYTE_SEEN,
	['^'] = BYTE_SEEN | BYTE_TOKEN,
	['_'] = BYTE_ALL,
	['`'] = BYTE_SEEN | BYTE_TOKEN,
	['a' ... 'z'] = BYTE_ALL,
	['{'] = BYTE_SEEN,
	['|'] = BYTE_SEEN | BYTE_TOKEN,
	['}'] = BYTE_SEEN,
	['~'] = BYTE_ALL,
	[0x80 ... 0xff] = BYTE_VALUE,
};

static inline bool
byte_is(char c, unsigned char class)
{
	return (byte_class[(unsigned char)c] & class) != 0;
}

static inline bool
byte_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

#endif
