/* SPDX-License-Identifier: Apache-2.0 */

/*
 * conf - files in, snapshots or mistakes out.
 *
 * test/golden/conf/NAME.yaml is loaded, and NAME.txt has what is then said, or
 * the effective configuration; BLESS=1 rewrites it.  No secret is in any of it:
 * every secret of the tests has "canary" in it.
 */

#include "conf/load.h"

#include <dirent.h>
#include <sys/stat.h>

#include "check.h"
#include "conf/draft.h"
#include "core/limit.h"
#include "run/address.h"
#include "run/dns.h"

#define GOLDEN	"test/golden/conf"

static const struct hash_key hash_key = { { 7, 11 } };

struct loaded {
	struct report	 report;
	struct snapshot		*snapshot;
	enum err		 e;
};

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static struct loaded
load_with(struct slice yaml, struct conf_options options, const char *name)
{
	struct loaded l = { .snapshot = NULL };

	options.hash_key = &hash_key;
	options.workers = 2;
	report_init(&l.report, text_of(name));
	l.e = conf_load(yaml, &options, &l.report, &l.snapshot);
	return l;
}

static struct loaded
load(const char *yaml)
{
	return load_with(text_of(yaml), (struct conf_options){ .detached = false }, "t");
}

static void
unload(struct loaded *l)
{
	snapshot_unref(l->snapshot);
	report_release(&l->report);
}

static struct slice
messages(const struct loaded *l, char *room, size_t bytes)
{
	struct text t;

	text_init(&t, room, bytes);
	for (uint32_t i = 0; i < l->report.count; i++)
		report_put(&l->report, i, &t);
	return text_slice(&t);
}

static size_t
file_read(const char *path, char *room, size_t bytes)
{
	FILE *file = fopen(path, "rb");
	size_t n = 0;

	if (file != NULL) {
		n = fread(room, 1, bytes, file);
		fclose(file);
	}
	return n;
}

static void
file_write(const char *path, struct slice bytes)
{
	FILE *file = fopen(path, "wb");

	check_or_stop(file != NULL && fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len,
	    "%s can be written", path);
	fclose(file);
}

static bool
has(struct slice s, const char *needle)
{
	return slice_find(s, text_of(needle)) < s.len;
}

/* ---- golden files ---- */

static char got_room[1 << 20], want_room[1 << 20], yaml_room[1 << 20];

static void
golden(const char *name)
{
	char path[512];
	struct slice yaml, got;
	struct loaded l;

	snprintf(path, sizeof path, GOLDEN "/%s.yaml", name);
	yaml = slice_of(yaml_room, file_read(path, yaml_room, sizeof yaml_room));
	snprintf(path, sizeof path, "%s.yaml", name);
	l = load_with(yaml, (struct conf_options){ .detached = false }, path);
	got = messages(&l, got_room, sizeof got_room / 2);
	if (l.snapshot != NULL) {
		struct text t = { got_room, got.len, sizeof got_room, false };

		conf_print(l.snapshot, &t);
		got = text_slice(&t);
	}
	check(!has(got, "canary"), "%s: no secret in it", name);
	check((l.e == ERR_CONF) == (l.report.errors > 0) && (l.e == ERR_OK) == (l.snapshot != NULL),
	    "%s: a snapshot, or errors", name);
	snprintf(path, sizeof path, GOLDEN "/%s.txt", name);
	if (getenv("BLESS") != NULL)
		file_write(path, got);
	check_slice(got, slice_of(want_room, file_read(path, want_room, sizeof want_room)),
	    "%s: says what %s.txt has", name, name);
	unload(&l);
}

static void
golden_all(void)
{
	struct dirent **entry = NULL;
	int n = scandir(GOLDEN, &entry, NULL, alphasort);

	check_or_stop(n > 20, "the golden files are there (the tests run at the root of the tree)");
	for (int i = 0; i < n; i++) {
		struct slice name = text_of(entry[i]->d_name);

		if (name.len > 5 && slice_eq(slice_cut(name, name.len - 5, name.len), S(".yaml"))) {
			entry[i]->d_name[name.len - 5] = '\0';
			golden(entry[i]->d_name);
		}
		free(entry[i]);
	}
	free(entry);
}

/* ---- law: what is printed loads to the same ---- */

static bool
same_origin(const struct model *a, const struct model *b)
{
	return slice_eq(a->at.url.authority, b->at.url.authority) &&
	    slice_eq(a->at.url.path, b->at.url.path) &&
	    a->at.url.port == b->at.url.port && a->at.url.tls == b->at.url.tls &&
	    slice_eq(a->query, b->query)
	    && slice_eq(secret_reveal(&a->key), secret_reveal(&b->key)) && slice_eq(a->at.proxy,
	    b->at.proxy) && (a->at.tls == NULL) == (b->at.tls == NULL) &&
	    a->at.pool_id == b->at.pool_id &&
	    a->at.address_allow == b->at.address_allow;
}

static bool
same_limits(const struct allowance *a, const struct allowance *b)
{
	return memcmp(a->rate, b->rate, sizeof a->rate) == 0 && a->concurrency == b->concurrency &&
	    a->any == b->any;
}

static bool
same_model(const struct model *a, const struct model *b)
{
	return same_origin(a, b) && slice_eq(a->name, b->name) && slice_eq(a->id, b->id) &&
	    slice_eq(a->id_json, b->id_json) && a->vendor == b->vendor &&
	    slice_eq(a->zone->name, b->zone->name) &&
	    memcmp(&a->price, &b->price, sizeof a->price) == 0 &&
	    a->context_tokens == b->context_tokens && same_limits(&a->limits, &b->limits) &&
	    a->first_byte_wait == b->first_byte_wait && a->stall_wait == b->stall_wait &&
	    slice_eq(a->capability, b->capability) && a->features == b->features &&
	    a->index == b->index && a->simulated == b->simulated;
}

static bool
same_clearance(struct clearance a, struct clearance b)
{
	return a.kinds == b.kinds && a.regions == b.regions && a.holds == b.holds &&
	    a.level == b.level;
}

static bool
same_label(struct label a, struct label b)
{
	return a.kinds == b.kinds && a.regions == b.regions && a.requires == b.requires &&
	    a.level == b.level;
}

static bool
same_zone(const struct zone *a, const struct zone *b)
{
	return slice_eq(a->name, b->name) && slice_eq(a->kind, b->kind) &&
	    a->self_operated == b->self_operated && a->offline == b->offline &&
	    same_clearance(a->clearance, b->clearance);
}

static bool
same_prefer(struct prefer a, struct prefer b)
{
	return a.cost == b.cost && a.latency == b.latency && a.quality == b.quality;
}

static bool
same_group(const struct group *a, const struct group *b)
{
	bool same = slice_eq(a->name, b->name) && a->count == b->count &&
	    same_prefer(a->prefer, b->prefer);

	for (uint32_t i = 0; same && i < a->count; i++)
		same = a->model[i]->index == b->model[i]->index;
	return same;
}

static bool
same_key(const struct key *a, const struct key *b, uint32_t models)
{
	bool same = slice_eq(a->id, b->id) && slice_eq(a->tenant, b->tenant) &&
	    slice_eq(a->role, b->role) && (a->models == NULL) == (b->models == NULL) &&
	    memcmp(&a->digest, &b->digest, sizeof a->digest) == 0 && a->index == b->index &&
	    same_limits(&a->limits, &b->limits);

	for (uint32_t i = 0; same && a->models != NULL && i < (models + 63) / 64; i++)
		same = a->models[i] == b->models[i];
	return same;
}

static bool
same_names(const struct slice *a, uint32_t a_count, const struct slice *b, uint32_t b_count)
{
	bool same = a_count == b_count;

	for (uint32_t i = 0; same && i < a_count; i++)
		same = slice_eq(a[i], b[i]);
	return same;
}

static bool
same_top(const struct snapshot *a, const struct snapshot *b)
{
	return memcmp(&a->listen.address, &b->listen.address, sizeof a->listen.address) == 0 &&
	    memcmp(&a->admin.address, &b->admin.address, sizeof a->admin.address) == 0 &&
	    (a->listen.tls == NULL) == (b->listen.tls == NULL) && a->workers == b->workers &&
	    a->log_target == b->log_target && slice_eq(a->log_file, b->log_file) &&
	    a->body_bytes_max == b->body_bytes_max && a->request_wait == b->request_wait &&
	    a->header_wait == b->header_wait && a->drain_wait == b->drain_wait &&
	    same_prefer(a->auto_prefer, b->auto_prefer) && a->simulates == b->simulates &&
	    strcmp(a->hash, b->hash) == 0 && slice_eq(a->effective, b->effective);
}

static bool
same_words(const struct snapshot *a, const struct snapshot *b)
{
	bool same = same_names(a->level, a->level_count, b->level, b->level_count) &&
	    same_names(a->kind, a->kind_count, b->kind, b->kind_count) &&
	    same_names(a->region, a->region_count, b->region, b->region_count) &&
	    same_names(a->property, a->property_count, b->property, b->property_count);

	for (uint32_t i = 0; same && i < a->kind_count; i++)
		same = same_label(a->kind_label[i], b->kind_label[i]);
	return same;
}

static bool
same_issuer(const struct issuer *a, const struct issuer *b)
{
	bool same = slice_eq(a->name, b->name) && slice_eq(a->iss, b->iss) &&
	    same_names(a->audience, a->audience_count, b->audience, b->audience_count) &&
	    a->algorithms == b->algorithms && a->leeway_s == b->leeway_s &&
	    slice_eq(a->jwks, b->jwks) && a->keys_id == b->keys_id &&
	    a->refresh_s == b->refresh_s && a->keep_s == b->keep_s &&
	    same_names(a->claim, CLAIM_COUNT, b->claim, CLAIM_COUNT) &&
	    slice_eq(a->tenant, b->tenant) &&
	    same_names(a->tenants, a->tenant_count, b->tenants, b->tenant_count) &&
	    a->role_count == b->role_count && a->ceiling_said == b->ceiling_said &&
	    same_limits(&a->limits, &b->limits);

	for (uint32_t i = 0; same && i < a->role_count; i++)
		same = slice_eq(a->role[i].value, b->role[i].value) &&
		    slice_eq(a->role[i].name, b->role[i].name) &&
		    a->role[i].bound == b->role[i].bound &&
		    a->role[i].explain == b->role[i].explain;
	return same;
}

/* Everybody who may call. */
static bool
same_callers(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->key_count == b->key_count && a->issuer_count == b->issuer_count &&
	    a->tenant_count == b->tenant_count &&
	    (a->tenant_default == NULL) == (b->tenant_default == NULL);

	for (uint32_t i = 0; same && i < a->key_count; i++)
		same = same_key(&a->key[i], &b->key[i], a->model_count);
	for (uint32_t i = 0; same && i < a->issuer_count; i++)
		same = same_issuer(&a->issuer[i], &b->issuer[i]);
	for (uint32_t i = 0; same && i < a->tenant_count; i++)
		same = slice_eq(a->tenant[i].name, b->tenant[i].name) &&
		    same_limits(&a->tenant[i].limits, &b->tenant[i].limits);
	return same;
}

static bool
same_snapshot(const struct snapshot *a, const struct snapshot *b)
{
	bool same = same_top(a, b) && same_words(a, b) && a->zone_count == b->zone_count &&
	    a->model_count == b->model_count && a->group_count == b->group_count &&
	    same_callers(a, b);

	for (uint32_t i = 0; same && i < a->zone_count; i++)
		same = same_zone(&a->zone[i], &b->zone[i]);
	for (uint32_t i = 0; same && i < a->model_count; i++)
		same = same_model(&a->model[i], &b->model[i]);
	for (uint32_t i = 0; same && i < a->group_count; i++)
		same = same_group(&a->group[i], &b->group[i]);
	return same;
}

/* Of somebody else's machines: their secrets and certificates are not here. */
static const char *const examples[] = {
	"example/productivity.yaml", "example/hospital.yaml", "example/bank.yaml",
	"example/eu-company.yaml", "example/edge-fleet.yaml",
};

static void
printed_is_equal(const char *path, bool detached)
{
	struct slice yaml = slice_of(yaml_room, file_read(path, yaml_room, sizeof yaml_room));
	struct conf_options options = { .detached = detached };
	struct loaded a = load_with(yaml, options, path);

	check(a.e == ERR_OK && a.report.count == 0, "%s: loads without a word", path);
	if (a.snapshot != NULL) {
		struct loaded b = load_with(a.snapshot->effective, options, "effective");

		check(b.e == ERR_OK && b.report.errors == 0, "%s: what is printed loads", path);
		check(b.snapshot != NULL && same_snapshot(a.snapshot, b.snapshot),
		    "%s: and to an equal snapshot", path);
		unload(&b);
	}
	unload(&a);
}

/* ---- limits, which the API takes too ---- */

static void
limits_are_one_list(void)
{
	for (enum dimension d = 0; d < DIMENSION_COUNT; d++) {
		const struct schema *row = &schema_row[DRAFT_AMOUNT(d)];

		check(slice_eq(row->name, allowance_key(d)) && row->low == 1 &&
		    row->high == allowance_max(d), "%.*s: the file takes what the API takes",
		    (int)row->name.len, row->name.ptr);
	}
}

/* ---- one mistake each, with its place ---- */

#define Z	"zones: {z: {kind: public_api}, in: {kind: on_prem}}\n"
#define M	"models: {m: {vendor: simulated, zone: z}}\n"

static const struct {
	const char	*yaml;
	const char	*want;		/* a part of the messages; empty: none at all */
	const char	*why;
} cases[] = {
	{ Z M, "", "the least that works" },
	{ "\xef\xbb\xbf" Z M, "", "a byte order mark is not a mistake" },
	{ "---\n" Z M "...\n", "", "document marks around one document" },
	{ Z "models: {1: {vendor: simulated, zone: z}}\n", "", "a number is a name" },
	{ Z "models: {no: {vendor: simulated, zone: z, id: true}}\n", "", "as are no and true" },
	{ Z M "groups: {g: [m]}\nauto: {prefer: cost}\n", "", "a group in short" },
	{ Z M "tenants: {default: {limits: {concurrency: 2}}, a: {}}\n", "", "tenants" },
	{ Z M "tenants: {a: {limits: {}}}\n", "t:3:23: error: `limits` is empty",
	  "limits that limit nothing are a mistake" },
	{ Z M "tenants: {a: {limits: {requests_per_minute: 0}}}\n",
	  "`requests_per_minute` must be a whole number from 1", "nothing at all is no rate" },
	{ Z M "tenants: {a: {limits: {requests_per_minute: -5}}}\n",
	  "`requests_per_minute` must be a whole number from 1", "nor is less than nothing" },
	{ Z M "tenants: {a: {limits: {input_tokens_per_minute: 1000000000001}}}\n",
	  "from 1 to 1000000000000", "nor more than can be counted" },
	{ Z M "tenants: {a: {limits: {request_per_minute: 5}}}\n",
	  "did you mean `requests_per_minute`", "a key that is nearly one" },
	{ Z M "tenants: {\"a b\": {}}\n", "the tenant `a b`", "names of tenants are names" },
	{ Z "models: {m: {vendor: simulated, zone: z, concurrency: 1, limits: {concurrency: 1}}}\n",
	  "`concurrency` and `limits.concurrency` are the same", "said twice" },
	{ Z M "listen: \"localhost:8080\"\n", "", "localhost can be listened on" },
	{ Z M "listen: \"[::1]:8080\"\n", "", "and IPv6" },
	{ Z M "listen: \":8080\"\n", "t:3:9: error: other machines", "no open gateway" },
	{ Z M "listen: \"192.168.1.1:80\"\nkeys: []\n", "t:4:7: error: `keys` is empty",
	  "an empty list of keys is no list of keys" }, { Z M "listen: \"127.0.0.1:9090\"\n",
	      "t:3:9: error: `listen` and `admin` cannot", "the default of the other counts" }, { Z
	      M "listen: \"127.0.0.1:0\"\nadmin: \"127.0.0.1:0\"\n", "", "any free port, twice" }, {
	      Z M "regions: [de, fr]\n", "", "regions as a list" }, { Z M
	      "regions: {de: , fr: []}\n", "", "regions without regions inside" }, { Z M
	      "levels: []\n", "t:3:9: error: `levels` takes 1 to 16", "levels cannot be none" }, { Z
	      "models: {}\n", "t:2:9: error: `models` is empty", "no model at all" }, {
	      "models: {m: {vendor: simulated, zone: z}}\n", "t:1:39: error: there is no zone `z`; "
	      "add it to `zones`", "a zone must be there" }, { Z M "log: {file: none}\n", "",
	      "no log" }, { Z M "workers: 0\n", "t:3:10: error: `workers` must be a whole number "
	      "from 1 to 256, not `0`", "a bound" }, { Z M "workers: 18446744073709551616\n",
	      "not `18446744073709551616`", "past 64 bits" }, { Z M "workers: 0x2\n", "not `0x2`",
	      "no hexadecimal" }, { Z M "workers:\n", "t:3:9: error: `workers` has no value",
	      "a key without a value" }, { Z M "log: {file: {a: b}}\n", "t:3:13: error: `file` "
	      "must be text, and this is a map", "what is wanted and what is there" }, {
	      "a: b\na: c\n", "t:2:1: error: `a` stands twice", "twice the same key" }, {
	      "models: {m: {vendor: simulated, zone: \"\\0\"}}", "control character",
	      "a NUL in quotes" }, { Z "models: {m: {vendor: vllm, zone: in, url: "
	      "\"http://gpu:8000\"}}", "", "http without a key to a name inside" }, { Z
	      "models: {m: {vendor: llama.cpp, zone: in, url: \"http://127.0.0.1:8081\"}}", "",
	      "a vendor's other name" }, };

static void
cases_all(void)
{
	char room[8192];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct loaded l = load(cases[i].yaml);
		struct slice got = messages(&l, room, sizeof room);
		bool ok = cases[i].want[0] == '\0' ? got.len == 0 && l.e == ERR_OK
		    : has(got, cases[i].want) && l.e == ERR_CONF;

		if (!check(ok, "%s", cases[i].why))
			check_show("got", got);
		unload(&l);
	}
}

/* ---- where requests may go ---- */

static const struct {
	const char	*model;		/* the inside of its map */
	const char	*path;
	unsigned	 allow;
	const char	*why;
} origins[] = {
	{ "vendor: openai, zone: z, key: env:CONF_TEST_KEY", "/v1", DNS_PUBLIC,
	  "a vendor's own name leads to public addresses alone" }, { "vendor: groq, zone: z, key: "
	      "env:CONF_TEST_KEY, url: \"https://proxy.example\"", "/openai/v1", DNS_PUBLIC,
	      "a URL without a path gets the vendor's" }, { "vendor: groq, zone: z, key: "
	      "env:CONF_TEST_KEY, url: \"https://proxy.example/\"", "/openai/v1", DNS_PUBLIC,
	      "a slash is no path" }, { "vendor: vllm, zone: in, url: \"http://gpu:8000/llm/v2/\"",
	      "/llm/v2", DNS_PUBLIC | DNS_PRIVATE, "a path stays; a name inside may be private" }, {
	      "vendor: openai, zone: in, key: env:CONF_TEST_KEY, url: \"https://llm.corp\"", "/v1",
	      DNS_PUBLIC | DNS_PRIVATE, "any vendor, if the zone is one's own" }, {
	      "vendor: vllm, zone: z, url: \"https://gpu\"", "/v1", DNS_PUBLIC | DNS_PRIVATE,
	      "any zone, if the vendor is an engine" }, { "vendor: vllm, zone: in, key: "
	      "env:CONF_TEST_KEY, url: \"http://gpu\"", "/v1", DNS_PRIVATE,
	      "a key in clear stays inside" }, { "vendor: vllm, zone: in, url: \"http://10.0.0.7\"",
	      "/v1", DNS_PRIVATE, "a private address that is written" }, {
	      "vendor: openai_compatible, zone: z, url: \"https://10.0.0.7\"", "/v1", DNS_PRIVATE,
	      "in any zone" }, { "vendor: ollama, zone: in, url: \"http://127.0.0.1:11434\"", "/v1",
	      DNS_LOOPBACK, "loopback that is written" }, { "vendor: ollama, zone: in, url: "
	      "\"http://localhost:11434\"", "/v1", DNS_LOOPBACK, "localhost" }, {
	      "vendor: ollama, zone: in, url: \"http://[::1]:11434\"", "/v1", DNS_LOOPBACK, "::1" },
	      { "vendor: ollama, zone: in, url: \"http://localhost.example:1\"", "/v1", DNS_PUBLIC |
	      DNS_PRIVATE, "a name that begins like localhost is a name" }, { "vendor: vllm, zone: "
	      "in, url: \"https://8.8.8.8\"", "/v1", DNS_PUBLIC, "a public address is what it is" },
	      { "vendor: simulated, zone: z", "/v1", DNS_LOOPBACK, "the built-in providers" }, {
	      "vendor: azure, zone: z, key: env:CONF_TEST_KEY, api_version: v1, url: "
	      "\"https://a.b\"", "", DNS_PUBLIC, "azure's URL stays bare" }, };

static void
origins_all(void)
{
	char yaml[1024];

	for (size_t i = 0; i < COUNT_OF(origins); i++) {
		struct loaded l;

		snprintf(yaml, sizeof yaml, Z "models: {m: {%s}}\n", origins[i].model);
		l = load(yaml);
		if (!check(l.snapshot != NULL, "loads: %s", origins[i].why))
			check_show("got", messages(&l, got_room, sizeof got_room));
		if (l.snapshot != NULL) {
			const struct model *m = &l.snapshot->model[0];

			check_slice(m->at.url.path, text_of(origins[i].path), "path: %s",
			    origins[i].why);
			check_int(m->at.address_allow, origins[i].allow, "addresses: %s",
			    origins[i].why);
			check((m->at.tls != NULL) == m->at.url.tls, "TLS for https: %s",
			    origins[i].why);
		}
		unload(&l);
	}
}

/* Which of the models a and b may share connections. */
static void
pools(void)
{
	struct loaded l = load("zones: {z: {kind: public_api}, in: {kind: on_prem}}\nmodels:\n"
	    "  a: {vendor: openai, zone: z, key: env:CONF_TEST_KEY}\n"
	    "  b: {vendor: openai, zone: z, key: env:CONF_TEST_OTHER, id: x}\n"
	    "  c: {vendor: openai, zone: z, key: env:CONF_TEST_KEY, proxy: \"http://p:1\"}\n"
	    "  d: {vendor: vllm, zone: in, url: \"https://gpu\"}\n"
	    "  e: {vendor: openai_compatible, zone: z, url: \"https://gpu\"}\n");
	const struct model *m;

	check_or_stop(l.snapshot != NULL, "models for pools load");
	m = l.snapshot->model;
	check(m[0].at.pool_id == m[1].at.pool_id,
	    "one origin, two ids and keys: connections are shared");
	check(m[0].at.tls == m[1].at.tls, "and the TLS context is");
	check(m[0].at.pool_id != m[2].at.pool_id, "through a proxy it is another pool");
	check_slice(m[2].at.proxy, S("p:1"), "the proxy as CONNECT wants it");
	check(m[3].at.pool_id != m[4].at.pool_id,
	    "a model that may reach private addresses shares with none that may not");
	unload(&l);
}

/* The pool of a model whose authorities are in this file. */
static uint64_t
pool_of_ca(const char *path)
{
	struct loaded l;
	char yaml[512];
	uint64_t id;

	snprintf(yaml, sizeof yaml, Z "models: {m: {vendor: vllm, zone: in, url: \"https://gpu\", "
	    "ca: \"%s\"}}\n", path);
	l = load(yaml);
	if (l.snapshot == NULL)
		check_show("messages", messages(&l, got_room, sizeof got_room));
	check_or_stop(l.snapshot != NULL, "a model with authorities of its own loads");
	id = l.snapshot->model[0].at.pool_id;
	unload(&l);
	return id;
}

static void
pool_of_files(void)
{
	char path[] = "/tmp/trivium-conf-XXXXXX";
	size_t n = file_read("/etc/ssl/certs/ca-certificates.crt", want_room, sizeof want_room);
	struct slice end = S("-----END CERTIFICATE-----\n"), bundle = slice_of(want_room, n);
	size_t one = slice_find(bundle, end) + end.len;
	size_t two = one + slice_find(slice_cut(bundle, one, n), end) + end.len;
	int fd = mkstemp(path);
	uint64_t first;

	check_or_stop(fd >= 0 && two < n, "two authorities of the system's");
	close(fd);
	file_write(path, slice_cut(bundle, 0, one));
	first = pool_of_ca(path);
	check(pool_of_ca(path) == first, "the same file is the same pool");
	file_write(path, slice_cut(bundle, 0, two));
	check(pool_of_ca(path) != first, "a file that was written anew is another one");
	unlink(path);
}

/* ---- the environment ---- */

static const struct {
	const char	*https_proxy, *no_proxy, *model;
	const char	*want;		/* host:port, or empty for none */
	const char	*why;
} proxies[] = {
	{ "http://p:3128", "", "", "p:3128", "HTTPS_PROXY" },
	{ "p:3128", "", "", "p:3128", "without a scheme, as others take it" },
	{ "http://[fd00::1]:3128/", "", "", "[fd00::1]:3128", "IPv6, a slash at the end" },
	{ "http://p", "", "", "p:80", "the usual port" },
	{ "http://p:1", "*", "", "", "NO_PROXY for everything" },
	{ "http://p:1", "example.com,openai.com", "", "", "a domain above the host" },
	{ "http://p:1", ".openai.com", "", "", "with a dot" },
	{ "http://p:1", "*.openai.com", "", "", "with a star" },
	{ "http://p:1", "api.openai.com:443", "", "", "host and port" },
	{ "http://p:1", "api.openai.com:8443", "", "p:1", "another port" },
	{ "http://p:1", "penai.com", "", "p:1", "a tail that is no domain" },
	{ "http://p:1", "xapi.openai.com", "", "p:1", "a longer name" },
	{ "http://p:1", "10.0.0.0/8", ", url: \"https://10.1.2.3\"", "", "a range of addresses" },
	{ "http://p:1", "x, 10.0.0.0/8", ", url: \"https://11.1.2.3\"", "p:1", "another range" },
	{ "http://p:1", "fd00::/8", ", url: \"https://[fd12::1]\"", "", "a range of IPv6" },
	{ "http://p:1", "0.0.0.0/0", "", "p:1", "a name is in no range" },
	{ "http://p:1", "", ", proxy: none", "", "none" },
	{ "http://p:1", "", ", proxy: \"http://q:2\"", "q:2", "the configuration is stronger" },
	{ "http://p:1", "*", ", proxy: \"http://q:2\"", "q:2", "than NO_PROXY too" },
	{ "http://p:1", "", ", url: \"https://127.0.0.1:1\"", "", "never for loopback" },
};

static void
proxies_all(void)
{
	char yaml[1024];

	for (size_t i = 0; i < COUNT_OF(proxies); i++) {
		struct loaded l;

		setenv("HTTPS_PROXY", proxies[i].https_proxy, 1);
		setenv("NO_PROXY", proxies[i].no_proxy, 1);
		snprintf(yaml, sizeof yaml,
		    Z "models: {m: {vendor: openai, zone: z, key: env:CONF_TEST_KEY%s}}\n",
		    proxies[i].model);
		l = load(yaml);
		if (check(l.snapshot != NULL, "loads: %s", proxies[i].why))
			check_slice(l.snapshot->model[0].at.proxy, text_of(proxies[i].want), "%s",
			    proxies[i].why);
		unload(&l);
	}
	setenv("HTTPS_PROXY", "http://user:canary@p:1", 1);
	struct loaded l = load(Z
	    "models: {m: {vendor: openai, zone: z, key: env:CONF_TEST_KEY}}\n");
	struct slice got = messages(&l, got_room, sizeof got_room);

	check(has(got, "HTTPS_PROXY is not the URL of a proxy") && !has(got, "canary"),
	    "a proxy with a password is refused without telling it");
	unload(&l);
	unsetenv("HTTPS_PROXY");
	unsetenv("NO_PROXY");
}

/* ---- files ---- */

static const struct {
	const char	*bytes;
	int		 mode;
	const char	*want;		/* of the messages; empty: none */
	const char	*secret;	/* NULL: no snapshot */
	const char	*why;
} files[] = {
	{ "canary-of-a-file-1\n", 0600, "", "canary-of-a-file-1", "the line feed is not the secret" },
	{ "canary-of-a-file-1\r\n", 0600, "", "canary-of-a-file-1", "nor the carriage return" },
	{ "canary-of-a-file-1", 0600, "", "canary-of-a-file-1", "nor must it be there" },
	{ "canary-of-a-file-1\n", 0644, "can be read by others", "canary-of-a-file-1",
	  "others can read it: a warning" },
	{ "canary a\n", 0600, "a space, a line break", NULL, "a space" },
	{ "canary\na\n", 0600, "a space, a line break", NULL, "two lines" },
	{ "", 0600, "is empty", NULL, "nothing" },
	{ "\n", 0600, "is empty", NULL, "nothing but a line feed" },
};

static void
files_all(void)
{
	char path[] = "/tmp/trivium-conf-XXXXXX", yaml[1024];
	int fd = mkstemp(path);

	check_or_stop(fd >= 0, "a file for secrets");
	close(fd);
	snprintf(yaml, sizeof yaml,
	    Z "models: {m: {vendor: openai, zone: z, key: \"file:%s\"}}\n", path);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		struct loaded l;
		struct slice got;

		file_write(path, text_of(files[i].bytes));
		check(chmod(path, (mode_t)files[i].mode) == 0, "chmod");
		l = load(yaml);
		got = messages(&l, got_room, sizeof got_room);
		check(files[i].want[0] == '\0' ? got.len == 0 : has(got, files[i].want), "%s",
		    files[i].why);
		check(!has(got, "canary"), "and its bytes are not told: %s", files[i].why);
		check((l.snapshot != NULL) == (files[i].secret != NULL), "usable: %s",
		    files[i].why);
		if (l.snapshot != NULL)
			check_slice(secret_reveal(&l.snapshot->model[0].key),
			    text_of(files[i].secret), "the secret: %s", files[i].why);
		unload(&l);
	}
	unlink(path);
}

/* ---- options ---- */

static void
options_all(void)
{
	struct conf_options built_in = { .simulated_url = S("http://127.0.0.1:40001/v1") };
	struct conf_options detached = { .detached = true };
	struct loaded l = load_with(S(Z M), built_in, "t");

	check_or_stop(l.snapshot != NULL, "a simulated model loads");
	check(l.snapshot->simulates && l.snapshot->model[0].simulated,
	    "and says that it is simulated");
	check_int(l.snapshot->model[0].at.url.port, 40001,
	    "it is where the built-in providers are");
	check(!has(l.snapshot->effective, "40001"), "which is not printed: the next port is "
	    "another");
	check_int(l.snapshot->workers, 2, "as many workers as the caller says");
	unload(&l);

	l = load_with(S(Z "models: {m: {vendor: openai, zone: z, key: env:CONF_TEST_UNSET,\n"
	    "  ca: /nonexistent/ca.pem}}\nkeys: [{id: k, secret: file:/nonexistent/k}]\n"),
	    detached, "t");
	check(l.e == ERR_OK && l.report.count == 0, "detached: nothing is looked for");
	unload(&l);

	l = load_with(S(Z "models: {m: {vendor: openai, zone: z, key: sk-canary}}\n"), detached,
	    "t");
	check(l.e == ERR_CONF, "detached: a secret in the file is a mistake all the same");
	unload(&l);
}

/* ---- much of everything ---- */

static void
too_much(void)
{
	size_t bytes = (size_t)CONF_BYTES_MAX + 1;
	char *big = malloc(bytes), *at = big, *end = big + bytes;
	struct loaded l;

	check_or_stop(big != NULL, "memory for a big file");
	memset(big, '#', bytes);
	l = load_with(slice_of(big, bytes), (struct conf_options){ .detached = false }, "t");
	check(l.e == ERR_CONF && l.report.count == 1 && has(l.report.message[0].text,
	    "larger than"), "a file past the ceiling is refused");
	unload(&l);

	for (int i = 0; i < 200; i++)
		at += snprintf(at, (size_t)(end - at), "wrong%d: 1\n", i);
	l = load_with(slice_of(big, (size_t)(at - big)), (struct conf_options){ .detached = false },
	    "t");
	check_int(l.report.count, CONF_ERRORS_MAX, "messages end at the ceiling");
	check_int(l.report.errors, 201, "but all mistakes are counted, the missing models too");
	bool sorted = true;

	for (uint32_t i = 1; i < l.report.count - 1; i++)
		sorted &= l.report.message[i].line > l.report.message[i - 1].line;
	check(sorted && has(l.report.message[l.report.count - 1].text, "more mistakes"),
	    "they are in the order of the file, and then a word that there are more");
	unload(&l);

	at = big;
	at += snprintf(at, (size_t)(end - at), Z "models:\n");
	for (int i = 0; i < MODEL_MAX + 1; i++)
		at += snprintf(at, (size_t)(end - at), "  m%d: {vendor: simulated, zone: z}\n", i);
	l = load_with(slice_of(big, (size_t)(at - big)), (struct conf_options){ .detached = false },
	    "t");
	check(l.report.count == 1 && has(l.report.message[0].text, "more than 1024 models"),
	    "too many models");
	unload(&l);

	at = big;
	for (int i = 0; i < 300000; i++)
		at += snprintf(at, (size_t)(end - at), "k%d: 1\n", i);
	l = load_with(slice_of(big, (size_t)(at - big)), (struct conf_options){ .detached = false },
	    "t");
	check_int(l.report.errors, 300001, "a huge map is read in time linear in its keys");
	unload(&l);
	free(big);
}

/* ---- which lines may be shown ---- */

static const struct {
	const char	*line;
	bool		 hide;
	const char	*why;
} lines[] = {
	{ "wrong: 1", false, "a harmless line" },
	{ "workers: llama-3.3-70b-instruct", false, "a model's id" },
	{ "workers: \"http://127.0.0.1:11434\"", false, "a URL" },
	{ "workers: gsk_4f7a9Bq21xY", true, "letters and digits in one piece" },
	{ "wrong: hunter-two-three", true, "a long text under a key that is not known" },
	{ "wrong: {a: [hunter-two-three]}", true, "or deeper under it" },
	{ "wrong: short", false, "a short text" },
	{ "wrng: 1, secret: abc", true, "a word that announces a secret" },
	{ "wrng: 1, api_key: abc", true, "another" },
	{ "wrong: {key: env:OPENAI_API_KEY}", false, "the source of a secret is no secret" },
	{ "wrong: {key: \"file:/run/secrets/openai\"}", false, "nor is a file's name" },
	{ "keys: {a: b}", false, "a map of keys has none on its line" },
};

static void
lines_all(void)
{
	char yaml[256];

	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct loaded l;

		snprintf(yaml, sizeof yaml, "# 1\n%s%s%s\n", strstr(lines[i].line, ", ") ? "{" : "",
		    lines[i].line, strstr(lines[i].line, ", ") ? "}" : "");
		l = load(yaml);
		bool hidden = false;

		for (uint32_t j = 0; j < l.report.count; j++)
			hidden |= l.report.message[j].line == 2 && l.report.message[j].hide;
		check(l.report.errors > 0 && hidden == lines[i].hide, "%s: %s", lines[i].why,
		    lines[i].hide ? "hidden" : "shown");
		unload(&l);
	}
}

static void
reference(void)
{
	const char *path = "doc/reference/configuration.md";
	struct text t;

	text_init(&t, got_room, sizeof got_room);
	conf_reference(&t);
	check(!text_overflowed(&t), "the reference fits");
	if (getenv("BLESS") != NULL)
		file_write(path, text_slice(&t));
	check_slice(text_slice(&t), slice_of(want_room, file_read(path, want_room, sizeof
	    want_room)), "%s is what the tables say", path);
}

int
main(void)
{
	unsetenv("HTTPS_PROXY");
	unsetenv("https_proxy");
	unsetenv("NO_PROXY");
	unsetenv("no_proxy");
	unsetenv("CONF_TEST_UNSET");
	setenv("CONF_TEST_KEY", "canary-of-the-environment-1", 1);
	setenv("CONF_TEST_OTHER", "canary-of-the-environment-2", 1);
	setenv("CONF_TEST_SPACE", "canary with spaces", 1);
	setenv("CONF_TEST_EMPTY", "", 1);
	setenv("CONF_TEST_SHORT", "canary", 1);
	setenv("CONF_TEST_LIST", "77777777777777777777777777777777"
	    "77777777777777777777777777777777", 1);
	setenv("OPENAI_API_KEY", "canary-of-the-environment-3", 1);
	setenv("HELPDESK_KEY", "canary-of-the-environment-4", 1);
	golden_all();
	limits_are_one_list();
	printed_is_equal("example/hybrid.yaml", false);
	printed_is_equal("example/minimal.yaml", false);
	printed_is_equal("example/simulated.yaml", false);
	for (size_t i = 0; i < COUNT_OF(examples); i++)
		printed_is_equal(examples[i], true);
	printed_is_equal(GOLDEN "/everything.yaml", false);
	printed_is_equal(GOLDEN "/packs.yaml", false);
	cases_all();
	origins_all();
	pools();
	pool_of_files();
	proxies_all();
	files_all();
	options_all();
	too_much();
	lines_all();
	reference();
	return check_done();
}
