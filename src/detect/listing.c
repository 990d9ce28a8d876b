/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/listing.h"

#include "core/sha256.h"

#define HEAD		S("trivium-values 1 ")
#define HASH_DIGITS	16

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char
small(char c)
{
	return c >= 'A' && c <= 'F' ? (char)(c | 0x20) : c;
}

/* Just so many digits; capitals are none, so that a value has one form. */
static bool
read_hash(struct slice digits, uint64_t *out)
{
	uint64_t hash = 0;

	if (digits.len != HASH_DIGITS)
		return false;
	for (size_t i = 0; i < HASH_DIGITS; i++) {
		int digit = digit_of(digits.ptr[i]);

		if (digit < 0)
			return false;
		hash = hash << 4 | (uint64_t)digit;
	}
	*out = hash;
	return true;
}

void
listing_key(const char key[static LISTING_KEY_DIGITS / 2], struct hash_key *out)
{
	uint8_t digest[SHA256_BYTES];

	/* Of a key that serves elsewhere, too, this one tells nothing. */
	sha256(slice_of(key, LISTING_KEY_DIGITS / 2), digest);
	memcpy(out->word, digest, sizeof out->word);
}

bool
listing_key_digits(struct slice digits, struct hash_key *out)
{
	char key[LISTING_KEY_DIGITS / 2];

	if (digits.len != LISTING_KEY_DIGITS)
		return false;
	for (size_t i = 0; i < sizeof key; i++) {
		int high = digit_of(small(digits.ptr[2 * i]));
		int low = digit_of(small(digits.ptr[2 * i + 1]));

		if (high < 0 || low < 0)
			return false;
		key[i] = (char)(high << 4 | low);
	}
	listing_key(key, out);
	return true;
}

/* What a key makes of a text that is no value. */
static uint64_t
check_of(const struct hash_key *key)
{
	return hash_64(key, S("trivium values"));
}

static struct slice
take_line(struct slice *rest)
{
	size_t end = slice_find(*rest, S("\n"));
	struct slice line = slice_cut(*rest, 0, end);

	*rest = slice_cut(*rest, end < rest->len ? end + 1 : end, rest->len);
	return line;
}

static const char *
read_head(struct slice line, const struct hash_key *key)
{
	uint64_t check;

	if (!slice_starts(line, HEAD) ||
	    !read_hash(slice_cut(line, HEAD.len, line.len), &check))
		return "it is no list of values; `trivium hash` makes one";
	return check == check_of(key) ? NULL
	    : "it was made under another key than that of `list_key`";
}

/* The lines behind the first, at most. */
static uint32_t
count_lines(struct slice rest)
{
	return (uint32_t)((rest.len + HASH_DIGITS) / (HASH_DIGITS + 1));
}

bool
listing_read(struct dictionary *d, struct slice file, enum detect_type type,
    struct listing_fault *fault)
{
	uint64_t hash, last = 0;

	*fault = (struct listing_fault){ 1, read_head(take_line(&file), dictionary_key(d)) };
	if (fault->why == NULL && file.len > 0)
		fault->why = dictionary_reserve_values(d, count_lines(file));
	while (fault->why == NULL && file.len > 0) {
		struct slice line = take_line(&file);

		fault->line++;
		if (!read_hash(line, &hash))
			fault->why = "it must be 16 hexadecimal digits in lower case";
		else if (fault->line > 2 && hash <= last)
			fault->why = "it is not greater than the line before";
		else
			fault->why = dictionary_add_value(d, hash, type);
		last = hash;
	}
	return fault->why == NULL;
}

static void
put_hash(struct text *t, uint64_t hash)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		text_put_char(t, "0123456789abcdef"[hash >> shift & 15]);
	text_put_char(t, '\n');
}

void
listing_put_head(struct text *t, const struct hash_key *key)
{
	text_put(t, HEAD);
	put_hash(t, check_of(key));
}

void
listing_put_value(struct text *t, uint64_t hash)
{
	put_hash(t, hash);
}
