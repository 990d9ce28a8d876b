/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/scene.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/load.h"
#include "core/limit.h"
#include "run/fiber.h"
#include "sim/file.h"
#include "sim/script.h"
#include "sim/shelf.h"

#define YAML_ROOM	32768

void
scene_weather(struct world *w, struct dice *d, bool calm)
{
	struct weather *weather = &w->weather;

	*weather = (struct weather){
		.latency_low = 5 * NANOS_PER_US,
		.latency_high = (nanos)dice_wide(d, 10, 50000) * NANOS_PER_US,
		.room_low = dice_percent(d, 50) ? 1024 : 16384,
		.room_high = dice_percent(d, 60) ? 16384 : 262144,
		.segments = 1,
		.descriptors_max = 100000,
	};
	if (calm)
		return;
	weather->segments = (unsigned)dice_wide(d, 1, 20);
	weather->spurious = (unsigned)dice_wide(d, 0, 300);
	weather->slow_turns = dice_percent(d, 40) ? (unsigned)dice_wide(d, 0, 300) : 0;
	weather->small_batches = dice_percent(d, 30) ? 300 : 0;
	if (dice_percent(d, 30)) {
		weather->accept_fails = (unsigned)dice_wide(d, 0, 300);
		weather->accept_aborts = (unsigned)dice_wide(d, 0, 200);
		weather->connect_fails = (unsigned)dice_wide(d, 0, 200);
		weather->watch_fails = (unsigned)dice_wide(d, 0, 100);
	}
	if (dice_percent(d, 20))
		weather->blackouts = (unsigned)dice_wide(d, 0, 50);
	if (dice_percent(d, 30))
		weather->file_short = 500;
	if (dice_percent(d, 25))
		weather->sync_fails = (unsigned)dice_between(d, 50, 500);
}

/* ---- providers ---- */

static struct address
v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	struct address address = { .ip = { [10] = 0xff, 0xff, a, b, c, d } };

	return address;
}

/* A name that says now this and now that. */
static void
make_name(struct scene *s, struct provider *p, bool steady)
{
	struct name *n = name_new(s->world, p->host);

	n->rows = steady ? 1 : (int)dice_between(&s->dice, 1, NAME_ROWS);
	for (int i = 0; i < n->rows; i++) {
		uint64_t what = steady ? 100 : dice_below(&s->dice, 100);

		n->row[i].count = 1;
		n->row[i].address[0] = p->address;
		if (what < 10) {
			n->row[i].error = -ENOENT;
		} else if (what < 20) {
			n->row[i].error = -EAGAIN;
		} else if (what < 35) {
			/* Rebound: the metadata service of a cloud. */
			n->row[i].address[0] = v4(169, 254, 169, 254);
		} else if (what < 50) {
			n->row[i].count = 2;
			n->row[i].address[1] = p->address;
			n->row[i].address[0] = v4(127, 0, 0, 1);
		}
	}
}

static void
provider_open(struct scene *s, int index)
{
	struct provider *p = &s->provider[index];
	struct dice *d = &s->dice;
	uint64_t place = dice_below(d, 100);
	uint8_t last = (uint8_t)(index + 1);
	char why[256];
	int fd;

	p->zone = index < s->zones ? index : (int)dice_below(d, (uint64_t)s->zones);
	p->is_public = p->zone % 2 == 1;
	p->is_up = s->calm || place >= 10;
	p->address = p->is_public ? v4(93, 184, 216, last) : v4(10, 1, 0, last);
	if (!p->is_up && place < 4)
		p->address = v4(10, 66, 0, last);
	p->address.port = (uint16_t)(9000 + index);
	if (dice_percent(d, 40)) {
		snprintf(p->host, sizeof p->host, "p%d.sim", index);
		p->steady = s->calm || dice_percent(d, 60);
		make_name(s, p, p->steady);
	} else {
		p->steady = true;
		snprintf(p->host, sizeof p->host, "%u.%u.%u.%u", p->address.ip[12],
		    p->address.ip[13], p->address.ip[14], p->address.ip[15]);
	}
	if (!p->is_public)
		snprintf(p->key, sizeof p->key, "vendor-secret-%d", index);
	memory_init(&p->memory);
	must(fake_init(&p->fake, &p->memory, s->world->seed) == ERR_OK);
	if (!s->calm) {
		char *text = world_alloc(s->world, SCRIPT_ROOM + SCRIPT_HUGE);
		size_t bytes = script_write(d, text);

		world_say(s->world, "provider %d, zone z%d, %s:%d%s: %.*s", index, p->zone, p->host,
		    p->address.port, p->is_up ? "" : " (down)",
		    (int)(bytes < SCRIPT_ROOM ? bytes : SCRIPT_ROOM), text);
		if (fake_script(&p->fake, slice_of(text, bytes), why, sizeof why) != ERR_OK) {
			printf("script: %s\n%.*s\n", why, (int)bytes, text);
			abort();
		}
	}
	p->server = (struct server){
		.loop = s->loop,
		.memory = &p->memory,
		.serve = fake_serve,
		.refuse = fake_refuse,
		.owner = &p->fake,
		.limits = {
			.header_wait = HEADER_WAIT_MS * NANOS_PER_MS,
			.idle_wait = (nanos)dice_wide(d, 200, CLIENT_IDLE_MS) * NANOS_PER_MS,
			.body_bytes_max = REQUEST_BYTES_MAX,
			.connections_max = CLIENT_CONNECTIONS_MAX,
		},
	};
	if (!p->is_up)
		return;
	fd = kernel_listen(&p->address, false);
	must(fd >= 0 && server_open(&p->server, fd) == ERR_OK);
}

void
scene_open(struct scene *s, struct world *w, struct loop *loop, bool calm)
{
	*s = (struct scene){ .world = w, .loop = loop, .calm = calm };
	s->dice = dice_of(w->seed, "scene");
	s->rush = dice_percent(&s->dice, 15);
	s->zones = (int)dice_between(&s->dice, 1, SCENE_ZONES);
	s->providers = (int)dice_between(&s->dice, 1, SCENE_PROVIDERS);
	if (s->zones > s->providers)
		s->zones = s->providers;
	s->models = (int)dice_between(&s->dice, (uint64_t)s->providers, SCENE_MODELS);
	for (int i = 0; i < s->providers; i++)
		provider_open(s, i);
	kernel_random(&s->hash_key, sizeof s->hash_key);
}

void
scene_drain(struct scene *s)
{
	for (int i = 0; i < s->providers; i++)
		if (s->provider[i].is_up) {
			server_drain(&s->provider[i].server);
			server_cancel(&s->provider[i].server);
		}
}

bool
scene_is_idle(const struct scene *s)
{
	for (int i = 0; i < s->providers; i++)
		if (s->provider[i].is_up && !server_is_empty(&s->provider[i].server))
			return false;
	return true;
}

void
scene_close(struct scene *s)
{
	for (int i = 0; i < s->providers; i++) {
		struct provider *p = &s->provider[i];

		if (p->is_up)
			server_close(&p->server);
		fake_release(&p->fake);
		memory_release(&p->memory);
	}
}

/* ---- versions of the configuration ---- */

static void
choose_model(struct scene *s, struct cast *c, int m)
{
	struct dice *d = &s->dice;

	c->there = m == 0 || dice_percent(d, 90);
	c->provider = m < s->providers ? m : (int)dice_below(d, (uint64_t)s->providers);
	c->zone = s->provider[c->provider].zone;
	c->concurrency = dice_percent(d, 20) ? (unsigned)dice_between(d, 1, 3) : 0;
	c->requests = dice_percent(d, 15) ? (unsigned)dice_between(d, 1, 20) : 0;
	c->tokens = dice_percent(d, 10) ? (unsigned)dice_between(d, 1000, 20000) : 0;
	c->priced = dice_percent(d, 70);
	c->price_in = dice_below(d, 2000) * 10000;
	c->price_out = dice_below(d, 90) * 1000000;
	snprintf(c->id, sizeof c->id, dice_percent(d, 50) ? "m%d" : "vendor/model-%d", m);
}

/* What names a model names one that is there. */
static void
forget_models(struct version *v)
{
	for (int w = 0; w < v->law.workloads; w++)
		for (int m = 0; m < SCENE_MODELS; m++)
			v->law.workload[w].model[m] &= v->model[m].there;
}

/* A book is there for work that is done, and that waits for it. */
static void
choose_for_book(struct scene *s, struct law *l)
{
	if (!s->books)
		return;
	if (dice_percent(&s->dice, 60))
		law_loosen(l, s->zones);
	for (int w = 0; w < l->workloads; w++)
		l->workload[w].durable |= dice_percent(&s->dice, 60);
}

static void
choose(struct scene *s, struct version *v)
{
	struct dice *d = &s->dice;

	*v = (struct version){ .hash = "" };
	law_throw(&v->law, d, s->zones, s->models, kernel_wall() / NANOS_PER_S);
	for (int m = 0; m < s->models; m++) {
		choose_model(s, &v->model[m], m);
		if (dice_percent(d, 50))
			v->law.model[m].context = dice_between(d, 1000, 100000);
	}
	choose_for_book(s, &v->law);
	forget_models(v);
	for (int g = 0; g < SCENE_GROUPS; g++)
		for (int m = 0; m < s->models; m++)
			if (v->model[m].there && (m == 0 || dice_percent(d, 60)))
				v->group[g] |= 1u << m;
	v->keyed = dice_percent(d, 50);
	for (int c = 0; c < SCENE_CALLERS; c++)
		for (int m = 0; m < s->models; m++)
			if (v->model[m].there && (m == 0 || c == 0 || dice_percent(d, 60)))
				v->caller[c] |= 1u << m;
	for (int c = 0; c < SCENE_CALLERS; c++)
		v->requests[c] = dice_percent(d, 15) ? (unsigned)dice_between(d, 1, 12) : 0;
	v->body_bytes_max = dice_percent(d, 30) ? dice_wide(d, 1024, 60000) : 2000000;
	v->request_wait =
	    (nanos)(dice_percent(d, 20) ? dice_wide(d, 50, 5000) : 600000) * NANOS_PER_MS;
	v->header_wait =
	    (nanos)(dice_percent(d, 20) ? dice_wide(d, 50, 5000) : 30000) * NANOS_PER_MS;
}

/* The version before, but stricter. */
static void
tighten(struct scene *s, struct version *v)
{
	struct dice *d = &s->dice;
	int caller = (int)dice_below(d, SCENE_CALLERS);

	*v = v[-1];
	law_tighten(&v->law, d, s->zones, s->models, kernel_wall() / NANOS_PER_S);
	forget_models(v);
	/* A model less for one of the callers; one must be left.  A need must not hide that. */
	for (int m = s->models - 1; m > 0 && dice_percent(d, 60); m--) {
		v->caller[caller] &= ~(1u << m) | 1u;
		if (dice_percent(d, 50))
			v->law.model[m].context = 1;
	}
}

static void
put_set(struct text *t, uint32_t set)
{
	law_put(t, "[");
	for (int m = 0, n = 0; m < SCENE_MODELS; m++)
		if ((set >> m & 1) != 0)
			law_put(t, "%sm%d", n++ > 0 ? ", " : "", m);
	law_put(t, "]");
}

static void
put_limits(struct text *t, const struct cast *c)
{
	if (c->concurrency + c->requests + c->tokens > 0)
		law_put(t, "    limits:\n");
	if (c->concurrency > 0)
		law_put(t, "      concurrency: %u\n", c->concurrency);
	if (c->requests > 0)
		law_put(t, "      requests_per_minute: %u\n", c->requests);
	if (c->tokens > 0)
		law_put(t, "      output_tokens_per_minute: %u\n", c->tokens);
}

static void
put_model(struct text *t, struct scene *s, const struct version *v, int m)
{
	const struct provider *p = &s->provider[v->model[m].provider];
	struct dice *d = &s->dice;

	law_put(t, "  m%d:\n    vendor: openai_compatible\n    zone: z%d\n", m,
	    v->model[m].zone);
	law_put(t, "    url: \"http://%s:%d\"\n", p->host, p->address.port);
	if (v->model[m].id[0] == 'v')
		law_put(t, "    id: \"%s\"\n", v->model[m].id);
	if (p->key[0] != '\0')
		law_put(t, "    key: env:SIM_VENDOR_%d\n", v->model[m].provider);
	put_limits(t, &v->model[m]);
	if (v->model[m].priced)
		law_put(t, "    price: {input_usd_per_million: %d.%02d, "
		    "output_usd_per_million: %d}\n",
		    (int)(v->model[m].price_in / 1000000),
		    (int)(v->model[m].price_in / 10000 % 100),
		    (int)(v->model[m].price_out / 1000000));
	law_put_model(t, &v->law, m);
	if (dice_percent(d, 30))
		law_put(t, "    first_byte_ms: %d\n", (int)dice_wide(d, 50, 20000));
	if (dice_percent(d, 30))
		law_put(t, "    stall_ms: %d\n", (int)dice_wide(d, 50, 20000));
}

static void
put_version(struct text *t, struct scene *s, const struct version *v)
{
	static const char *const prefer[] = { "order", "cost", "latency" };
	struct dice *d = &s->dice;

	law_put(t, "log: {file: %s}\nlimits: {request_bytes: %llu, request_ms: %lld, "
	    "header_ms: %lld}\n", v->law.rich ? "sim.log" : "none",
	    (unsigned long long)v->body_bytes_max, (long long)(v->request_wait / NANOS_PER_MS),
	    (long long)(v->header_wait / NANOS_PER_MS));
	if (s->books) {
		law_put(t, "data: %s\n", SHELF_FOLDER);
		purses_put(t, &s->purses);
	}
	law_put_places(t, &v->law, s->zones);
	law_put_detection(t, &v->law);
	law_put(t, "models:\n");
	for (int m = 0; m < s->models; m++)
		if (v->model[m].there)
			put_model(t, s, v, m);
	law_put(t, "groups:\n");
	for (int g = 0; g < SCENE_GROUPS; g++) {
		law_put(t, "  g%d: {models: ", g);
		put_set(t, v->group[g]);
		law_put(t, ", prefer: %s}\n", prefer[dice_below(d, 3)]);
	}
	law_put(t, "auto: {prefer: %s}\n", prefer[dice_below(d, 3)]);
	law_put_workloads(t, &v->law);
	for (int c = 0, n = 0; c < SCENE_CALLERS && v->keyed; c++) {
		if (!v->law.caller[c].there)
			continue;
		law_put(t, "%s  - {id: caller-%d, secret: env:SIM_%s_%d, tenant: t%d, models: ",
		    n++ == 0 ? "keys:\n" : "", c, v->law.caller[c].turned ? "TURNED" : "CALLER",
		    c, c);
		put_set(t, v->caller[c]);
		law_put_caller(t, &v->law, c);
		if (s->books)
			purses_put_key(t, &s->purses, c);
		if (v->requests[c] > 0)
			law_put(t, ", limits: {requests_per_minute: %u, concurrency: %u}",
			    v->requests[c], v->requests[c]);
		law_put(t, "}\n");
	}
}

static void
complain(const struct report *report, const struct text *yaml)
{
	char room[1024];
	struct text t;

	for (uint32_t i = 0; i < report->count; i++) {
		text_init(&t, room, sizeof room);
		report_put(report, i, &t);
		printf("%.*s", (int)t.len, t.ptr);
	}
	printf("%.*s", (int)yaml->len, yaml->ptr);
	abort();
}

struct snapshot *
scene_version(struct scene *s)
{
	struct conf_options options = { .hash_key = &s->hash_key, .workers = 1 };
	struct report report;
	struct snapshot *snapshot = NULL;
	struct version *v;
	struct text yaml;
	enum err e;

	if (s->versions == SCENE_VERSIONS)
		return NULL;
	v = &s->version[s->versions];
	if (s->versions > 0 && dice_percent(&s->dice, 60))
		tighten(s, v);
	else
		choose(s, v);
	text_init(&yaml, world_alloc(s->world, YAML_ROOM), YAML_ROOM);
	put_version(&yaml, s, v);
	world_say(s->world, "configuration:\n%.*s", (int)yaml.len, yaml.ptr);
	report_init(&report, S("scene"));
	e = conf_load(text_slice(&yaml), &options, &report, &snapshot);
	if (e == ERR_CONF)
		complain(&report, &yaml);
	report_release(&report);
	if (e != ERR_OK)
		return NULL;
	memcpy(v->hash, snapshot->hash, sizeof v->hash);
	v->since = s->versions == 0 ? 0 : UINT64_MAX;
	s->versions++;
	return snapshot;
}

const struct version *
scene_find(const struct scene *s, struct slice hash)
{
	for (int i = 0; i < s->versions; i++)
		if (slice_eq(slice_of(s->version[i].hash, strlen(s->version[i].hash)), hash))
			return &s->version[i];
	return NULL;
}

const struct version *
scene_newest(const struct scene *s, uint64_t call)
{
	const struct version *newest = &s->version[0];

	for (int i = 0; i < s->versions; i++)
		if (s->version[i].since <= call)
			newest = &s->version[i];
	return newest;
}

int
scene_index(struct slice name, char first, int count)
{
	if (name.len != 2 || name.ptr[0] != first || name.ptr[1] < '0' ||
	    name.ptr[1] >= '0' + count)
		return -1;
	return name.ptr[1] - '0';
}
