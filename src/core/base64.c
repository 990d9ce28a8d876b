/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"

static const char letters_64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_put(struct text *t, struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;

	for (size_t i = 0; i < s.len; i += 3) {
		size_t have = s.len - i < 3 ? s.len - i : 3;
		uint32_t group = (uint32_t)p[i] << 16;
		char four[4];

		if (have > 1)
			group |= (uint32_t)p[i + 1] << 8;
		if (have > 2)
			group |= p[i + 2];
		for (unsigned k = 0; k < 4; k++)
			four[k] = letters_64[group >> (18 - 6 * k) & 63];
		if (have < 3)
			four[3] = '=';
		if (have < 2)
			four[2] = '=';
		text_put(t, slice_of(four, 4));
	}
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int
url_value_of(char c)
{
	return c == '-' ? 62 : c == '_' ? 63 : c == '+' || c == '/' ? -1 : value_of(c);
}

bool
base64_url_read(struct arena *a, struct slice letters, struct slice *out)
{
	size_t n = 0;
	uint32_t group = 0;
	unsigned bits = 0;
	char *bytes;

	/* One letter alone is no byte. */
	if (letters.len % 4 == 1 || (bytes = arena_bytes(a, letters.len / 4 * 3 + 2)) == NULL)
		return false;
	for (size_t i = 0; i < letters.len; i++) {
		int v = url_value_of(letters.ptr[i]);

		if (v < 0)
			return false;
		group = group << 6 | (uint32_t)v;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		bytes[n++] = (char)(group >> bits);
		group &= (1U << bits) - 1;
	}
	if (group != 0)
		return false;
	*out = slice_of(bytes, n);
	return true;
}

bool
base64_put_bytes(struct text *t, struct slice letters)
{
	size_t pad = 0;
	uint32_t group = 0;

	while (pad < 2 && pad < letters.len && letters.ptr[letters.len - 1 - pad] == '=')
		pad++;
	if (letters.len % 4 != 0)
		return false;
	for (size_t i = 0; i < letters.len; i++) {
		int v = i < letters.len - pad ? value_of(letters.ptr[i]) : 0;

		if (v < 0)
			return false;
		group = group << 6 | (uint32_t)v;
		if (i % 4 == 3) {
			char three[3] = { (char)(group >> 16), (char)(group >> 8), (char)group };

			text_put(t, slice_of(three, i + 1 < letters.len ? 3 : 3 - pad));
		}
	}
	/* The last group is still there, since it began anew every 24 bits. */
	return !text_overflowed(t) && (group & ((1u << 8 * pad) - 1)) == 0;
}

bool
base64_read(struct arena *a, struct slice letters, struct slice *out)
{
	size_t bytes = letters.len / 4 * 3 + 1;
	char *room = arena_bytes(a, bytes);
	struct text t;

	if (room == NULL)
		return false;
	text_init(&t, room, bytes);
	if (!base64_put_bytes(&t, letters))
		return false;
	*out = text_slice(&t);
	return true;
}
