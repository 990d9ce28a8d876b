/* SPDX-License-Identifier: Apache-2.0 */
#include "core/date.h"

#include "check.h"

static const struct {
	const char	*why, *text;
	bool		 ok;
	int64_t		 want;
} dates[] = {
	{ "the beginning", "1970-01-01", true, 0 },
	{ "a day", "1970-01-02", true, 86400 },
	{ "minutes", "1970-01-01T00:01Z", true, 60 },
	{ "seconds", "1970-01-01T00:00:59Z", true, 59 },
	{ "a leap day of a fourth year", "2024-02-29", true, 1709164800 },
	{ "and the day behind it", "2024-03-01T00:00Z", true, 1709251200 },
	{ "a leap day of a four hundredth year", "2000-02-29T12:00:00Z", true, 951825600 },
	{ "the end of a year", "2026-12-31T23:59:59Z", true, 1798761599 },
	{ "past 32 bits", "2106-02-07T06:28:16Z", true, INT64_C(4294967296) },
	{ "the last second", "9999-12-31T23:59:59Z", true, INT64_C(253402300799) },
	{ "no leap day in a hundredth year", "2100-02-29", false, 0 },
	{ "no leap day in any year", "2026-02-29", false, 0 },
	{ "a month that is none", "2026-13-01", false, 0 },
	{ "month nothing", "2026-00-01", false, 0 },
	{ "day nothing", "2026-01-00", false, 0 },
	{ "a day too many", "2026-04-31", false, 0 },
	{ "hour 24", "2026-01-01T24:00Z", false, 0 },
	{ "minute 60", "2026-01-01T00:60Z", false, 0 },
	{ "second 60", "2026-01-01T00:00:60Z", false, 0 },
	{ "before the beginning", "1969-12-31", false, 0 },
	{ "without its zone", "2026-01-01T00:00:00", false, 0 },
	{ "another zone", "2026-01-01T00:00+01:00", false, 0 },
	{ "a space for the T", "2026-01-01 00:00Z", false, 0 },
	{ "no digits", "2026-0x-01", false, 0 },
	{ "a sign", "-026-01-01", false, 0 },
	{ "too short", "2026-1-1", false, 0 },
	{ "nothing", "", false, 0 },
};

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(dates); i++) {
		int64_t got = 0;

		check(date_read(slice_of(dates[i].text, strlen(dates[i].text)), &got) ==
		    dates[i].ok, "%s: %s", dates[i].why, dates[i].ok ? "is one" : "is none");
		check_int(got, dates[i].ok ? dates[i].want : 0, "%s", dates[i].why);
	}
	return check_done();
}
