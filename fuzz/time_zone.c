/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time_zone - any bytes as a file of zoneinfo, and as the rule of its footer.
 *
 * What is accepted must have an offset at every moment, spans that go forward, and
 * periods that hold the moment that was asked for and meet the next one.
 */
#include "budget/period.h"

#include "fuzz.h"

#define FROM	INT64_C(-4000000000)
#define TO	INT64_C(8000000000)

static void
check_moment(const struct time_zone *z, int64_t at)
{
	struct time_span span = time_zone_span(z, at);

	FUZZ_CHECK(span.until > at);
	FUZZ_CHECK(span.offset >= -26 * 3600 && span.offset <= 26 * 3600);
	for (enum per per = PER_HOUR; per < PER_COUNT; per++) {
		struct period p = period_at(per, z, at);

		FUZZ_CHECK(p.began <= at && at < p.ends);
		FUZZ_CHECK(period_at(per, z, p.ends - 1).began == p.began);
		FUZZ_CHECK(period_at(per, z, p.ends).began == p.ends);
	}
}

static void
check_zone(const struct time_zone *z)
{
	int64_t at = FROM;

	for (unsigned i = 0; i < 64 && at < TO; i++) {
		check_moment(z, at);
		check_moment(z, at + 86399);
		at = time_zone_span(z, at).until;
	}
	check_moment(z, TO);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = fuzz_exact(slice_of((const char *)data, size));
	struct time_zone z = { 0 };
	const char *why = NULL;

	if (time_zone_read(&z, all, &why))
		check_zone(&z);
	else
		FUZZ_CHECK(why != NULL);
	z = (struct time_zone){ 0 };
	if (time_zone_read_rule(all, &z.rule)) {
		z.offset = (const unsigned char *)"\0\0\0\0\0";
		check_zone(&z);
	}
	free((char *)(uintptr_t)all.ptr);
	return 0;
}
