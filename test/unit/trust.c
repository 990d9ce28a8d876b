/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/trust.h"

#include "check.h"
#include "core/limit.h"

#define ED								\
	"\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define ONE	"{\"keys\":[{\"kid\":\"a\"," ED "}]}"
#define TWO	"{\"keys\":[{\"kid\":\"b\"," ED "}]}"
#define AT(s)	((nanos)(s) * NANOS_PER_S)

static const struct issuer issuer = { .keys_id = 7, .refresh_s = 600, .keep_s = 3600 };

/* A fetch that brought this text; an empty one failed. */
static struct fetched
brought(struct slice text, uint32_t fresh_s)
{
	struct fetched f = { .fresh_s = fresh_s };
	const char *why;

	text_init(&f.why, f.room, sizeof f.room);
	if (text.len > 0)
		check_or_stop(jwks_read(text, &f.set, &why) == ERR_OK, "a set of keys");
	return f;
}

static bool
end(struct trust *t, struct slice text, uint32_t fresh_s, nanos now)
{
	struct fetched f = brought(text, fresh_s);

	return trust_end(t, &issuer, &f, now);
}

static uint64_t
edition(struct trust *t, nanos now)
{
	uint64_t of_keys = 0, alone = trust_edition(t, &issuer, now);
	struct jwks *keys = trust_keys(t, &issuer, now, &of_keys);

	check_int((int64_t)alone, (int64_t)of_keys, "at %lld s both say the same edition",
	    (long long)(now / NANOS_PER_S));
	jwks_unref(keys);
	return alone;
}

static void
check_life(void)
{
	struct trust *t = trust_new();
	uint64_t first;

	check_int((int64_t)edition(t, AT(10)), 0, "at first there are no keys");
	check(trust_begin(t, &issuer, AT(10)), "so they are fetched");
	check(!trust_begin(t, &issuer, AT(10)), "by one at a time");
	check(end(t, S(""), UINT32_MAX, AT(11)), "that it fails is news");
	check_int((int64_t)edition(t, AT(11)), 0, "and there are still none");
	check(!trust_begin(t, &issuer, AT(11)), "it is not tried again at once");
	check(trust_begin(t, &issuer, AT(13)), "but soon, while there are none");
	check(!end(t, S(""), UINT32_MAX, AT(13)), "that it still fails is none");
	check(trust_begin(t, &issuer, AT(20)), "it is tried on");
	check(end(t, S(ONE), UINT32_MAX, AT(20)), "keys are news");
	first = edition(t, AT(21));
	check(first != 0, "now there are some");
	check(!trust_begin(t, &issuer, AT(20 + 599)), "which stay fresh for refresh_s");
	check(trust_begin(t, &issuer, AT(20 + 600)), "and are fetched then");
	check(!end(t, S(ONE), UINT32_MAX, AT(620)), "the same ones are no news");
	check_int((int64_t)edition(t, AT(620)), (int64_t)first, "and no other edition");
	check(trust_begin(t, &issuer, AT(1220)), "and so on");
	check(end(t, S(TWO), UINT32_MAX, AT(1220)), "other keys are news");
	check(edition(t, AT(1220)) > first, "and another edition");
	trust_free(t);
}

static void
check_outage(void)
{
	struct trust *t = trust_new();
	uint64_t first;

	check(trust_begin(t, &issuer, AT(1)) && end(t, S(ONE), UINT32_MAX, AT(1)), "keys");
	first = edition(t, AT(1));
	for (int s = 601; s < 3600; s += 30) {
		check_or_stop(trust_begin(t, &issuer, AT(s)), "at %d s it is tried", s);
		(void)end(t, S(""), UINT32_MAX, AT(s));
	}
	check_int((int64_t)edition(t, AT(3600)), (int64_t)first, "keys outlive an outage");
	check_int((int64_t)edition(t, AT(3601)), 0, "but not beyond keep_s");
	check(trust_begin(t, &issuer, AT(3700)) && end(t, S(ONE), UINT32_MAX, AT(3700)),
	    "when it is over, that is news");
	check_int((int64_t)edition(t, AT(3700)), (int64_t)first, "and the same keys are the same");
	trust_free(t);
}

static void
check_ages(void)
{
	static const struct { const char *why; uint32_t said; int fresh; } cases[] = {
		{ "nothing is said: refresh_s", UINT32_MAX, 600 },
		{ "more than refresh_s", 86400, 600 },
		{ "less than refresh_s", 120, 120 },
		{ "less than is sensible", 1, JWKS_FRESH_S_MIN },
		{ "no-store", 0, JWKS_FRESH_S_MIN },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct trust *t = trust_new();

		check(trust_begin(t, &issuer, AT(1)) && end(t, S(ONE), cases[i].said, AT(1)),
		    "%s: keys", cases[i].why);
		check(!trust_begin(t, &issuer, AT(cases[i].fresh)), "%s: they are fresh",
		    cases[i].why);
		check(trust_begin(t, &issuer, AT(1 + cases[i].fresh)), "%s: they were",
		    cases[i].why);
		(void)end(t, S(""), 0, AT(2000));
		trust_free(t);
	}
}

static void
check_max_age(void)
{
	static const struct { struct slice field; uint32_t want; } cases[] = {
		{ S("max-age=300"), 300 }, { S("public, max-age=19845, must-revalidate"), 19845 },
		{ S("Max-Age=7"), 7 }, { S("no-store"), 0 }, { S("private,no-cache"), 0 },
		{ S(""), UINT32_MAX }, { S("public"), UINT32_MAX }, { S("max-age="), UINT32_MAX },
		{ S("max-age=x"), UINT32_MAX }, { S("max-age=-1"), UINT32_MAX },
		{ S("s-maxage=5"), UINT32_MAX }, { S("max-age=99999999999"), UINT32_MAX - 1 },
		{ S(",,,"), UINT32_MAX },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_int(fetch_max_age(cases[i].field), cases[i].want, "Cache-Control: %.*s",
		    (int)cases[i].field.len, cases[i].field.ptr);
}

/* More sources than there is room for: the oldest goes, and those of now stay. */
static void
check_bound(void)
{
	struct trust *t = trust_new();
	struct fetched f;

	for (uint32_t i = 1; i <= 4 * ISSUER_MAX; i++) {
		struct issuer other = issuer;

		other.keys_id = i;
		f = brought(S(ONE), UINT32_MAX);
		check_or_stop(trust_begin(t, &other, AT(1)), "source %u is fetched", i);
		(void)trust_end(t, &other, &f, AT(1));
	}
	for (uint32_t i = 1; i <= 4 * ISSUER_MAX; i += 4 * ISSUER_MAX - 1) {
		struct issuer other = issuer;

		other.keys_id = i;
		check_int(trust_edition(t, &other, AT(1)) != 0, i > 1, "source %u is there", i);
	}
	trust_free(t);
}

static void
check_metrics(void)
{
	struct trust *t = trust_new();
	char room[TRUST_METRICS_BYTES];
	struct text text;

	for (unsigned i = 1; i < FLAW_COUNT; i++)
		trust_count_refused(t, (enum flaw)i);
	trust_count_refused(t, FLAW_expired);
	text_init(&text, room, sizeof room);
	trust_put_metrics(t, &text);
	check(!text_overflowed(&text), "all metrics have room");
	check(slice_find(text_slice(&text),
	    S("trivium_tokens_refused_total{reason=\"expired\"} 2\n")) < text.len,
	    "refusals are counted by reason");
	check(slice_find(text_slice(&text), S("trivium_tokens_verified_total 0\n")) < text.len,
	    "and those that were good");
	trust_free(t);
}

int
main(void)
{
	check_life();
	check_outage();
	check_ages();
	check_max_age();
	check_bound();
	check_metrics();
	return check_done();
}
