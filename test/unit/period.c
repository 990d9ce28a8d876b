/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/period.h"

#include <time.h>

#include "check.h"

/*
 * Files of zoneinfo are read from the system, as the program reads them; what
 * they say is asked of the C library too (test/law/period.c).  Moments are those
 * of changes that people know.
 */

#define ROOM	(64 * 1024)

static bool
load(const char *name, char *room, struct time_zone *z)
{
	char path[128];
	const char *why;
	FILE *file;
	size_t n;

	snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
	if ((file = fopen(path, "r")) == NULL)
		return false;
	n = fread(room, 1, ROOM, file);
	fclose(file);
	return time_zone_read(z, slice_of(room, n), &why);
}

static int64_t
moment(const char *utc)
{
	struct tm tm = { 0 };

	check_or_stop(strptime(utc, "%Y-%m-%d %H:%M:%S", &tm) != NULL, "%s is a moment", utc);
	return timegm(&tm);
}

static const struct {
	const char	*zone;
	enum per	 per;
	const char	*at, *began, *ends;
	const char	*why;
} cases[] = {
	{ "UTC", PER_HOUR, "2026-11-26 08:15:03", "2026-11-26 08:00:00", "2026-11-26 09:00:00",
	    "an hour" },
	{ "UTC", PER_DAY, "2026-11-26 00:00:00", "2026-11-26 00:00:00", "2026-11-27 00:00:00",
	    "a day begins with its first second" },
	{ "UTC", PER_DAY, "2026-11-25 23:59:59", "2026-11-25 00:00:00", "2026-11-26 00:00:00",
	    "and ends with its last" },
	{ "UTC", PER_WEEK, "2026-11-29 12:00:00", "2026-11-23 00:00:00", "2026-11-30 00:00:00",
	    "a week begins on Monday, and Sunday is its last day" },
	{ "UTC", PER_WEEK, "1969-12-31 12:00:00", "1969-12-29 00:00:00", "1970-01-05 00:00:00",
	    "before 1970 too" },
	{ "UTC", PER_MONTH, "2024-02-29 12:00:00", "2024-02-01 00:00:00", "2024-03-01 00:00:00",
	    "February of a leap year" },
	{ "UTC", PER_MONTH, "2026-12-31 23:59:59", "2026-12-01 00:00:00", "2027-01-01 00:00:00",
	    "December ends with the year" },
	{ "Europe/Berlin", PER_MONTH, "2026-06-15 00:00:00", "2026-05-31 22:00:00",
	    "2026-06-30 22:00:00", "a month of Berlin in summer" },
	{ "Europe/Berlin", PER_MONTH, "2026-03-15 00:00:00", "2026-02-28 23:00:00",
	    "2026-03-31 22:00:00", "March of Berlin begins in winter and ends in summer" },
	{ "Europe/Berlin", PER_DAY, "2026-03-29 12:00:00", "2026-03-28 23:00:00",
	    "2026-03-29 22:00:00", "the day on which clocks go forward has 23 hours" },
	{ "Europe/Berlin", PER_DAY, "2026-10-25 12:00:00", "2026-10-24 22:00:00",
	    "2026-10-25 23:00:00", "the day on which they are put back has 25" },
	{ "Europe/Berlin", PER_HOUR, "2026-10-25 00:30:00", "2026-10-25 00:00:00",
	    "2026-10-25 02:00:00", "an hour that clocks show twice is one period" },
	{ "Europe/Berlin", PER_HOUR, "2026-10-25 01:30:00", "2026-10-25 00:00:00",
	    "2026-10-25 02:00:00", "the second time as well" },
	{ "Europe/Berlin", PER_HOUR, "2026-03-29 00:30:00", "2026-03-29 00:00:00",
	    "2026-03-29 01:00:00", "the hour before clocks go forward is an hour" },
	{ "Europe/Berlin", PER_HOUR, "2026-03-29 01:30:00", "2026-03-29 01:00:00",
	    "2026-03-29 02:00:00", "the one behind it too" },
	{ "America/New_York", PER_DAY, "2035-03-11 12:00:00", "2035-03-11 05:00:00",
	    "2035-03-12 04:00:00", "years to come follow the rule" },
	{ "America/Sao_Paulo", PER_DAY, "2018-11-04 12:00:00", "2018-11-04 03:00:00",
	    "2018-11-05 02:00:00", "a day without a midnight begins with the change" },
	{ "America/Sao_Paulo", PER_DAY, "2019-02-17 02:30:00", "2019-02-16 02:00:00",
	    "2019-02-17 03:00:00", "an hour before midnight that comes twice is of the same day" },
	{ "Pacific/Apia", PER_DAY, "2011-12-30 09:59:59", "2011-12-29 10:00:00",
	    "2011-12-30 10:00:00", "the day before the one that Samoa left out" },
	{ "Pacific/Apia", PER_DAY, "2011-12-30 10:00:00", "2011-12-30 10:00:00",
	    "2011-12-31 10:00:00", "and the one behind it" },
	{ "Australia/Lord_Howe", PER_HOUR, "2026-04-04 15:10:00", "2026-04-04 14:00:00",
	    "2026-04-04 15:30:00", "clocks that are put back by half an hour make one of 90 minutes" },
	{ "Asia/Kathmandu", PER_HOUR, "2026-01-01 00:00:00", "2025-12-31 23:15:00",
	    "2026-01-01 00:15:00", "hours of a place that is off by a quarter" },
};

static void
try_cases(void)
{
	static char room[ROOM];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool utc = strcmp(cases[i].zone, "UTC") == 0;
		struct time_zone z;
		struct period p;

		check_or_stop(utc || load(cases[i].zone, room, &z), "%s is read", cases[i].zone);
		p = period_at(cases[i].per, utc ? NULL : &z, moment(cases[i].at));
		check_int(p.began, moment(cases[i].began), "%s: it begins", cases[i].why);
		check_int(p.ends, moment(cases[i].ends), "%s: it ends", cases[i].why);
	}
}

static const struct {
	const char	*rule;
	int64_t		 at;
	int64_t		 offset;
	const char	*why;
} rules[] = {
	{ "UTC0", 0, 0, "no summer" },
	{ "<+0330>-3:30", 0, 12600, "a name in angle brackets" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1785542400, 7200, "August in Berlin" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1767225600, 3600, "January in Berlin" },
	{ "NZST-12NZDT,M9.5.0,M4.1.0/3", 1767225600, 46800, "summer in January" },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", 1767225600, 0, "Dublin's winter is the other time" },
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1785542400, -3600, "a change on the evening before" },
	{ "EST3EDT4,0/0,J365/23", 1767225600, -14400, "the other time all year (RFC 8536, 3.3.1)" },
	{ "EST3EDT4,0/0,J365/23", 1785542400, -14400, "in August too" },
	{ "AAA0BBB,J60,J300", 1709258400, 3600, "J60 is March 1, of a leap year too" },
	{ "AAA0BBB,59,300", 1709172000, 3600, "59 is February 29 of a leap year" },
};

static const struct {
	const char	*rule;
	const char	*why;
} bad_rules[] = {
	{ "", "nothing" }, { "U", "a name that is too short" }, { "UTC", "a name alone" },
	{ "CET-1CEST", "no days of change" }, { "CET-1CEST,M3.5.0", "one of them" },
	{ "CET-1CEST,M13.5.0,M10.5.0", "a thirteenth month" },
	{ "CET-1CEST,M3.6.0,M10.5.0", "a sixth week" },
	{ "CET-1CEST,M3.5.7,M10.5.0", "an eighth day" },
	{ "CET-1CEST,J0,J300", "a zeroth day" }, { "CET-1CEST,M3.5.0,M10.5.0/168", "168 hours" },
	{ "CET-25", "25 hours" }, { "CET-1:60", "60 minutes" },
	{ "CET-1CEST,M3.5.0,M10.5.0 ", "something behind the end" },
	{ "<+03-3", "a bracket that stays open" }, { "CET-0001", "four digits" },
};

static void
try_rules(void)
{
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		struct time_zone z = { 0 };

		check(time_zone_read_rule(slice_of(rules[i].rule, strlen(rules[i].rule)), &z.rule),
		    "%s: it is read", rules[i].why);
		check_int(time_zone_span(&z, rules[i].at).offset, rules[i].offset, "%s",
		    rules[i].why);
	}
	for (size_t i = 0; i < COUNT_OF(bad_rules); i++) {
		struct time_rule rule;

		check(!time_zone_read_rule(slice_of(bad_rules[i].rule, strlen(bad_rules[i].rule)),
		    &rule), "%s is no rule", bad_rules[i].why);
	}
}

/* Cut anywhere it is refused; whole it has a name for why not. */
static void
try_damage(void)
{
	static char room[ROOM], other[ROOM];
	struct time_zone z;
	const char *why;
	size_t bytes, taken = 0;
	FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "r");

	check_or_stop(file != NULL, "there is a Berlin");
	bytes = fread(room, 1, sizeof room, file);
	fclose(file);
	for (size_t n = 0; n < bytes; n++)
		taken += time_zone_read(&z, slice_of(room, n), &why);
	check_int((int64_t)taken, 0, "a file that is cut is refused, wherever it is");
	memcpy(other, room, bytes);
	other[4] = '\0';
	check(!time_zone_read(&z, slice_of(other, bytes), &why), "version 1 is refused");
	check(!time_zone_read(&z, S("zone1970.tab"), &why), "other files are");
	check(time_zone_read(&z, slice_of(room, bytes), &why), "the whole file is taken");
}

int
main(void)
{
	struct period p = period_at(PER_TOTAL, NULL, 1767225600);
	enum per per;

	check(p.began == 0 && p.ends == INT64_MAX, "a total has no end");
	check(period_read(S("month"), &per) && per == PER_MONTH, "periods have names");
	check(!period_read(S("year"), &per), "a year is none");
	try_cases();
	try_rules();
	try_damage();
	return check_done();
}
