/* SPDX-License-Identifier: Apache-2.0 */

/*
 * past - whatever was decided and written down is decided again in the same
 * way, text for text, from the record alone.
 */

#include "study/past.h"

#include "policies.h"
#include "random.h"

#define SEEDS	4000

static struct arena arena;
static struct roster roster;

static const char *const asked[] = {
	"small", "middle", "large", "best", "tiny", "auto", "workload/work",
};
static const char *const callers[] = { "all", "few", "guest" };

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

/* A request as the gate could have understood it, and models as it could have found them. */
static void
draw(struct random *r, struct ruling *ruling, struct live *health)
{
	const struct snapshot *s = roster.snapshot;
	struct facts *f = &ruling->facts;

	*ruling = (struct ruling){ .snapshot = s };
	ruling->key = roster_key(&roster, text_of(callers[random_below(r, COUNT_OF(callers))]));
	ruling->ask.model = text_of(asked[random_below(r, COUNT_OF(asked))]);
	f->bound = ruling->key->bound;
	f->workload = (uint32_t)random_below(r, s->workload_count);
	if (!policy_set_has(s->policy.bound[f->bound].workloads, f->workload))
		f->workload = snapshot_workload(s, S("work"));
	f->label = LABEL_PUBLIC;
	f->label.level = (uint32_t)random_below(r, s->level_count);
	if (random_below(r, 2) == 0)
		f->label.kinds = random_next(r) & random_next(r) & random_next(r) &
		    ((UINT64_C(1) << s->kind_count) - 1);
	f->features = random_next(r) & random_next(r) & ((UINT64_C(1) << FEATURE_COUNT) - 1);
	f->tools = random_below(r, 3) == 0;
	f->tool_unknown = random_below(r, 8) == 0;
	f->tokens = random_below(r, 3000);
	f->now = (int64_t)(1800000000 + random_below(r, 200000000));
	for (uint32_t i = 0; i < s->model_count; i++)
		health[i] = (struct live){
			.broken = random_below(r, 4) == 0,
			.full = random_below(r, 4) == 0,
			.latency = random_below(r, 2) == 0 ? 0
			    : (nanos)random_below(r, 1000000000),
		};
}

/* The line that the gate would have written, as far as it matters here. */
static struct slice
write_down(const struct ruling *ruling)
{
	struct explanation decision = ruling_explanation(ruling);
	size_t bytes = 1024 + explain_bytes(&decision);
	char *room = arena_bytes(&arena, bytes);
	struct text t;

	must(room != NULL);
	text_init(&t, room, bytes);
	text_put(&t, S("{\"id\":\"01A\",\"caller\":"));
	text_put_json(&t, ruling->key->id);
	text_put(&t, S(",\"model_asked\":"));
	text_put_json(&t, ruling->ask.model);
	text_put(&t, S(",\"decision\":"));
	explain_put(&t, &decision);
	text_put(&t, S(",\"policy\":\"0123456789abcdef\"}"));
	must(!text_overflowed(&t));
	return text_slice(&t);
}

static bool
round_trip(uint64_t seed)
{
	struct random r = { seed };
	struct live health[8];
	struct ruling then, again;
	struct inquiry q;
	struct slice line;
	struct past past;
	char room[4096];
	struct text why;

	arena_reset(&arena);
	must(roster_build(&roster, &arena, roster.snapshot) == ERR_OK);
	draw(&r, &then, health);
	q = ruling_inquiry(&then, &arena);
	ruling_decide(&then, &q, health, ERR_OK);
	if (!then.decided)
		return true;
	line = write_down(&then);
	text_init(&why, room, sizeof room);
	if (past_read(&past, &arena, line, &why) != PAST_RECORD || past.decision == 0 ||
	    past_rule(&past, &roster, &arena, &again, &why) != ERR_OK ||
	    past_compare(&past, &again, &arena, &why) != ERR_OK || why.len > 0) {
		check_show("line", line);
		check_show("why", text_slice(&why));
		return false;
	}
	return again.err == then.err && again.refused_by == then.refused_by;
}

static const struct {
	const char	*line;
	enum past_line	want;
	const char	*why;
} lines[] = {
	{ "{\"id\":\"01A\"}", PAST_RECORD, "a record without a decision" },
	{ "{\"time\":\"x\",\"event\":\"start\"}", PAST_OTHER, "another line of the log" },
	{ "[]", PAST_OTHER, "no object" },
	{ "3", PAST_OTHER, "a number" },
	{ "{\"id\":3}", PAST_OTHER, "an id that is no text" },
	{ "", PAST_WRONG, "nothing" },
	{ "{\"id\":\"01A\"", PAST_WRONG, "a line that is cut off" },
	{ "{\"id\":\"01A\",\"id\":\"01B\"}", PAST_WRONG, "two ids" },
};

/* Records that no gateway wrote must not be trusted. */
static const struct {
	const char	*decision, *want;
} broken[] = {
	{ "{}", "facts" },
	{ "3", "facts" },
	{ "{\"facts\":3}", "label" },
	{ "{\"facts\":{}}", "label" },
	{ "{\"facts\":{\"label\":{}}}", "level" },
	{ "{\"facts\":{\"label\":{\"level\":\"secret\"}}}", "`secret` is not in this policy" },
	{ "{\"facts\":{\"label\":{\"level\":\"public\",\"kinds\":3}}}", "kind" },
	{ "{\"facts\":{\"label\":{\"level\":\"public\",\"kinds\":[3]}}}", "kind" },
	{ "{\"facts\":{\"label\":{\"level\":\"public\"},\"tools\":[\"none\"]}}", "tool" },
	{ "{\"facts\":{\"label\":{\"level\":\"public\"},\"now\":1}}", "tokens" },
	{ "{\"facts\":{\"label\":{\"level\":\"public\"},\"tokens\":-1,\"now\":1}}", "tokens" },
};

static void
check_broken(void)
{
	for (size_t i = 0; i < COUNT_OF(broken); i++) {
		char line[512], room[512];
		struct ruling ruling;
		struct past past;
		struct text why;

		text_init(&why, room, sizeof room);
		snprintf(line, sizeof line, "{\"id\":\"01A\",\"caller\":\"all\",\"decision\":%s}",
		    broken[i].decision);
		check(past_read(&past, &arena, text_of(line), &why) == PAST_RECORD &&
		    past_rule(&past, &roster, &arena, &ruling, &why) == ERR_CONF &&
		    slice_find(text_slice(&why), text_of(broken[i].want)) < why.len,
		    "refused for %s: %s", broken[i].want, broken[i].decision);
	}
}

int
main(void)
{
	struct snapshot *s = policies_load(policies_text);
	uint64_t seed, past;

	arena_init(&arena, heap_memory(), 1 << 24);
	roster.snapshot = s;
	random_seeds(SEEDS, &seed, &past);
	while (seed < past && round_trip(seed))
		seed++;
	check_int((int64_t)seed, (int64_t)past, "every decision is reproduced from its record");
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		char room[512];
		struct past line;
		struct text why;

		text_init(&why, room, sizeof room);
		check_int(past_read(&line, &arena, text_of(lines[i].line), &why), lines[i].want,
		    "%s", lines[i].why);
		check((why.len > 0) == (lines[i].want == PAST_WRONG), "and it is said");
	}
	check_broken();
	arena_release(&arena);
	snapshot_unref(s);
	return check_done();
}
