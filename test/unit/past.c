/* SPDX-License-Identifier: Apache-2.0 */

/*
 * past - whatever was decided and written down is decided again in the same
 * way, text for text, from the record alone.
 */

#include "study/past.h"

#include "caller/bind.h"
#include "caller/standing.h"
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

static struct slice
pack(struct random *r, const char *const *names, size_t count)
{
	char *room = arena_bytes(&arena, 256);
	struct text t;

	must(room != NULL);
	text_init(&t, room, 256);
	for (size_t i = 0; i < count; i++)
		if (random_below(r, 3) > 0)
			grant_list_put(&t, text_of(names[i]));
	return text_slice(&t);
}

/* A stored key that nobody but the record knows of. */
static const struct key *
draw_grant(struct random *r, struct slice *said)
{
	static const char *const kinds[] = { "pii", "phi", "eu_only", "credentials" };
	static const char *const models[] = { "small", "best", "large", "gone" };
	static const char *const workloads[] = { "talk", "work", "work2" };
	static const char *const zones[] = { "laptop", "vpc", "public" };
	struct key *key = arena_zero(&arena, sizeof *key);
	struct slice gone;
	struct grant g = { 0 };

	must(key != NULL);
	if (random_below(r, 2) == 0)
		g.text[GRANT_role] = S("guest");
	if (random_below(r, 2) == 0)
		g.text[GRANT_level] = random_below(r, 2) == 0 ? S("internal") : S("regulated");
	if (random_below(r, 2) == 0)
		g.list[GRANT_kinds] = pack(r, kinds, COUNT_OF(kinds));
	if (random_below(r, 2) == 0)
		g.list[GRANT_models] = pack(r, models, COUNT_OF(models));
	if (random_below(r, 2) == 0)
		g.list[GRANT_workloads] = pack(r, workloads, COUNT_OF(workloads));
	if (random_below(r, 2) == 0)
		g.list[GRANT_zones] = pack(r, zones, COUNT_OF(zones));
	must(bind_grant(&g, roster.snapshot, &arena, key, &gone) == ERR_OK);
	*said = standing_of_grant(&arena, &g);
	return key;
}

/* A request as the gate could have understood it, and models as it could have found them. */
static void
draw(struct random *r, struct ruling *ruling, struct live *health, struct slice *said)
{
	const struct snapshot *s = roster.snapshot;
	struct facts *f = &ruling->facts;

	*ruling = (struct ruling){ .snapshot = s };
	*said = slice_of(NULL, 0);
	if (random_below(r, 2) == 0)
		ruling->key = draw_grant(r, said);
	else
		ruling->key = roster_key(&roster,
		    text_of(callers[random_below(r, COUNT_OF(callers))]));
	ruling->ask.model = text_of(asked[random_below(r, COUNT_OF(asked))]);
	f->bound = ruling->key->bound;
	f->own = ruling->key->own;
	f->workload = (uint32_t)random_below(r, s->workload_count);
	if (!policy_set_has(facts_bound(&s->policy, f)->workloads, f->workload))
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
write_down(const struct ruling *ruling, struct slice said)
{
	struct explanation decision = ruling_explanation(ruling);
	size_t bytes = 1024 + said.len + explain_bytes(&decision);
	char *room = arena_bytes(&arena, bytes);
	struct text t;

	must(room != NULL);
	text_init(&t, room, bytes);
	text_put(&t, S("{\"id\":\"01A\",\"caller\":"));
	text_put_json(&t, ruling->key->id);
	text_put(&t, said.len > 0 ? S(",") : S(""));
	text_put(&t, said);
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
	struct slice line, said;
	struct past past;
	char room[4096];
	struct text why;

	arena_reset(&arena);
	must(roster_build(&roster, &arena, roster.snapshot) == ERR_OK);
	draw(&r, &then, health, &said);
	q = ruling_inquiry(&then, &arena);
	if (!policy_set_has(facts_bound(&roster.snapshot->policy, &then.facts)->workloads,
	    then.facts.workload))
		return true;	/* a key that may choose none does not come so far */
	ruling_decide(&then, &q, health, ERR_OK);
	if (!then.decided)
		return true;
	line = write_down(&then, said);
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

/* What a record says of its caller is taken as the gate takes it, or not at all. */
static const struct {
	const char	*said;
	enum err	 want;		/* of the ruling; ERR_CONF: it is not ruled */
	const char	*text;
} told[] = {
	{ "\"grant\":{}", ERR_OK, "" },
	{ "\"grant\":3", ERR_KEY_UNKNOWN, "" },
	{ "\"grant\":{\"role\":\"guest\"}", ERR_OK, "" },
	{ "\"grant\":{\"role\":\"nobody\"}", ERR_KEY_STALE, "`nobody`" },
	{ "\"grant\":{\"level\":\"top\"}", ERR_KEY_STALE, "`top`" },
	{ "\"grant\":{\"kinds\":[\"gone\"]}", ERR_KEY_STALE, "`gone`" },
	{ "\"grant\":{\"models\":[]}", ERR_MODEL_UNKNOWN, "" },
	{ "\"grant\":{\"workloads\":[]}", ERR_POLICY_REFUSED, "" },
	{ "\"grant\":{\"models\":3}", ERR_CONF, "no gateway" },
	{ "\"grant\":{\"zones\":[\"laptop\",null]}", ERR_CONF, "no gateway" },
	{ "\"grant\":{\"zones\":[\"\"]}", ERR_CONF, "no gateway" },
	{ "\"passport\":{\"iss\":\"https://else/\"}", ERR_TOKEN_REFUSED, "issuer_unknown" },
	{ "\"passport\":{}", ERR_TOKEN_REFUSED, "issuer_unknown" },
	{ "\"passport\":{\"workloads\":{}}", ERR_CONF, "no gateway" },
};

static void
check_told(void)
{
	for (size_t i = 0; i < COUNT_OF(told); i++) {
		char line[512], room[512];
		struct ruling ruling;
		struct past past;
		struct text why;
		enum err e;

		text_init(&why, room, sizeof room);
		snprintf(line, sizeof line, "{\"id\":\"01A\",\"caller\":\"tv_1\",%s,"
		    "\"model_asked\":\"small\",\"decision\":{\"facts\":{\"label\":{\"level\":\"public\"},"
		    "\"tokens\":1,\"now\":1}}}", told[i].said);
		check(past_read(&past, &arena, text_of(line), &why) == PAST_RECORD, "is a record");
		e = past_rule(&past, &roster, &arena, &ruling, &why);
		if (e == ERR_OK) {
			e = ruling.err;
			text_put(&why, ruling.detail);
		}
		check_int(e, told[i].want, "%s", told[i].said);
		check(slice_find(text_slice(&why), text_of(told[i].text)) <= why.len &&
		    (told[i].text[0] == '\0' || slice_find(text_slice(&why),
		    text_of(told[i].text)) < why.len), "and says %s", told[i].text);
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
	check_told();
	arena_release(&arena);
	snapshot_unref(s);
	return check_done();
}
