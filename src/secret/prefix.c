/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/prefix.h"

#include "guess/entropy.h"
#include "guess/shape.h"
#include "guess/value.h"

enum follows { ANY, MIXED };

struct row {
	struct slice	begins, shape;
	uint16_t	type;
	uint8_t		follows;
};

static const struct row rows[] = {
#define SECRET(begins, shape, type, follows, issuer)				\
	{ { begins, sizeof(begins) - 1 }, { shape, sizeof(shape) - 1 }, TYPE_##type, follows },
#include "secret/secret.tbl"
#undef SECRET
};

/* Those that begin with nothing of their own, but have a shape that nothing else has. */
static const struct row bare[] = {
	{ { "", 0 }, { "x32-\\u\\sd1-2", 12 }, TYPE_mail_key, ANY },		/* Mailchimp */
	{ { "", 0 }, { "x32-x8-x8", 9 }, TYPE_mail_key, ANY },		/* Mailgun */
	{ { "", 0 }, { "d8-10:\\A\\At33", 13 }, TYPE_chat_token, ANY },	/* Telegram */
	{ { "", 0 }, { "x32.n16", 7 }, TYPE_ai_key, MIXED },			/* Zhipu */
	{ { "M", 1 }, { "t22-25.t6.t27-38", 16 }, TYPE_chat_token, MIXED },	/* Discord */
	{ { "N", 1 }, { "t22-25.t6.t27-38", 16 }, TYPE_chat_token, MIXED },
	{ { "O", 1 }, { "t22-25.t6.t27-38", 16 }, TYPE_chat_token, MIXED },
};

#define ROWS	(sizeof rows / sizeof rows[0])

/* The first eight bytes as a number, so that numbers compare as the texts do. */
static uint64_t
head_of(struct slice s)
{
	uint64_t head = 0;

	memcpy(&head, s.ptr, s.len < 8 ? s.len : 8);
	return __builtin_bswap64(head);
}

static int
compare(struct slice a, struct slice b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order = least == 0 ? 0 : memcmp(a.ptr, b.ptr, least);

	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

bool
prefix_is_sorted(void)
{
	size_t i = 1;

	while (i < ROWS && compare(rows[i - 1].begins, rows[i].begins) <= 0)
		i++;
	return i == ROWS;
}

/* How many rows do not come after s. */
static size_t
rows_until(struct slice s)
{
	uint64_t head = head_of(s);
	size_t low = 0, count = ROWS;

	while (count > 0) {
		size_t half = count / 2;

		if (head_of(rows[low + half].begins) <= head) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return low;
}

/* ---- what follows the beginning ---- */

/* Letters of an example, or the same one again and again. */
static bool
is_made_up(struct slice s)
{
	unsigned row = 1, longest = 1;

	for (size_t i = 1; i < s.len && i < 128; i++) {
		row = s.ptr[i] == s.ptr[i - 1] ? row + 1 : 1;
		longest = row > longest ? row : longest;
	}
	return entropy_bits(s) < 36 || longest > 7 || slice_find(s, S("xxxx")) < s.len ||
	    slice_find(s, S("XX" "XX")) < s.len || slice_find(s, S("EXAMPLE")) < s.len;
}

static bool
is_mixed(struct slice s)
{
	unsigned small = 0, big = 0, digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		small += (unsigned)(s.ptr[i] - 'a') < 26;
		big += (unsigned)(s.ptr[i] - 'A') < 26;
		digits += (unsigned)(s.ptr[i] - '0') < 10;
	}
	/* Letters alone are a word in camel case, or a token only if they spell nothing. */
	return digits >= 2 ? small + big > 0 && (!entropy_wordy(s) || 6 * digits >= s.len)
	    : !entropy_wordy(s);
}

/* ---- the check of GitHub and npm: CRC-32 of thirty characters as six of base 62 ---- */

static uint32_t
crc32_of(struct slice s)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (unsigned char)s.ptr[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (UINT32_C(0xedb88320) & (0 - (crc & 1)));
	}
	return ~crc;
}

/* https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/ */
static bool
is_checked(struct slice token)
{
	static const char digit[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	struct slice tail = slice_cut(token, 4, token.len);
	uint32_t crc;

	if (tail.len != 36)
		return false;
	crc = crc32_of(slice_cut(tail, 0, 30));
	for (size_t i = 36; i-- > 30; crc /= 62) {
		if (tail.ptr[i] != digit[crc % 62])
			return false;
	}
	return true;
}

/* ---- web tokens ---- */

/* More claims than these do not fit into the head of a request. */
#define PART_BYTES_MAX	8192

static int
base64_digit(char c)
{
	if ((unsigned)(c - 'A') < 26)
		return c - 'A';
	if ((unsigned)(c - 'a') < 26)
		return c - 'a' + 26;
	if ((unsigned)(c - '0') < 10)
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* The first bytes that s holds in base64; how many there are. */
static size_t
decode(struct slice s, char *out, size_t room)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t len = 0;

	for (size_t i = 0; i < s.len && len < room; i++) {
		int digit = base64_digit(s.ptr[i]);

		if (digit < 0)
			break;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[len++] = (char)(bits >> held);
		}
	}
	return len;
}

static bool
has(struct slice s, struct slice words)
{
	return slice_find(s, words) < s.len;
}

/* Header, payload and signature; the last may be missing (RFC 7519, 6.1). */
static struct prefix_match
web_token(struct slice s)
{
	size_t part[3] = { 0 }, end = 0;
	char header[192];
	struct slice text;

	for (unsigned i = 0; i < 3; i++) {
		for (; end < s.len && part[i] < PART_BYTES_MAX &&
		    base64_digit(s.ptr[end]) >= 0; end++)
			part[i]++;
		if (i < 2 && (end == s.len || s.ptr[end] != '.'))
			break;
		end += i < 2;
	}
	if (part[0] < 16 || part[1] < 10)
		return (struct prefix_match){ 0 };
	text = slice_of(header, decode(slice_cut(s, 0, part[0]), header, sizeof header));
	if (text.len < 10 || text.ptr[0] != '{' || !(has(text, S("\"alg\"")) ||
	    has(text, S("\"typ\"")) || has(text, S("\"kid\""))))
		return (struct prefix_match){ 0 };
	return (struct prefix_match){ end, TYPE_jwt, 95, EVIDENCE_PREFIX | EVIDENCE_VALID };
}

/* ---- a row ---- */

static struct prefix_match
try_row(const struct row *row, struct slice s)
{
	struct slice rest = slice_cut(s, row->begins.len, s.len), all;
	size_t bytes = shape_match(rest, row->shape);

	if (bytes == 0)
		return (struct prefix_match){ 0 };
	rest.len = bytes;
	all = slice_cut(s, 0, row->begins.len + bytes);
	if (is_made_up(rest) || (row->follows == MIXED && !is_mixed(rest)))
		return (struct prefix_match){ 0 };
	if ((row->type == TYPE_github_token || row->type == TYPE_npm_token) && is_checked(all))
		return (struct prefix_match){ all.len, row->type, 99,
		    EVIDENCE_PREFIX | EVIDENCE_SHAPE | EVIDENCE_VALID };
	return (struct prefix_match){ all.len, row->type, row->follows == MIXED ? 90 : 95,
	    EVIDENCE_PREFIX | EVIDENCE_SHAPE };
}

/* Hexadecimal digits and no UUID, or one of Discord's. */
static bool
may_be_bare(struct slice s)
{
	char c = s.ptr[0];

	return s.ptr[8] != '-' && ((unsigned)(c - '0') < 10 || (unsigned)(c - 'a') < 6 ||
	    (unsigned)(c - 'M') < 3);
}

struct prefix_match
prefix_match(struct slice s)
{
	struct prefix_match best = { 0 };

	if (s.len < 16)
		return best;
	if (s.ptr[0] == 'e' && s.ptr[1] == 'y' && (best = web_token(s)).bytes > 0)
		return best;
	if (may_be_bare(s)) {
		for (size_t i = 0; i < sizeof bare / sizeof bare[0] && best.bytes == 0; i++) {
			if (slice_starts(s, bare[i].begins))
				best = try_row(&bare[i], s);
		}
	}
	/* What s begins with shares two bytes with it, and stands before it. */
	for (size_t i = rows_until(s); i-- > 0 && rows[i].begins.ptr[0] == s.ptr[0] &&
	    rows[i].begins.ptr[1] == s.ptr[1];) {
		struct prefix_match one = { 0 };

		if (slice_starts(s, rows[i].begins))
			one = try_row(&rows[i], s);
		if (one.bytes > best.bytes)
			best = one;
	}
	return best;
}
