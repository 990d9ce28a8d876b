/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/head.h"

#include "core/base64.h"

#define KEY_ID_BYTES	4
#define SEALED_BYTES	(KEY_ID_BYTES + SIGN_BYTES)
#define DASH		S("\xe2\x80\x94 ")	/* U+2014 and a space begin a signature's line */

void
head_name(struct digester *d, const uint8_t key[static SIGN_PUBLIC_BYTES],
    char out[static HEAD_NAME_BYTES])
{
	static const char digit[] = "0123456789abcdef";
	uint8_t hash[DIGEST_BYTES];

	memcpy(out, "trivium/", 8);
	digest_bytes(d, slice_of((const char *)key, SIGN_PUBLIC_BYTES), hash);
	for (unsigned i = 0; i < 8; i++) {
		out[8 + 2 * i] = digit[hash[i] >> 4];
		out[9 + 2 * i] = digit[hash[i] & 15];
	}
}

bool
head_is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= 0x20 || s.ptr[i] == 0x7f || s.ptr[i] == '+')
			return false;
	return s.len > 0 && s.len <= HEAD_ORIGIN_BYTES_MAX;
}

/* signed-note: which of the keys of that name it is; 0x01 is Ed25519. */
static void
key_id(struct digester *d, struct slice name, const uint8_t key[static SIGN_PUBLIC_BYTES],
    uint8_t out[static KEY_ID_BYTES])
{
	char room[HEAD_ORIGIN_BYTES_MAX + 2 + SIGN_PUBLIC_BYTES];
	uint8_t hash[DIGEST_BYTES];
	struct text t;

	text_init(&t, room, sizeof room);
	text_put(&t, name);
	text_put(&t, S("\n\1"));
	text_put(&t, slice_of((const char *)key, SIGN_PUBLIC_BYTES));
	must(!text_overflowed(&t));
	digest_bytes(d, text_slice(&t), hash);
	memcpy(out, hash, KEY_ID_BYTES);
}

bool
head_put(struct text *t, struct digester *d, const struct signer *s, struct slice origin,
    const struct head *h)
{
	uint8_t sealed[SEALED_BYTES];
	size_t begin = t->len;

	must(head_is_name(origin));
	text_put(t, origin);
	text_put(t, S("\n"));
	text_put_number(t, h->state.size);
	text_put(t, S("\n"));
	base64_put(t, slice_of((const char *)h->state.root, DIGEST_BYTES));
	text_put(t, S("\ntime "));
	text_put(t, h->time);
	text_put(t, S("\n"));
	key_id(d, origin, s->public, sealed);
	if (!signer_sign(s, slice_of(t->ptr + begin, t->len - begin), sealed + KEY_ID_BYTES))
		return false;
	text_put(t, S("\n"));
	text_put(t, DASH);
	text_put(t, origin);
	text_put(t, S(" "));
	base64_put(t, slice_of((const char *)sealed, sizeof sealed));
	text_put(t, S("\n"));
	return !text_overflowed(t);
}

/* Bytes of a known number in base64. */
static bool
read_bytes(struct slice letters, uint8_t *out, size_t bytes)
{
	struct text t;

	text_init(&t, (char *)out, bytes);
	return base64_put_bytes(&t, letters) && t.len == bytes;
}

/* The line that s begins with, and what is behind it; false if it has no end. */
static bool
next_line(struct slice *s, struct slice *line)
{
	const char *end = s->len == 0 ? NULL : memchr(s->ptr, '\n', s->len);

	if (end == NULL)
		return false;
	*line = slice_of(s->ptr, (size_t)(end - s->ptr));
	*s = slice_cut(*s, line->len + 1, s->len);
	return true;
}

/* A decimal number has one spelling, or two notes could say the same. */
static bool
read_size(struct slice s, uint64_t *out)
{
	return slice_number(s, out) && *out < INT64_MAX && (s.len == 1 || s.ptr[0] != '0');
}

/* Lines until the empty one; what we do not know may be there, and is signed. */
static bool
read_extensions(struct slice *s, struct head *h)
{
	struct slice line;

	while (next_line(s, &line)) {
		if (line.len == 0)
			return true;
		if (slice_starts(line, S("time ")) && h->time.len == 0)
			h->time = slice_cut(line, 5, line.len);
	}
	return false;
}

bool
head_read(struct slice notes, struct head *out, struct slice *rest)
{
	struct slice s = notes, line, size, root;
	struct head h = { 0 };
	const char *begin;

	if (!next_line(&s, &h.origin) || !head_is_name(h.origin) || !next_line(&s, &size) ||
	    !read_size(size, &h.state.size) || !next_line(&s, &root) ||
	    !read_bytes(root, h.state.root, DIGEST_BYTES) || !read_extensions(&s, &h))
		return false;
	h.text = slice_of(notes.ptr, (size_t)(s.ptr - notes.ptr) - 1);
	begin = s.ptr;
	while (slice_starts(s, DASH))
		if (!next_line(&s, &line))
			return false;
	h.signatures = slice_of(begin, (size_t)(s.ptr - begin));
	if (h.signatures.len == 0 || h.text.len + h.signatures.len > HEAD_BYTES_MAX)
		return false;
	*out = h;
	*rest = s;
	return true;
}

bool
head_check(const struct head *h, struct digester *d, const uint8_t key[static SIGN_PUBLIC_BYTES])
{
	struct slice s = h->signatures, line;
	uint8_t id[KEY_ID_BYTES], sealed[SEALED_BYTES];
	bool good = false;

	key_id(d, h->origin, key, id);
	while (next_line(&s, &line)) {
		line = slice_cut(line, DASH.len, line.len);
		/* Others may have signed too: witnesses of other names, older keys. */
		if (!slice_starts(line, h->origin) || line.len == h->origin.len ||
		    line.ptr[h->origin.len] != ' ' ||
		    !read_bytes(slice_cut(line, h->origin.len + 1, line.len), sealed,
			sizeof sealed) || memcmp(sealed, id, sizeof id) != 0)
			continue;
		if (!sign_check(key, h->text, sealed + KEY_ID_BYTES))
			return false;
		good = true;
	}
	return good;
}
