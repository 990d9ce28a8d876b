/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/key.h"

#include "core/text.h"
#include "run/kernel.h"

#define SECRET_BYTES	32
#define SECRET_LETTERS	52	/* 260 bits; the last four are 0 */
#define CHECK_LETTERS	6

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const struct slice prefixes[] = { { "tv_", 3 }, { "tva_", 4 } };

static void
put_letters(struct text *t, const uint8_t *bytes, size_t count)
{
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < count; i++) {
		bits = bits << 8 | bytes[i];
		for (held += 8; held >= 5; held -= 5)
			text_put_char(t, alphabet[bits >> (held - 5) & 31]);
	}
	if (held > 0)
		text_put_char(t, alphabet[bits << (5 - held) & 31]);
}

/* CRC-32 of IEEE 802.3, reflected, four bits at a time. */
static uint32_t
crc32_of(struct slice s)
{
	static const uint32_t step[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (uint8_t)s.ptr[i];
		crc = crc >> 4 ^ step[crc & 15];
		crc = crc >> 4 ^ step[crc & 15];
	}
	return ~crc;
}

static void
put_check(struct text *t)
{
	uint32_t crc = crc32_of(text_slice(t));

	for (int shift = 5 * (CHECK_LETTERS - 1); shift >= 0; shift -= 5)
		text_put_char(t, alphabet[crc >> shift & 31]);
}

static bool
is_letters(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\0' || strchr(alphabet, s.ptr[i]) == NULL)
			return false;
	return true;
}

struct key_id
key_id_make(void)
{
	uint8_t bytes[10];
	struct key_id id;
	struct text t;

	kernel_random(bytes, sizeof bytes);
	text_init(&t, id.letter, sizeof id.letter);
	put_letters(&t, bytes, sizeof bytes);
	must(t.len == sizeof id.letter && !text_overflowed(&t));
	return id;
}

size_t
key_make(enum key_owner owner, const struct key_id *id, char out[static KEY_TEXT_MAX])
{
	uint8_t secret[SECRET_BYTES];
	struct text t;

	kernel_random(secret, sizeof secret);
	text_init(&t, out, KEY_TEXT_MAX);
	text_put(&t, prefixes[owner]);
	text_put(&t, slice_of(id->letter, sizeof id->letter));
	text_put_char(&t, '_');
	put_letters(&t, secret, sizeof secret);
	put_check(&t);
	explicit_bzero(secret, sizeof secret);
	must(!text_overflowed(&t));
	return t.len;
}

bool
key_read(struct slice text, enum key_owner *owner, struct key_id *id)
{
	enum key_owner whose = slice_starts(text, prefixes[KEY_OPERATOR]) ? KEY_OPERATOR
	    : KEY_CALLER;
	size_t from = prefixes[whose].len, end = from + KEY_ID_BYTES;

	if (text.len != end + 1 + SECRET_LETTERS + CHECK_LETTERS ||
	    !slice_starts(text, prefixes[whose]) || text.ptr[end] != '_' ||
	    !is_letters(slice_cut(text, from, end)))
		return false;
	*owner = whose;
	memcpy(id->letter, text.ptr + from, sizeof id->letter);
	return true;
}

bool
key_is_whole(struct slice text)
{
	char room[CHECK_LETTERS + KEY_TEXT_MAX];
	enum key_owner owner;
	struct key_id id;
	struct text t;
	bool right;

	if (!key_read(text, &owner, &id) || !is_letters(slice_cut(text,
	    prefixes[owner].len + KEY_ID_BYTES + 1, text.len)))
		return false;
	text_init(&t, room, sizeof room);
	text_put(&t, slice_cut(text, 0, text.len - CHECK_LETTERS));
	put_check(&t);
	right = slice_eq(text_slice(&t), text);
	explicit_bzero(room, sizeof room);
	return right;
}

struct slice
key_name(enum key_owner owner, const struct key_id *id, char out[static KEY_NAME_MAX])
{
	struct text t;

	text_init(&t, out, KEY_NAME_MAX);
	text_put(&t, prefixes[owner]);
	text_put(&t, slice_of(id->letter, sizeof id->letter));
	return text_slice(&t);
}

bool
key_name_read(enum key_owner owner, struct slice name, struct key_id *id)
{
	if (slice_starts(name, prefixes[owner]))
		name = slice_cut(name, prefixes[owner].len, name.len);
	if (name.len != KEY_ID_BYTES || !is_letters(name))
		return false;
	memcpy(id->letter, name.ptr, sizeof id->letter);
	return true;
}
