/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/usage.h"

#include "core/date.h"
#include "wire/url.h"

static const struct slice names[ROLLUP_NAMES] = {
	{ "tenant", 6 }, { "key", 3 }, { "workload", 8 }, { "model", 5 }, { "zone", 4 },
	{ "label", 5 },
};

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

/* ---- the question ---- */

#define UNSAID		INT64_MIN

/* Seconds of which hours are told apart; a year of them reads millions of rows. */
#define HOURS_MAX	(31 * INT64_C(86400))

struct reading {
	struct usage_question	*question;
	struct slice		 room;		/* what is left of it */
	struct text		*why;
};

static bool
fail(struct reading *r, const char *before, struct slice word, const char *behind)
{
	text_put(r->why, text_of(before));
	text_put(r->why, S("`"));
	text_put(r->why, slice_cut(word, 0, word.len < 64 ? word.len : 64));
	text_put(r->why, S("`"));
	text_put(r->why, text_of(behind));
	return false;
}

static struct slice
take(struct slice *rest, struct slice mark)
{
	size_t end = slice_find(*rest, mark);
	struct slice out = slice_cut(*rest, 0, end);

	*rest = slice_cut(*rest, end + (end < rest->len), rest->len);
	return out;
}

/* With its %XX decoded, in the question's room. */
static bool
decode(struct reading *r, struct slice in, struct slice *out)
{
	char *room = (char *)(uintptr_t)r->room.ptr;
	size_t len = in.len > r->room.len ? SIZE_MAX : url_decode(in, room);

	if (len == SIZE_MAX)
		return fail(r, "", in, " has an escape that is none, or is too long");
	*out = slice_cut(r->room, 0, len);
	r->room = slice_cut(r->room, len, r->room.len);
	return true;
}

static bool
read_by(struct reading *r, struct slice words)
{
	struct rollup_query *query = &r->question->query;

	while (words.len > 0) {
		struct slice word = take(&words, S(","));
		int i = 0;

		while (i < ROLLUP_NAMES && !slice_eq(names[i], word))
			i++;
		if (i < ROLLUP_NAMES)
			query->by[i] = true;
		else if (slice_eq(word, S("hour")))
			query->by_hour = true;
		else if (slice_eq(word, S("day")))
			query->by_day = true;
		else if (slice_eq(word, S("month")))
			query->by_month = true;
		else
			return fail(r, "`by` cannot be ", word, "; it takes tenant, key, workload, "
			    "model, zone, label, hour, day, month");
	}
	if (query->by_hour + query->by_day + query->by_month > 1)
		return fail(r, "`by` takes `hour`, `day` or ", S("month"), ", not both");
	return true;
}

static bool
read_pair(struct reading *r, struct slice name, struct slice value)
{
	struct rollup_query *query = &r->question->query;

	if (slice_eq(name, S("by")))
		return read_by(r, value);
	if (slice_eq(name, S("from")) || slice_eq(name, S("to")))
		return date_read(value, slice_eq(name, S("to")) ? &query->to : &query->from) ||
		    fail(r, "a time is YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, in UTC, not ", value, "");
	for (int i = 0; i < ROLLUP_NAMES; i++) {
		if (!slice_eq(name, names[i]))
			continue;
		query->only[i] = value;
		return true;
	}
	return fail(r, "there is no ", name, "; a question has from, to, by, and tenant, key, "
	    "workload, model, zone, label");
}

bool
usage_read(struct usage_question *q, struct slice question, int64_t now, struct text *why)
{
	struct reading r = { q, slice_of(q->room, sizeof q->room), why };

	q->query = (struct rollup_query){ .from = UNSAID, .to = now };
	while (question.len > 0) {
		struct slice pair = take(&question, S("&")), name = take(&pair, S("="));
		struct slice value = slice_of(NULL, 0);

		if (!decode(&r, pair, &value) || !read_pair(&r, name, value))
			return false;
	}
	if (q->query.from == UNSAID)
		q->query.from = q->query.by_hour && q->query.to > HOURS_MAX
		    ? q->query.to - HOURS_MAX : 0;
	if (q->query.from > q->query.to) {
		text_put(why, S("`from` is after `to`"));
		return false;
	}
	if (q->query.by_hour && q->query.to - q->query.from > HOURS_MAX) {
		text_put(why, S("`by=hour` is for 31 days at most; ask by day, or for less time"));
		return false;
	}
	return true;
}

/* ---- the answer ---- */

/* Bounds of buckets, as their names say; the last ends at twice the one before. */
static const int64_t bound[] = { 0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000,
	30000, 60000, 120000 };

#define BUCKETS	(ROLLUP_FIGURES - FIGURE_under_1)

_Static_assert(sizeof bound / sizeof bound[0] == BUCKETS + 1, "a bound for each bucket");

/* Within a bucket requests are taken to lie evenly. */
int64_t
usage_quantile(const struct rollup *r, int per_mille)
{
	int64_t all = r->figure[FIGURE_requests], rank, seen = 0;

	rank = all / 1000 * per_mille + (all % 1000 * per_mille + 999) / 1000;
	for (int i = 0; i < BUCKETS; i++) {
		int64_t here = r->figure[FIGURE_under_1 + i];

		if (here > 0 && seen + here >= rank)
			return bound[i] + (bound[i + 1] - bound[i]) *
			    (here < INT32_MAX ? rank - seen : 1) / (here < INT32_MAX ? here : 1);
		seen += here;
	}
	return 0;
}

static void
put_number(struct text *t, struct slice key, int64_t n)
{
	text_put(t, key);
	text_put_signed(t, n);
}

static void
put_group(struct text *t, const struct rollup_query *query, const struct rollup *r)
{
	bool any = query->by_hour || query->by_day || query->by_month;

	text_put_char(t, '{');
	if (any) {
		text_put(t, query->by_hour ? S("\"hour\":\"") : query->by_day
		    ? S("\"day\":\"") : S("\"month\":\""));
		text_put_time(t, r->at * INT64_C(1000000000));
		text_put_char(t, '"');
	}
	for (int i = 0; i < ROLLUP_NAMES; i++) {
		if (!query->by[i])
			continue;
		text_put(t, any ? S(",") : S(""));
		text_put_json(t, names[i]);
		text_put_char(t, ':');
		text_put_json(t, r->name[i]);
		any = true;
	}
	text_put(t, any ? S(",") : S(""));
}

static void
put_figures(struct text *t, const struct rollup *r)
{
	const int64_t *f = r->figure;

	put_number(t, S("\"requests\":"), f[FIGURE_requests]);
	put_number(t, S(",\"errors\":"), f[FIGURE_errors]);
	put_number(t, S(",\"refused\":"), f[FIGURE_refused]);
	put_number(t, S(",\"fallbacks\":"), f[FIGURE_fallbacks]);
	put_number(t, S(",\"masked\":"), f[FIGURE_masked]);
	put_number(t, S(",\"estimated\":"), f[FIGURE_estimated]);
	put_number(t, S(",\"unpriced\":"), f[FIGURE_unpriced]);
	text_put(t, S(",\"cost_usd\":\""));
	text_put_usd(t, f[FIGURE_spend]);
	put_number(t, S("\",\"input_tokens\":"), f[FIGURE_input]);
	put_number(t, S(",\"output_tokens\":"), f[FIGURE_output]);
	put_number(t, S(",\"cached_tokens\":"), f[FIGURE_cached]);
	put_number(t, S(",\"mean_ms\":"), f[FIGURE_requests] == 0 ? 0 :
	    f[FIGURE_duration_us] / f[FIGURE_requests] / 1000);
	put_number(t, S(",\"p50_ms\":"), usage_quantile(r, 500));
	put_number(t, S(",\"p95_ms\":"), usage_quantile(r, 950));
	text_put_char(t, '}');
}

enum err
usage_answer(struct store *s, const struct usage_question *q, struct text *t)
{
	enum err e = rollup_seek(s, &q->query);
	struct rollup row;
	bool found = true, any = false;

	text_put(t, S("{\"from\":\""));
	text_put_time(t, rollup_begin(ROLLUP_HOUR, q->query.from) * INT64_C(1000000000));
	text_put(t, S("\",\"to\":\""));
	text_put_time(t, q->query.to * INT64_C(1000000000));
	text_put(t, S("\",\"rows\":["));
	while (e == ERR_OK && found && !text_overflowed(t)) {
		if ((e = rollup_next(s, &row, &found)) != ERR_OK || !found)
			break;
		text_put(t, any ? S(",\n") : S("\n"));
		put_group(t, &q->query, &row);
		put_figures(t, &row);
		any = true;
	}
	rollup_end(s);
	text_put(t, S("\n]}\n"));
	return e;
}
