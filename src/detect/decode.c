/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/decode.h"

#include "core/utf8.h"
#include "core/vec.h"
#include "core/wide.h"

/* A line that base64 goes on behind; MIME has 76 characters, PEM 64 (RFC 7468). */
#define LINE_BYTES_MIN	60

/* ---- characters ---- */

enum {
	IN_64 = 1,		/* of base64 or base64url */
	IN_HEX = 2,
	IN_WORD = 4,		/* of a word in which bytes may be percent-encoded */
};

#define L(c)	[c] = IN_64 | IN_WORD
#define H(c)	[c] = IN_64 | IN_WORD | IN_HEX

static const unsigned char class[256] = {
	H('0'), H('1'), H('2'), H('3'), H('4'), H('5'), H('6'), H('7'), H('8'), H('9'),
	H('A'), H('B'), H('C'), H('D'), H('E'), H('F'), L('G'), L('H'), L('I'), L('J'),
	L('K'), L('L'), L('M'), L('N'), L('O'), L('P'), L('Q'), L('R'), L('S'), L('T'),
	L('U'), L('V'), L('W'), L('X'), L('Y'), L('Z'), H('a'), H('b'), H('c'), H('d'),
	H('e'), H('f'), L('g'), L('h'), L('i'), L('j'), L('k'), L('l'), L('m'), L('n'),
	L('o'), L('p'), L('q'), L('r'), L('s'), L('t'), L('u'), L('v'), L('w'), L('x'),
	L('y'), L('z'), L('+'), L('-'), L('_'), ['/'] = IN_64, ['%'] = IN_WORD,
	['.'] = IN_WORD, ['~'] = IN_WORD, ['*'] = IN_WORD, ['!'] = IN_WORD,
};

#undef L
#undef H

static bool
is_in(struct slice s, size_t at, unsigned set)
{
	return at < s.len && (class[(unsigned char)s.ptr[at]] & set) != 0;
}

static unsigned
nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static unsigned
sextet(char c)
{
	if (c >= 'a')
		return (unsigned)(c - 'a') + 26;
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 52;
	return c == '+' || c == '-' ? 62 : 63;
}

/* ---- runs ---- */

void
decode_init(struct decode *d, struct arena *a, struct slice text, bool wide)
{
	*d = (struct decode){ .arena = a, .text = text, .wide = wide };
}

#if WIDE_IS_THERE
static WIDE size_t
wide_percent(struct slice s, size_t at)
{
	for (; at + WIDE_BYTES <= s.len; at += WIDE_BYTES) {
		uint32_t hits = wide_mask(wide_is(wide_load(s.ptr + at), '%'));

		if (hits != 0)
			return at + (size_t)__builtin_ctz(hits);
	}
	return at;
}
#endif

/* The first percent sign from `at` on that two hex digits follow, or s.len. */
static size_t
next_percent(struct slice s, size_t at, bool wide)
{
	for (; at < s.len; at++) {
#if WIDE_IS_THERE
		if (wide)
			at = wide_percent(s, at);
#else
		(void)wide;
#endif
		while (at + VEC_BYTES <= s.len && vec_mask(vec_is(vec_load(s.ptr + at), '%')) == 0)
			at += VEC_BYTES;
		while (at < s.len && s.ptr[at] != '%')
			at++;
		if (is_in(s, at + 1, IN_HEX) && is_in(s, at + 2, IN_HEX))
			break;
	}
	return at < s.len ? at : s.len;
}

/* The end of the run of base64 at `at`: lines of equal kind, padding included. */
static size_t
run_end(struct slice s, size_t at)
{
	size_t line = at;

	for (;;) {
		size_t next;

		while (is_in(s, at, IN_64))
			at++;
		next = at + (at < s.len && s.ptr[at] == '\r');
		if (at - line < LINE_BYTES_MIN || (at - line) % 4 != 0 || next >= s.len ||
		    s.ptr[next] != '\n' || !is_in(s, next + 1, IN_64))
			break;
		at = line = next + 1;
	}
	for (int i = 0; i < 2 && at < s.len && s.ptr[at] == '='; i++)
		at++;
	return at;
}

/*
 * Which of sixteen bytes are of base64, as bits.  + , - . / and the digits follow each other:
 * all of them are but the comma and the dot.
 */
static uint32_t
bits_64(const char *sixteen)
{
	struct vec v = vec_load(sixteen);
	struct vec point = vec_or(vec_is(v, ','), vec_is(v, '.'));
	struct vec rest = vec_and_not(vec_within(v, '+', '9'), point);
	struct vec letter = vec_within(vec_or(v, vec_all(0x20)), 'a', 'z');

	return vec_mask(vec_or(vec_or(letter, rest), vec_is(v, '_')));
}

/* Eights of such bits that are all set, the first one exactly: 0x80, 0x8000 … */
static inline uint32_t
eights(uint32_t bits)
{
	return (~bits - 0x01010101) & bits & 0x80808080;
}

#define BLOCK_BYTES	32

#if WIDE_IS_THERE
/* The first block from `at` on with such an eight in it, or the rest that is no block. */
static WIDE size_t
wide_block(struct slice s, size_t at, uint32_t *found)
{
	for (; at + BLOCK_BYTES <= s.len; at += BLOCK_BYTES) {
		struct wide v = wide_load(s.ptr + at), l = wide_or(v, wide_all(0x20));
		struct wide letter = wide_and(wide_from(l, 'a'), wide_to(l, 'z'));
		struct wide rest = wide_and_not(wide_and(wide_from(v, '+'), wide_to(v, '9')),
		    wide_or(wide_is(v, ','), wide_is(v, '.')));

		*found = eights(wide_mask(wide_or(wide_or(letter, rest), wide_is(v, '_'))));
		if (*found != 0)
			return at;
	}
	return at;
}
#endif

static size_t
next_block(struct slice s, size_t at, bool wide, uint32_t *found)
{
	*found = 0;
#if WIDE_IS_THERE
	if (wide)
		return wide_block(s, at, found);
#else
	(void)wide;
#endif
	for (; at + BLOCK_BYTES <= s.len; at += BLOCK_BYTES) {
		*found = eights(bits_64(s.ptr + at) |
		    bits_64(s.ptr + at + VEC_BYTES) << VEC_BYTES);
		if (*found != 0)
			return at;
	}
	return at;
}

/* The run that goes through `at`, from `floor` on, and as far as it must go to count. */
static size_t
run_through(struct slice s, size_t floor, size_t at, size_t *end)
{
	while (at > floor && is_in(s, at - 1, IN_64))
		at--;
	for (*end = at; *end - at < DECODE_BYTES_MIN && is_in(s, *end, IN_64);)
		++*end;
	return at;
}

/*
 * The start of the first run of base64 from `floor` on, or s.len.  Wherever a run of sixteen
 * stands, it fills one of the eights that a text is cut into; words of prose hardly ever do.
 */
static size_t
run_start(struct slice s, size_t floor, bool wide)
{
	size_t at = floor, start, end;
	uint32_t found;

	for (;;) {
		at = next_block(s, at, wide, &found);
		if (found != 0)
			at += (size_t)__builtin_ctz(found) & ~(size_t)7;
		else if (at == s.len)
			return s.len;
		start = run_through(s, floor, at, &end);
		if (end - start == DECODE_BYTES_MIN)
			return start;
		floor = at = end + (end < s.len);
	}
}

static bool
next_run(struct slice s, size_t at, bool wide, struct decoded *out)
{
	size_t start = run_start(s, at, wide);

	if (start == s.len)
		return false;
	*out = (struct decoded){ (uint32_t)start, (uint32_t)run_end(s, start), { 0 } };
	return true;
}

/* The word around the percent sign at `sign`, which begins at `floor` or behind it. */
static struct decoded
percent_run(struct slice s, size_t sign, size_t floor)
{
	size_t start = sign, end = sign;

	while (start > floor && is_in(s, start - 1, IN_WORD))
		start--;
	while (is_in(s, end, IN_WORD))
		end++;
	return (struct decoded){ (uint32_t)start, (uint32_t)end, { 0 } };
}

/* ---- what they say ---- */

static size_t
read_64(struct slice run, char *to)
{
	uint32_t bits = 0, count = 0;
	size_t len = 0;

	for (size_t i = 0; i < run.len; i++) {
		if (!is_in(run, i, IN_64))
			continue;
		bits = bits << 6 | sextet(run.ptr[i]);
		if (++count % 4 != 1)
			to[len++] = (char)(bits >> (6 - 2 * ((count - 1) % 4)));
	}
	return len;
}

static size_t
read_hex(struct slice run, char *to)
{
	for (size_t i = 0; i + 1 < run.len; i += 2)
		to[i / 2] = (char)(nibble(run.ptr[i]) << 4 | nibble(run.ptr[i + 1]));
	return run.len / 2;
}

static size_t
read_percent(struct slice run, char *to)
{
	size_t len = 0;

	for (size_t i = 0; i < run.len; i++) {
		to[len++] = run.ptr[i];
		if (run.ptr[i] == '%' && is_in(run, i + 1, IN_HEX) && is_in(run, i + 2, IN_HEX)) {
			to[len - 1] = (char)(nibble(run.ptr[i + 1]) << 4 | nibble(run.ptr[i + 2]));
			i += 2;
		}
	}
	return len;
}

/*
 * Is this text?  Three quarters must be printable ASCII, or all of it UTF-8 without control
 * bytes, but for a last character that may be cut.  Whatever else is in it becomes a space,
 * for those who look at text.
 */
static bool
make_text(char *ptr, size_t len)
{
	size_t printable = 0, control = 0, valid = utf8_valid(slice_of(ptr, len));

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)ptr[i];

		printable += (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t' || c == '\r';
		control += c < 0x20 && c != '\n' && c != '\t' && c != '\r';
	}
	if (4 * printable < 3 * len && (valid + 3 < len || control > 0))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)ptr[i];

		if (c == 0x7f || (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x80 && i >= valid))
			ptr[i] = ' ';
	}
	return true;
}

/* Hex as long as there is any; what its writers put before it is not. */
static struct slice
hex_of(struct slice run)
{
	if (slice_starts(run, S("0x")))
		run = slice_cut(run, 2, run.len);
	for (size_t i = 0; i < run.len; i++)
		if (!is_in(run, i, IN_HEX))
			return S("");
	return run.len % 2 == 0 ? run : S("");
}

static size_t
read(struct slice run, bool percent, char *to)
{
	struct slice hex = percent ? S("") : hex_of(run);

	return percent ? read_percent(run, to) : hex.len > 0 ? read_hex(hex, to)
	    : read_64(run, to);
}

/* A look at what the first characters say: most runs are words, paths and digests. */
static bool
is_promising(struct slice run)
{
	char room[DECODE_BYTES_MIN];
	struct slice hex = hex_of(run);

	return hex.len > 0 ? make_text(room, read_hex(slice_cut(hex, 0, 12), room))
	    : make_text(room, read_64(slice_cut(run, 0, DECODE_BYTES_MIN), room));
}

static bool
say(struct decode *d, struct decoded *run, bool percent)
{
	struct slice s = slice_cut(d->text, run->start, run->end);
	char *to;

	if (percent ? s.len < DECODE_PERCENT_MIN : !is_promising(s))
		return false;
	if ((to = arena_bytes(d->arena, s.len)) == NULL) {
		d->cut = true;
		return false;
	}
	run->text = slice_of(to, read(s, percent, to));
	return make_text(to, run->text.len);
}

/* The next run of either kind; percent signs are looked for once. */
static bool
next_either(struct decode *d, struct decoded *out, bool *percent)
{
	bool run;

	if (d->sign < d->at || d->at == 0)
		d->sign = next_percent(d->text, d->at, d->wide);
	run = next_run(slice_cut(d->text, 0, d->sign), d->at, d->wide, out);
	*percent = d->sign < d->text.len && (!run || out->end == d->sign);
	if (*percent)
		*out = percent_run(d->text, d->sign, d->at);
	return run || *percent;
}

bool
decode_next(struct decode *d, struct decoded *out)
{
	bool percent = false;

	while (d->at < d->text.len) {
		struct decoded one = { 0 };

		if (!next_either(d, &one, &percent)) {
			d->at = d->text.len;
			return false;
		}
		d->at = one.end;
		if (say(d, &one, percent)) {
			*out = one;
			return true;
		}
	}
	return false;
}
