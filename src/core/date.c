/* SPDX-License-Identifier: Apache-2.0 */
#include "core/date.h"

/* Digits that stand where they must; false if one is none. */
static bool
digits(struct slice s, size_t at, size_t count, int64_t *out)
{
	*out = 0;
	for (size_t i = at; i < at + count; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		*out = *out * 10 + (s.ptr[i] - '0');
	}
	return true;
}

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t
month_days(int64_t year, int64_t month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01, by the number of leap days before a year (Gregorian calendar). */
static int64_t
days_before(int64_t year)
{
	int64_t y = year - 1;

	return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 +
	    1969 / 400);
}

static bool
read_day(struct slice s, int64_t *days)
{
	int64_t year, month, day;

	if (s.ptr[4] != '-' || s.ptr[7] != '-' || !digits(s, 0, 4, &year) ||
	    !digits(s, 5, 2, &month) || !digits(s, 8, 2, &day) || year < 1970 || month < 1 ||
	    month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*days = days_before(year) + day - 1;
	for (int64_t m = 1; m < month; m++)
		*days += month_days(year, m);
	return true;
}

bool
date_read(struct slice s, int64_t *seconds)
{
	int64_t days, hour = 0, minute = 0, second = 0;

	if ((s.len != 10 && s.len != 17 && s.len != 20) || !read_day(s, &days))
		return false;
	if (s.len > 10 && (s.ptr[10] != 'T' || s.ptr[13] != ':' || s.ptr[s.len - 1] != 'Z' ||
	    !digits(s, 11, 2, &hour) || !digits(s, 14, 2, &minute)))
		return false;
	if (s.len == 20 && (s.ptr[16] != ':' || !digits(s, 17, 2, &second)))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
	return true;
}
