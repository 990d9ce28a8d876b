/* SPDX-License-Identifier: Apache-2.0 */

/*
 * conf - laws of loading.
 *
 * A configuration that was drawn from a seed prints to one that loads and
 * prints the same.  Each allocation may fail: then there is ERR_MEMORY and no
 * snapshot, nothing is left behind, and nothing else happens.  A file that is
 * cut off anywhere gives a snapshot or messages.
 *
 *	conf [SEED]
 */

#include "conf/load.h"

#include "check.h"
#include "run/heap.h"

static const struct hash_key hash_key = { { 2, 3 } };

/* ---- memory that fails; it stands in for src/conf/heap.c ---- */

struct failing {
	struct memory	 memory;
	uint64_t	 fail_at;	/* 0: never; n: the n-th take from now, and all after */
	uint64_t	 takes;
	int64_t		 out;		/* blocks that were not given back */
};

static void *
failing_take(struct memory *memory, size_t *bytes)
{
	struct failing *f = (struct failing *)memory;
	void *block = NULL;

	f->takes++;
	if (f->fail_at == 0 || f->takes < f->fail_at)
		block = malloc(*bytes);
	f->out += block != NULL;
	return block;
}

static void
failing_give(struct memory *memory, void *block, size_t bytes)
{
	((struct failing *)memory)->out--;
	explicit_bzero(block, bytes);
	free(block);
}

static struct failing failing = { { failing_take, failing_give }, 0, 0, 0 };

struct memory *
heap_memory(void)
{
	return &failing.memory;
}

/* ---- a drawn configuration ---- */

struct draw {
	uint64_t	state;
	struct text	text;
};

/* Splitmix64 (Steele, Lea and Flood, 2014). */
static uint64_t
draw(struct draw *d, uint64_t below)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static void
put(struct draw *d, const char *s)
{
	text_put(&d->text, slice_of(s, strlen(s)));
}

static void
put_number(struct draw *d, uint64_t n)
{
	text_put_number(&d->text, n);
}

#define ONE_OF(d, ...)								\
	((const char *const[]){ __VA_ARGS__ })[draw(d,				\
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))]

static void
draw_list(struct draw *d, const char *const *word, size_t count)
{
	bool first = true;

	put(d, "[");
	for (size_t i = 0; i < count; i++) {
		if (draw(d, 2) == 0)
			continue;
		put(d, first ? "" : ", ");
		put(d, word[i]);
		first = false;
	}
	put(d, "]");
}

static const char *const kinds[] = { "pii", "phi", "credentials", "opaque", "recipes", "all" };
static const char *const regions[] = { "eu", "de", "us", "unspecified", "world" };
static const char *const packs[] = { "gdpr", "hipaa", "ccpa", "sr_11_7" };
static const char *const properties[] = { "baa", "dpa", "soc2", "an-audit", "zero_retention" };

static void
draw_zone(struct draw *d, uint64_t i)
{
	put(d, "  z");
	put_number(d, i);
	put(d, ": {kind: ");
	put(d, ONE_OF(d, "edge", "on_prem", "private_cloud", "public_api"));
	put(d, ONE_OF(d, "", ", operator: self", ", operator: someone"));
	put(d, ONE_OF(d, "", ", offline: true", ", offline: false"));
	put(d, ", regions: ");
	draw_list(d, regions, COUNT_OF(regions));
	put(d, ", holds: ");
	draw_list(d, properties, COUNT_OF(properties));
	put(d, ", clearance: {level: ");
	put(d, ONE_OF(d, "low", "mid", "high"));
	put(d, ", kinds: ");
	if (draw(d, 4) == 0)
		put(d, "all");
	else
		draw_list(d, kinds, COUNT_OF(kinds));
	put(d, "}}\n");
}

static void
draw_model(struct draw *d, uint64_t i)
{
	put(d, "  m");
	put_number(d, i);
	put(d, ONE_OF(d, "", ":x", "/y", ".z"));
	put(d, ":\n    zone: z");
	put_number(d, draw(d, 3));
	put(d, ONE_OF(d,
	    "\n    vendor: simulated",
	    "\n    vendor: openai\n    key: env:LAW_KEY",
	    "\n    vendor: mistral\n    key: env:LAW_KEY\n    proxy: \"http://p:3128\"",
	    "\n    vendor: azure\n    url: \"https://a.example\"\n    api_version: v1\n"
	    "    key: env:LAW_KEY",
	    "\n    vendor: vllm\n    url: \"http://127.0.0.1:8000\"",
	    "\n    vendor: vllm\n    url: \"https://[fd00::1]:8000/a/b/\"",
	    "\n    vendor: ollama\n    url: \"http://localhost:11434\"\n    key: env:LAW_KEY"));
	put(d, ONE_OF(d, "", "\n    id: plain", "\n    id: \"a \\\"b\\\" # c: d\"",
	    "\n    id: 'é'"));
	put(d, ONE_OF(d, "", "\n    context: 4096", "\n    concurrency: 1",
	    "\n    limits: {requests_per_minute: 7, concurrency: 2}"));
	put(d, ONE_OF(d, "", "\n    capability: mid", "\n    features: [tools, vision]"));
	put(d, ONE_OF(d, "", "\n    stall_ms: 1", "\n    first_byte_ms: 299999"));
	put(d, ONE_OF(d, "",
	    "\n    price: {input_usd_per_million: 0.15, output_usd_per_million: 0.6}",
	    "\n    price: {input_usd_per_million: 3, output_usd_per_million: 15,\n"
	    "      cached_input_usd_per_million: 0.000001}"));
	put(d, "\n");
}

/* Those that hold whatever the zones are: what they print is of interest here. */
static void
draw_never(struct draw *d)
{
	put(d, ONE_OF(d, "", "never:\n  - {name: of-recipes, zones: [], basis: \"a: b\", kinds: "));
	if (d->text.ptr[d->text.len - 1] == '\n')
		return;
	draw_list(d, kinds, COUNT_OF(kinds));
	put(d, ", without: ");
	draw_list(d, properties, COUNT_OF(properties));
	put(d, ", outside: ");
	draw_list(d, regions, COUNT_OF(regions));
	put(d, ", origin.level: ");
	put(d, ONE_OF(d, "mid", "\">= high\"", "\">=low\""));
	put(d, ONE_OF(d, "", ", unless_operator: self"));
	put(d, ONE_OF(d, "", ", zone.kind: on_prem", ", tools: [all]"));
	put(d, "}\n  - {roles: [], requires: [baa], origin.kinds: ");
	draw_list(d, kinds, COUNT_OF(kinds));
	put(d, "}\n");
}

static struct slice
draw_configuration(struct draw *d)
{
	uint64_t models = 1 + draw(d, 5);

	put(d, ONE_OF(d, "", "workers: 7\n", "listen: \"[::1]:0\"\n", "duties: [no_cache]\n",
	    "limits: {request_bytes: 1024, drain_ms: 0}\n", "auto: {prefer: latency}\n"));
	put(d, "log: {file: /dev/null}\npacks: ");
	draw_list(d, packs, COUNT_OF(packs));
	put(d, "\nlevels: [low, mid, high, confidential, regulated]\n");
	put(d, "regions: {world: [eu, us], eu: [de, fr]}\n");
	put(d, "kinds: {recipes: {level: mid, regions: [eu], requires: [an-audit]}}\nzones:\n");
	for (uint64_t i = 0; i < 3; i++)
		draw_zone(d, i);
	put(d, "models:\n");
	for (uint64_t i = 0; i < models; i++)
		draw_model(d, i);
	put(d, "  last: {vendor: simulated, zone: z0}\n");
	put(d, ONE_OF(d, "", "groups: {g: [last]}\n",
	    "groups: {g: {models: [last], prefer: cost}}\n"));
	put(d, ONE_OF(d, "", "keys:\n  - {id: a, secret: env:LAW_KEY, models: [last]}\n"));
	draw_never(d);
	must(!text_overflowed(&d->text));
	return text_slice(&d->text);
}

/* ---- laws ---- */

static enum err
load(struct slice yaml, struct snapshot **out, uint32_t *errors)
{
	struct conf_options options = { .hash_key = &hash_key, .workers = 2, .disproven = true };
	struct report report;
	enum err e;

	*out = NULL;
	report_init(&report, S("law"));
	e = conf_load(yaml, &options, &report, out);
	*errors = report.errors;
	report_release(&report);
	return e;
}

static bool
prints_to_itself(struct slice yaml)
{
	struct snapshot *a, *b = NULL;
	uint32_t errors;
	bool same;

	if (load(yaml, &a, &errors) != ERR_OK)
		return false;
	same = load(a->effective, &b, &errors) == ERR_OK && strcmp(a->hash, b->hash) == 0 &&
	    slice_eq(a->effective, b->effective) && a->model_count == b->model_count;
	for (uint32_t i = 0; same && i < a->model_count; i++)
		same = a->model[i].at.pool_id == b->model[i].at.pool_id &&
		    memcmp(&a->model[i].price, &b->model[i].price, sizeof a->model[i].price) == 0 &&
		    slice_eq(a->model[i].id, b->model[i].id);
	for (uint32_t i = 0; same && i < a->zone_count; i++)
		same = memcmp(&a->zone[i].clearance, &b->zone[i].clearance,
		    sizeof a->zone[i].clearance) == 0;
	snapshot_unref(b);
	snapshot_unref(a);
	return same;
}

static void
law_print(uint64_t seed, unsigned draws)
{
	static char room[65536];
	unsigned wrong = 0;

	for (unsigned i = 0; i < draws; i++) {
		struct draw d = { .state = seed + i };

		text_init(&d.text, room, sizeof room);
		if (prints_to_itself(draw_configuration(&d)))
			continue;
		printf("# seed %llu\n", (unsigned long long)(seed + i));
		wrong++;
	}
	check_int(wrong, 0, "%u drawn configurations print to themselves", draws);
	check_int(failing.out, 0, "and give all memory back");
}

static void
law_memory(uint64_t seed)
{
	static char room[65536];
	struct draw d = { .state = seed };
	struct snapshot *s = NULL;
	unsigned wrong = 0, failed = 0;
	enum err e = ERR_MEMORY;
	struct slice yaml;
	uint32_t errors;

	text_init(&d.text, room, sizeof room);
	yaml = draw_configuration(&d);
	for (uint64_t n = 1; e == ERR_MEMORY && n < 10000; n++, failed++) {
		failing.takes = 0;
		failing.fail_at = n;
		e = load(yaml, &s, &errors);
		if (e == ERR_OK)
			break;
		wrong += e != ERR_MEMORY || s != NULL || failing.out != 0;
	}
	failing.fail_at = 0;
	check(e == ERR_OK && failed > 5, "each of %u allocations failed, and then none", failed);
	check_int(wrong, 0, "each gave ERR_MEMORY, and left nothing behind");
	snapshot_unref(s);
}

static void
law_cut(uint64_t seed)
{
	static char room[65536];
	struct draw d = { .state = seed };
	unsigned wrong = 0;
	struct slice yaml;

	text_init(&d.text, room, sizeof room);
	yaml = draw_configuration(&d);
	for (size_t n = 0; n < yaml.len; n++) {
		struct snapshot *s;
		uint32_t errors;
		enum err e = load(slice_cut(yaml, 0, n), &s, &errors);

		wrong += (e == ERR_OK) != (s != NULL) || (e == ERR_CONF) != (errors > 0);
		snapshot_unref(s);
	}
	check_int(wrong, 0, "cut off anywhere, it gives a snapshot or messages");
	check_int(failing.out, 0, "and all memory comes back");
}

int
main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;

	setenv("LAW_KEY", "a-key-of-the-laws-1234", 1);
	unsetenv("HTTPS_PROXY");
	unsetenv("https_proxy");
	law_print(seed, 500);
	law_memory(seed);
	law_cut(seed);
	return check_done();
}
