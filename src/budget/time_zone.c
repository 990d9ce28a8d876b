/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/time_zone.h"

#define HEAD_BYTES	44		/* RFC 8536, 3.1 */
#define TYPE_BYTES	6
#define DAY		INT64_C(86400)
#define OFFSET_MAX	(26 * 3600)	/* the RFC's own bound, 3.2 */

/* ---- civil dates ---- */

/*
 * Years are counted from March on, so that the day that is not always there is
 * their last; an era of 400 years has 146,097 days.
 */
static int64_t
floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t
time_zone_days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_divide(y, 400), of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void
time_zone_civil(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + 719468, era = floor_divide(z, 146097), n = z - era * 146097;
	int64_t of_era = (n - n / 1460 + n / 36524 - n / 146096) / 365;
	int64_t of_year = n - (365 * of_era + of_era / 4 - of_era / 100);
	int64_t m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = of_era + era * 400 + (*month <= 2);
}

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* ---- the rule ---- */

struct reader {
	struct slice	s;
	size_t		at;
};

static bool
take(struct reader *r, char c)
{
	if (r->at >= r->s.len || r->s.ptr[r->at] != c)
		return false;
	r->at++;
	return true;
}

static bool
is_digit(const struct reader *r)
{
	return r->at < r->s.len && r->s.ptr[r->at] >= '0' && r->s.ptr[r->at] <= '9';
}

static bool
take_number(struct reader *r, int32_t low, int32_t high, int32_t *out)
{
	int32_t n = 0;

	if (!is_digit(r))
		return false;
	for (unsigned digits = 0; is_digit(r); digits++) {
		if (digits == 3)
			return false;
		n = n * 10 + (r->s.ptr[r->at++] - '0');
	}
	*out = n;
	return n >= low && n <= high;
}

/* [+-]hh[:mm[:ss]] as seconds. */
static bool
take_time(struct reader *r, int32_t hours_max, int32_t *out)
{
	bool negative = take(r, '-');
	int32_t hours, minutes = 0, seconds = 0;

	if (!negative)
		(void)take(r, '+');
	if (!take_number(r, 0, hours_max, &hours))
		return false;
	if (take(r, ':')) {
		if (!take_number(r, 0, 59, &minutes))
			return false;
		if (take(r, ':') && !take_number(r, 0, 59, &seconds))
			return false;
	}
	*out = hours * 3600 + minutes * 60 + seconds;
	*out = negative ? -*out : *out;
	return true;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Three letters or more, or anything in angle brackets. */
static bool
take_name(struct reader *r)
{
	size_t from = r->at;

	if (take(r, '<')) {
		while (r->at < r->s.len && r->s.ptr[r->at] != '>')
			r->at++;
		return take(r, '>') && r->at - from >= 5;
	}
	while (r->at < r->s.len && is_letter(r->s.ptr[r->at]))
		r->at++;
	return r->at - from >= 3;
}

static bool
take_change(struct reader *r, struct time_change *c)
{
	*c = (struct time_change){ .seconds = 2 * 3600 };
	if (!take(r, ','))
		return false;
	if (take(r, 'M')) {
		c->day = TIME_DAY_MONTH;
		if (!take_number(r, 1, 12, &c->month) || !take(r, '.') ||
		    !take_number(r, 1, 5, &c->week) || !take(r, '.') ||
		    !take_number(r, 0, 6, &c->n))
			return false;
	} else {
		bool julian = take(r, 'J');

		c->day = julian ? TIME_DAY_JULIAN : TIME_DAY_COUNT;
		if (!take_number(r, julian, 365, &c->n))
			return false;
	}
	return !take(r, '/') || take_time(r, 167, &c->seconds);
}

bool
time_zone_read_rule(struct slice s, struct time_rule *out)
{
	struct reader r = { .s = s };
	struct time_rule rule = { .known = true };
	int32_t west;

	if (!take_name(&r) || !take_time(&r, 24, &west))
		return false;
	rule.standard = -west;
	if (r.at < s.len) {
		rule.summer = true;
		rule.other = rule.standard + 3600;
		if (!take_name(&r))
			return false;
		if (r.at < s.len && s.ptr[r.at] != ',') {
			if (!take_time(&r, 24, &west))
				return false;
			rule.other = -west;
		}
		if (!take_change(&r, &rule.begins) || !take_change(&r, &rule.ends))
			return false;
	}
	if (r.at != s.len)
		return false;
	*out = rule;
	return true;
}

/* The day of a year, since 1970. */
static int64_t
change_day(const struct time_change *c, int64_t year)
{
	int64_t first, next, day;

	switch (c->day) {
	case TIME_DAY_JULIAN:
		return time_zone_days(year, 1, 1) + c->n - 1 + (is_leap(year) && c->n >= 60);
	case TIME_DAY_COUNT:
		return time_zone_days(year, 1, 1) + c->n;
	case TIME_DAY_MONTH:
		break;
	}
	first = time_zone_days(year, c->month, 1);
	next = c->month == 12 ? time_zone_days(year + 1, 1, 1) :
	    time_zone_days(year, c->month + 1, 1);
	/* 1970-01-01 was a Thursday, which is 4. */
	day = first + (c->n - (first + 4) % 7 + 7) % 7 + (c->week - 1) * INT64_C(7);
	while (day >= next)
		day -= 7;
	return day;
}

struct search {
	int64_t		 at;
	int64_t		 last;		/* the latest change that is not behind `at` */
	struct time_span span;
};

static void
try_change(struct search *s, int64_t when, int64_t offset)
{
	if (when <= s->at && when >= s->last) {
		s->last = when;
		s->span.offset = offset;
	}
	if (when > s->at && when < s->span.until)
		s->span.until = when;
}

static struct time_span
rule_span(const struct time_rule *rule, int64_t at)
{
	struct search s = {
		.at = at,
		.last = INT64_MIN,
		.span = { .offset = rule->standard, .until = INT64_MAX },
	};
	int64_t year, month, day;

	if (!rule->summer)
		return s.span;
	time_zone_civil(floor_divide(at, DAY), &year, &month, &day);
	/* A change may lie a week beside its year; where both fall together it begins. */
	for (int64_t y = year - 2; y <= year + 2; y++) {
		try_change(&s, change_day(&rule->ends, y) * DAY + rule->ends.seconds -
		    rule->other, rule->standard);
		try_change(&s, change_day(&rule->begins, y) * DAY + rule->begins.seconds -
		    rule->standard, rule->other);
	}
	return s.span;
}

/* ---- the file ---- */

static uint32_t
read_32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t
read_64(const unsigned char *p)
{
	return (int64_t)((uint64_t)read_32(p) << 32 | read_32(p + 4));
}

struct counts {
	size_t	isut, isstd, leap, time, type, chars;
};

static bool
read_head(struct slice s, struct counts *c)
{
	const unsigned char *p = (const unsigned char *)s.ptr;

	if (s.len < HEAD_BYTES || !slice_starts(s, S("TZif")) || p[4] < '2')
		return false;
	*c = (struct counts){
		read_32(p + 20), read_32(p + 24), read_32(p + 28),
		read_32(p + 32), read_32(p + 36), read_32(p + 40),
	};
	return true;
}

/* The bytes behind a head; each count has 32 bits, so that nothing overflows. */
static size_t
block_bytes(const struct counts *c, size_t time_bytes)
{
	return c->time * time_bytes + c->time + c->type * TYPE_BYTES + c->chars +
	    c->leap * (time_bytes + 4) + c->isstd + c->isut;
}

static bool
check_table(const struct time_zone *z, const struct counts *c)
{
	for (uint32_t i = 0; i < z->count; i++)
		if (z->type[i] >= c->type ||
		    (i > 0 && read_64(z->at + 8 * i) <= read_64(z->at + 8 * (i - 1))))
			return false;
	for (size_t i = 0; i < c->type; i++) {
		int32_t offset = (int32_t)read_32(z->offset + TYPE_BYTES * i);

		if (offset < -OFFSET_MAX || offset > OFFSET_MAX)
			return false;
	}
	return true;
}

bool
time_zone_read(struct time_zone *z, struct slice bytes, const char **why)
{
	struct counts old, c;
	struct slice rest = bytes, footer;
	size_t block;

	*why = "it is no file of zoneinfo of version 2 or later (RFC 8536)";
	*z = (struct time_zone){ 0 };
	if (!read_head(rest, &old) || block_bytes(&old, 4) > rest.len - HEAD_BYTES)
		return false;
	rest = slice_cut(rest, HEAD_BYTES + block_bytes(&old, 4), rest.len);
	if (!read_head(rest, &c))
		return false;
	block = block_bytes(&c, 8);
	*why = "it is damaged";
	if (block > rest.len - HEAD_BYTES || c.type == 0 || c.type > 256)
		return false;
	z->at = (const unsigned char *)rest.ptr + HEAD_BYTES;
	z->count = (uint32_t)c.time;
	z->type = z->at + 8 * c.time;
	z->offset = z->type + c.time;
	if (!check_table(z, &c))
		return false;
	footer = slice_cut(rest, HEAD_BYTES + block, rest.len);
	if (footer.len < 2 || footer.ptr[0] != '\n' || footer.ptr[footer.len - 1] != '\n')
		return false;
	footer = slice_cut(footer, 1, footer.len - 1);
	if (footer.len > 0 && !time_zone_read_rule(footer, &z->rule))
		return false;
	*why = "it counts leap seconds";
	return c.leap == 0;
}

static int64_t
offset_of(const struct time_zone *z, unsigned type)
{
	return (int32_t)read_32(z->offset + (size_t)TYPE_BYTES * type);
}

struct time_span
time_zone_span(const struct time_zone *z, int64_t at)
{
	uint32_t low = 0, high;

	if (z == NULL)
		return (struct time_span){ .until = INT64_MAX };
	/* The number of changes that are not behind `at`. */
	for (high = z->count; low < high;) {
		uint32_t middle = low + (high - low) / 2;

		if (read_64(z->at + (size_t)8 * middle) <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == z->count && z->rule.known)
		return rule_span(&z->rule, at);
	return (struct time_span){
		.offset = offset_of(z, low == 0 ? 0 : z->type[low - 1]),
		.until = low < z->count ? read_64(z->at + (size_t)8 * low) : INT64_MAX,
	};
}
