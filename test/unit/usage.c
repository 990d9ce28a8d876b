/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/usage.h"

#include "check.h"
#include "ledger/sums.h"

#define NOW	INT64_C(1798761600)	/* 2027-01-01 */

static const struct {
	const char	*why;
	const char	*question;
	const char	*complaint;	/* what it has in it; NULL: it can be asked */
} questions[] = {
	{ "all of it", "", NULL },
	{ "a year by tenant and model", "from=2026-01-01&to=2027-01-01&by=tenant,model", NULL },
	{ "of one tenant, escaped", "tenant=a%2Fb", NULL },
	{ "a word that is none", "by=tenant,colour", "`colour`" },
	{ "a name that is none", "colour=red", "`colour`" },
	{ "a time that is none", "from=yesterday", "`yesterday`" },
	{ "a day that is none", "to=2026-02-30", "`2026-02-30`" },
	{ "backwards", "from=2027-01-01&to=2026-01-01", "after" },
	{ "hours and days", "by=hour,day", "not both" },
	{ "days and months", "by=month,day", "not both" },
	{ "months of years", "by=month,tenant&from=2020-01-01", NULL },
	{ "hours of a month", "by=hour&from=2026-01-01&to=2026-02-01", NULL },
	{ "hours of no said time", "by=hour", NULL },
	{ "hours of a year", "by=hour&from=2026-01-01", "31 days" },
	{ "a broken escape", "tenant=%4", "escape" },
	{ "a control character", "tenant=%00", "escape" },
};

static const struct {
	const char	*why;
	int64_t		 bucket[4];	/* within 1, 2, 5 and 10 ms */
	int64_t		 p50, p95;
} quantiles[] = {
	{ "nothing", { 0, 0, 0, 0 }, 0, 0 },
	{ "one", { 0, 0, 0, 1 }, 10, 10 },
	{ "half and half", { 50, 0, 0, 50 }, 1, 9 },
	{ "nearly all of them quick", { 99, 0, 0, 1 }, 0, 0 },
	{ "evenly", { 0, 0, 100, 0 }, 3, 4 },
};

#define TIME	"\"time\":\"2026-07-14T10:59:59.999Z\""
#define HEAD	"{" TIME ",\"id\":\"01\",\"caller\":\"k\",\"tenant\":\"t\","

static const struct {
	const char	*why;
	const char	*line;
	int64_t		 requests, errors, refused, spend, unpriced;
} lines[] = {
	{ "an answer", HEAD "\"model\":\"m\",\"status\":200,\"err\":\"ok\",\"attempts\":[{}],"
	    "\"cost_usd\":\"0.000000007\",\"input_tokens\":3}", 1, 0, 0, 7, 0 },
	{ "without a price",
	    HEAD "\"status\":200,\"err\":\"ok\",\"attempts\":[{}],\"cost_usd\":null}",
	    1, 0, 0, 0, 1 },
	{ "refused", HEAD "\"status\":403,\"err\":\"policy_refused\",\"attempts\":[]}",
	    1, 0, 1, 0, 0 },
	{ "failed", HEAD "\"status\":502,\"err\":\"upstream_failed\",\"attempts\":[{},{}]}",
	    1, 1, 0, 0, 1 },
	{ "crashed", HEAD "\"entry\":\"recovered\",\"err\":\"crashed\",\"cost_usd\":\"0.5\"}",
	    1, 1, 0, 500000000, 0 },
	{ "a change of a key", "{\"entry\":\"change\"," TIME "}", 0, 0, 0, 0, 0 },
	{ "no time", "{\"id\":\"01\",\"tenant\":\"t\",\"err\":\"ok\"}", 0, 0, 0, 0, 0 },
	{ "a time that is none",
	    "{\"time\":\"soon\",\"id\":\"01\",\"tenant\":\"t\",\"err\":\"ok\"}", 0, 0, 0, 0, 0 },
	{ "a list", "[]", 0, 0, 0, 0, 0 },
	{ "no JSON", "hello", 0, 0, 0, 0, 0 },
	{ "nothing", "", 0, 0, 0, 0, 0 },
};

static struct slice
text(const char *s)
{
	return slice_of(s, strlen(s));
}

static bool
has(const struct text *answer, struct slice what)
{
	return slice_find(text_slice(answer), what) < answer->len;
}

static struct store *
open_memory(void)
{
	struct store *s = NULL;
	char room[256];
	struct text why;

	text_init(&why, room, sizeof room);
	check_or_stop(store_open(&s, NULL, STORE_WRITE, &why) == ERR_OK, "a store opens");
	return s;
}

static void
ask(struct store *s, const char *question, struct text *answer)
{
	struct usage_question q;

	answer->len = 0;
	check_or_stop(usage_read(&q, text(question), NOW, answer), "it can be asked: %s", question);
	answer->len = 0;
	check(usage_answer(s, &q, answer) == ERR_OK && !text_overflowed(answer), "and answered");
}

/* A line becomes one row of its hour, day and month. */
static void
test_lines(void)
{
	struct rollup_query all = { .to = NOW };
	struct sums sums = { .count = 0 };

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct store *s = open_memory();
		struct rollup r = { .at = 0 };
		bool found = false;

		check(sums_line(&sums, text(lines[i].line)) == ERR_OK &&
		    sums_put(&sums, s) == ERR_OK, "a line: %s", lines[i].why);
		check(rollup_seek(s, &all) == ERR_OK && rollup_next(s, &r, &found) == ERR_OK,
		    "  is found: %s", lines[i].why);
		check_int(found ? r.figure[FIGURE_requests] : 0, lines[i].requests, "  requests");
		check_int(r.figure[FIGURE_errors], lines[i].errors, "  errors");
		check_int(r.figure[FIGURE_refused], lines[i].refused, "  refused");
		check_int(r.figure[FIGURE_spend], lines[i].spend, "  spent");
		check_int(r.figure[FIGURE_unpriced], lines[i].unpriced, "  without a price");
		rollup_end(s);
		store_close(s);
	}
	sums_release(&sums);
}

static void
test_answer(void)
{
	struct store *s = open_memory();
	struct sums sums = { .count = 0 };
	static char room[65536];
	struct text answer;

	text_init(&answer, room, sizeof room);
	ask(s, "from=2020-01-01&to=2021-01-01&by=tenant", &answer);
	check(has(&answer, S("\"rows\":[\n]")),
	    "a year of which nothing is known has no rows");
	for (int i = 0; i < 1000; i++)
		check_or_stop(sums_line(&sums, text(lines[i % 2].line)) == ERR_OK, "a line");
	check_int((int64_t)sums.count, 2, "a thousand requests of two models are two rows");
	check(sums_put(&sums, s) == ERR_OK, "which are put");
	ask(s, "by=tenant&tenant=t", &answer);
	check(has(&answer, S("{\"tenant\":\"t\",\"requests\":1000,")) &&
	    has(&answer, S("\"cost_usd\":\"0.0000035\"")), "and found again");
	ask(s, "by=hour&from=2026-07-01&to=2026-08-01", &answer);
	check(has(&answer, S("\"hour\":\"2026-07-14T10:00:00.000Z\"")), "in their hour");
	sums_release(&sums);
	store_close(s);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		struct usage_question q;
		char room[512];
		struct text why;
		bool good;

		text_init(&why, room, sizeof room);
		good = usage_read(&q, text(questions[i].question), NOW, &why);
		check(good == (questions[i].complaint == NULL), "question: %s", questions[i].why);
		if (!good && questions[i].complaint != NULL)
			check(slice_find(text_slice(&why), text(questions[i].complaint)) < why.len,
			    "  is told: %s", questions[i].why);
	}
	for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
		struct rollup r = { .at = 0 };

		for (int b = 0; b < 4; b++) {
			r.figure[FIGURE_under_1 + b] = quantiles[i].bucket[b];
			r.figure[FIGURE_requests] += quantiles[i].bucket[b];
		}
		check_int(usage_quantile(&r, 500), quantiles[i].p50, "p50: %s", quantiles[i].why);
		check_int(usage_quantile(&r, 950), quantiles[i].p95, "p95: %s", quantiles[i].why);
	}
	test_lines();
	test_answer();
	return check_done();
}
