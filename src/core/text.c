/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

#include "core/vec.h"

static const char digits[] = "0123456789abcdef";

/* "00", "01" … "99": two digits for one division. */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324"
    "25262728293031323334353637383940414243444546474849"
    "50515253545556575859606162636465666768697071727374"
    "75767778798081828384858687888990919293949596979899";

/* A bit is worth 1233/4096 of a digit, or one more. */
static unsigned
count_digits(uint64_t n)
{
	static const uint64_t power[] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
		1000000000000000, 10000000000000000, 100000000000000000,
		1000000000000000000, 10000000000000000000u,
	};
	unsigned count = (64 - (unsigned)__builtin_clzll(n | 1)) * 1233 >> 12;

	return count + ((n | 1) >= power[count]);
}

/* The digits are written from the last to the first, straight to where they belong. */
void
text_put_number(struct text *t, uint64_t n)
{
	unsigned count = count_digits(n);
	char *p;

	if (count > t->cap - t->len) {
		t->overflowed = true;
		return;
	}
	t->len += count;
	for (p = t->ptr + t->len; n >= 100; n /= 100) {
		p -= 2;
		memcpy(p, pairs + 2 * (n % 100), 2);
	}
	if (n >= 10)
		memcpy(p - 2, pairs + 2 * n, 2);
	else
		p[-1] = digits[n];
}

void
text_put_signed(struct text *t, int64_t n)
{
	if (n < 0)
		text_put_char(t, '-');
	text_put_number(t, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void
text_put_hex(struct text *t, uint64_t n)
{
	char room[16];
	size_t at = sizeof room;

	do
		room[--at] = digits[n & 15];
	while ((n >>= 4) > 0);
	text_put(t, slice_of(room + at, sizeof room - at));
}

static void
put_control(struct text *t, unsigned char c)
{
	switch (c) {
	case '\n':
		text_put(t, S("\\n"));
		return;
	case '\r':
		text_put(t, S("\\r"));
		return;
	case '\t':
		text_put(t, S("\\t"));
		return;
	default:
		text_put(t, S("\\u00"));
		text_put_char(t, digits[c >> 4]);
		text_put_char(t, digits[c & 15]);
	}
}

/* Does JSON not take this byte as it is, or do we not want it to? */
static inline bool
is_special(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

/* The bytes among sixteen that JSON does not take as they are, as bits. */
static uint32_t
special_bits(const char *sixteen)
{
	struct vec v = vec_load(sixteen);

	return vec_mask(vec_or(vec_or(vec_to(v, 0x1f), vec_is(v, '"')),
	    vec_or(vec_is(v, '\\'), vec_is(v, 0x7f))));
}

/* The first such byte from `i` on, or s.len. */
static size_t
next_special(struct slice s, size_t i)
{
	for (; i + VEC_BYTES <= s.len; i += VEC_BYTES) {
		uint32_t hits = special_bits(s.ptr + i);

		if (hits != 0)
			return i + vec_first(hits);
	}
	while (i < s.len && !is_special((unsigned char)s.ptr[i]))
		i++;
	return i;
}

#define EACH(byte)	(UINT64_C(0x0101010101010101) * (byte))

/* Is none of eight bytes special?  False also for a few that are not. */
static inline bool
is_word_plain(uint64_t w)
{
	uint64_t quote = w ^ EACH('"'), backslash = w ^ EACH('\\'), del = w ^ EACH(0x7f);
	uint64_t low = (w - EACH(0x20)) & ~w;
	uint64_t same = ((quote - EACH(1)) & ~quote) | ((backslash - EACH(1)) & ~backslash) |
	    ((del - EACH(1)) & ~del);

	return ((low | same) & EACH(0x80)) == 0;
}

static inline uint64_t
word_at(const char *p, size_t bytes)
{
	uint64_t word = 0;

	memcpy(&word, p, bytes);
	return word;
}

/*
 * Copies what JSON takes as it is, looked at while it is in the registers; false if some of
 * it may be something else, and what was written is nothing.  Names, which is nearly all
 * that is put, are one or two pieces that may have bytes in common.
 */
static inline bool
copy_plain(char *out, struct slice s)
{
	const char *p = s.ptr, *end = s.ptr + s.len;
	uint64_t first, last;

	if (s.len >= VEC_BYTES) {
		for (; end - p > VEC_BYTES; p += VEC_BYTES, out += VEC_BYTES) {
			if (special_bits(p) != 0)
				return false;
			vec_store(out, vec_load(p));
		}
		vec_store(out + (end - p) - VEC_BYTES, vec_load(end - VEC_BYTES));
		return special_bits(end - VEC_BYTES) == 0;
	}
	if (s.len >= 8) {
		first = word_at(p, 8);
		last = word_at(end - 8, 8);
		memcpy(out, &first, 8);
		memcpy(out + s.len - 8, &last, 8);
		return is_word_plain(first) && is_word_plain(last);
	}
	if (s.len >= 4) {
		first = word_at(p, 4);
		last = word_at(end - 4, 4);
		memcpy(out, &first, 4);
		memcpy(out + s.len - 4, &last, 4);
		return is_word_plain(first | last << 32);
	}
	for (; p < end; p++, out++) {
		if (is_special((unsigned char)*p))
			return false;
		*out = *p;
	}
	return true;
}

/* Apart from what nearly always does without it. */
static __attribute__((noinline)) void
put_special(struct text *t, struct slice s)
{
	size_t plain = 0;

	for (size_t i = 0; (i = next_special(s, i)) < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		text_put(t, slice_cut(s, plain, i));
		plain = i + 1;
		if (c == '"' || c == '\\') {
			text_put_char(t, '\\');
			text_put_char(t, (char)c);
		} else {
			put_control(t, c);
		}
	}
	text_put(t, slice_cut(s, plain, s.len));
}

void
text_put_escaped(struct text *t, struct slice s)
{
	if (s.len <= t->cap - t->len && copy_plain(t->ptr + t->len, s))
		t->len += s.len;
	else
		put_special(t, s);
}

void
text_put_json(struct text *t, struct slice s)
{
	char *out = t->ptr + t->len;

	if (t->cap - t->len >= 2 && s.len <= t->cap - t->len - 2 && copy_plain(out + 1, s)) {
		out[0] = out[s.len + 1] = '"';
		t->len += s.len + 2;
		return;
	}
	text_put_char(t, '"');
	put_special(t, s);
	text_put_char(t, '"');
}

void
text_put_usd(struct text *t, nano_usd amount)
{
	uint64_t n = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
	uint64_t fraction = n % 1000000000;
	char room[10] = ".";
	size_t len = 10;

	if (amount < 0)
		text_put_char(t, '-');
	text_put_number(t, n / 1000000000);
	if (fraction == 0)
		return;
	for (size_t i = 8; i >= 2; i -= 2, fraction /= 100)
		memcpy(room + i, pairs + 2 * (fraction % 100), 2);
	room[1] = digits[fraction];
	while (room[len - 1] == '0')
		len--;
	text_put(t, slice_of(room, len));
}

static void
put_padded(struct text *t, uint64_t n, unsigned width)
{
	char room[20];

	for (unsigned i = width; i >= 2; i -= 2, n /= 100)
		memcpy(room + i - 2, pairs + 2 * (n % 100), 2);
	if (width % 2 == 1)
		room[0] = digits[n % 10];
	text_put(t, slice_of(room, width));
}

struct civil {
	uint64_t year, month, day;
};

/*
 * Days since 1970 to a civil date by Howard Hinnant's algorithm
 * ("chrono-Compatible Low-Level Date Algorithms"): years begin in March, so
 * that the leap day is the last of its year.
 */
static struct civil
civil_of(uint64_t day)
{
	uint64_t z = day + 719468, era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint64_t mp = (5 * doy + 2) / 153;
	uint64_t month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil){
		.year = yoe + era * 400 + (month <= 2),
		.month = month,
		.day = doy - (153 * mp + 2) / 5 + 1,
	};
}

static void
put_clock(struct text *t, uint64_t second)
{
	put_padded(t, second / 3600 % 24, 2);
	text_put_char(t, ':');
	put_padded(t, second / 60 % 60, 2);
	text_put_char(t, ':');
	put_padded(t, second % 60, 2);
}

void
text_put_time(struct text *t, nanos wall)
{
	uint64_t ms = wall < 0 ? 0 : (uint64_t)wall / 1000000;
	struct civil date = civil_of(ms / 86400000);

	put_padded(t, date.year, 4);
	text_put_char(t, '-');
	put_padded(t, date.month, 2);
	text_put_char(t, '-');
	put_padded(t, date.day, 2);
	text_put_char(t, 'T');
	put_clock(t, ms / 1000);
	text_put_char(t, '.');
	put_padded(t, ms % 1000, 3);
	text_put_char(t, 'Z');
}

void
text_put_date(struct text *t, nanos wall)
{
	static const char weekday[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char month[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	uint64_t second = wall < 0 ? 0 : (uint64_t)wall / 1000000000;
	struct civil date = civil_of(second / 86400);

	text_put(t, slice_of(weekday[second / 86400 % 7], 3));
	text_put(t, S(", "));
	put_padded(t, date.day, 2);
	text_put_char(t, ' ');
	text_put(t, slice_of(month[date.month - 1], 3));
	text_put_char(t, ' ');
	put_padded(t, date.year, 4);
	text_put_char(t, ' ');
	put_clock(t, second);
	text_put(t, S(" GMT"));
}
