/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/period.h"

#include <time.h>

#include "check.h"
#include "random.h"

/*
 * The laws of time zones and periods, over random moments of 1900 to 2100 in
 * places with every sort of change.  The offset is what the C library says.  Each
 * moment is in its period, the period's first and last second are in it, and the
 * next one begins where it ends.
 */

#define ROOM	(64 * 1024)
#define MOMENTS	4000
#define FROM	INT64_C(-2208988800)
#define TO	INT64_C(4102444800)

static const char *const places[] = {
	"Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
	"Pacific/Apia", "Africa/Casablanca", "Europe/Dublin", "America/Nuuk", "Asia/Tehran",
	"Asia/Kathmandu", "Antarctica/Troll", "America/Havana", "Asia/Beirut", "Pacific/Auckland",
	"America/St_Johns", "Asia/Gaza", "Europe/London", "Asia/Tokyo", "Africa/Monrovia",
	"America/Anchorage", "Etc/GMT+12", "Pacific/Kiritimati",
};

struct broken {
	unsigned	offset, holds, first, last, next, shows;
};

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

static void
try_moment(struct broken *b, const struct time_zone *z, int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	localtime_r(&t, &tm);
	b->offset += tm.tm_gmtoff != time_zone_span(z, at).offset;
	b->offset += time_zone_span(z, at).until <= at;
	for (enum per per = PER_HOUR; per < PER_COUNT; per++) {
		struct period p = period_at(per, z, at), next = period_at(per, z, p.ends);
		struct period first = period_at(per, z, p.began);
		struct period last = period_at(per, z, p.ends - 1);

		b->holds += !(p.began <= at && at < p.ends);
		b->first += first.began != p.began || first.ends != p.ends;
		b->last += last.began != p.began || last.ends != p.ends;
		b->next += next.began != p.ends;
		/* A day begins at midnight, or where clocks jumped over it. */
		t = (time_t)p.began;
		localtime_r(&t, &tm);
		if (per != PER_HOUR && (tm.tm_hour != 0 || tm.tm_min != 0 || tm.tm_sec != 0))
			b->shows += time_zone_span(z, p.began - 1).until != p.began;
	}
}

int
main(void)
{
	static char room[ROOM];
	struct random random = { 7 };

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct broken b = { 0 };
		struct time_zone z;

		check_or_stop(load(places[i], room, &z), "%s is read", places[i]);
		setenv("TZ", places[i], 1);
		tzset();
		for (unsigned n = 0; n < MOMENTS; n++)
			try_moment(&b, &z, FROM + (int64_t)(random_next(&random) %
			    (uint64_t)(TO - FROM)));
		/* And around every change. */
		for (int64_t at = FROM; at < TO; at = time_zone_span(&z, at).until)
			for (int64_t off = -3601; off <= 3601; off += 1800)
				try_moment(&b, &z, at + off);
		check_int(b.offset, 0, "%s: the offset is the C library's", places[i]);
		check_int(b.holds, 0, "%s: a moment is in its period", places[i]);
		check_int(b.first + b.last, 0, "%s: so are the first and the last", places[i]);
		check_int(b.next, 0, "%s: the next begins where it ends", places[i]);
		check_int(b.shows, 0, "%s: a day begins at midnight", places[i]);
	}
	return check_done();
}
