/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

#include <stdlib.h>

#include "core/limit.h"
#include "gate/request.h"
#include "run/fiber.h"

static void serve(struct exchange *);

static void
name_types(struct gate *g, const struct snapshot *s)
{
	for (unsigned i = 0; i < OWN_COUNT; i++)
		metric_own_name(&g->metric, (enum detect_type)(TYPE_OWN + i),
		    s->rules->own[i].name);
}

static enum err
open_parts(struct gate *g, const struct gate_parts *p)
{
	const struct snapshot *snapshot = p->snapshot;
	enum err e;

	g->loop = p->loop;
	g->memory = p->memory;
	g->conversations = p->conversations;
	g->admit = p->admit;
	g->book = p->book;
	desk_init(&g->desk, p->trust);
	g->ceilings = p->ceilings;
	g->tells_book = p->tells_book;
	g->registry = p->registry;
	if (g->registry != NULL && !registry_mac(g->registry, &g->mac))
		return ERR_MEMORY;
	kernel_random(g->random, sizeof g->random);
	metric_init(&g->metric);
	name_types(g, snapshot);
	fleet_init(&g->fleet, &g->metric, p->admit->turns);
	if ((e = fleet_bind(&g->fleet, p->snapshot)) != ERR_OK)
		return e;
	g->pool.loop = p->loop;
	g->pool.memory = p->memory;
	g->pool.dns = p->dns;
	g->pool.scratch = p->scratch;
	pool_init(&g->pool);
	kernel_random(&g->pool.pass_key, sizeof g->pool.pass_key);
	if ((e = log_open(&g->log, p->loop, p->log, p->log_owned)) != ERR_OK)
		return e;
	g->server = (struct server){
		.loop = p->loop,
		.memory = p->memory,
		.tls = snapshot->listen.tls,
		.serve = serve,
		.refuse = gate_refuse,
		.owner = g,
		.limits = {
			.header_wait = snapshot->header_wait,
			.idle_wait = CLIENT_IDLE_MS * NANOS_PER_MS,
			.body_bytes_max = snapshot->body_bytes_max,
			.connections_max = p->connections_max,
		},
	};
	return server_open(&g->server, p->listener);
}

enum err
gate_open(struct gate *g, const struct gate_parts *p)
{
	memset(g, 0, sizeof *g);
	return open_parts(g, p);
}

enum err
gate_reload(struct gate *g, struct snapshot *snapshot)
{
	enum err e = fleet_bind(&g->fleet, snapshot);

	if (e != ERR_OK)
		return e;
	g->server.limits.header_wait = snapshot->header_wait;
	g->server.limits.body_bytes_max = snapshot->body_bytes_max;
	g->server.tls = snapshot->listen.tls;
	name_types(g, snapshot);
	return ERR_OK;
}

void
gate_drain(struct gate *g)
{
	server_drain(&g->server);
}

bool
gate_is_idle(const struct gate *g)
{
	return g->in_flight == 0 && server_is_empty(&g->server) && !g->log.busy;
}

void
gate_cancel(struct gate *g)
{
	g->cancelled = true;
	server_cancel(&g->server);
}

void
gate_close(struct gate *g)
{
	must(g->in_flight == 0);
	mac_release(&g->mac);
	server_close(&g->server);
	pool_release(&g->pool);
	log_close(&g->log);
	fleet_release(&g->fleet);
	desk_release(&g->desk);
	metric_release(&g->metric);
	free(g->line.ptr);
}

static void
tell_book(struct gate *g)
{
	struct book_sight sight;

	book_look(g->book, &sight);
	g->metric.entries = sight.entries;
	g->metric.ledger_batches = sight.batches;
	g->metric.ledger_failures = sight.failures;
	g->metric.ledger_lost = sight.lost;
	g->metric.ledger_waiting = sight.waiting_bytes;
	g->metric.ledger_spooled = sight.spooled_bytes;
	g->metric.ledger_failing = sight.failing;
}

enum err
gate_metrics(struct gate *g, struct metric *sum)
{
	g->metric.connections = g->server.connections;
	g->metric.shed = g->server.shed;
	g->metric.in_flight = g->in_flight;
	g->metric.waiting = g->waiting;
	g->metric.forgotten += rates_forgotten(g->admit->rates);
	g->metric.accepted = g->server.accepted;
	g->metric.opened = g->pool.opened;
	g->metric.reused = g->pool.reused;
	g->metric.slow_turns = g->loop->slow_turns;
	g->metric.log_lines = g->log.lines;
	g->metric.log_dropped = g->log.dropped;
	g->metric.log_failed = g->log.failed;
	if (g->book != NULL && g->tells_book)
		tell_book(g);
	return metric_add(sum, &g->metric);
}

void
gate_put_requests(struct gate *g, struct text *t)
{
	nanos now = kernel_now();

	for (const struct request *r = g->requests; r != NULL; r = r->older) {
		struct text before = *t;

		text_put(t, t->len > 1 ? S(",\n{\"id\":\"") : S("\n{\"id\":\""));
		text_put(t, slice_of(r->record.id, sizeof r->record.id));
		text_put(t, S("\",\"step\":"));
		text_put_json(t, slice_of(r->record.step, strlen(r->record.step)));
		text_put(t, S(",\"caller\":"));
		text_put_json(t, r->record.caller);
		text_put(t, S(",\"model_asked\":"));
		text_put_json(t, r->record.model_asked);
		text_put(t, S(",\"model\":"));
		text_put_json(t, r->record.model);
		text_put(t, S(",\"age_ms\":"));
		text_put_number(t, (uint64_t)(now - r->record.began) / 1000000);
		text_put(t, S(",\"attempts\":"));
		text_put_number(t, r->record.attempt_count);
		text_put(t, S(",\"events\":"));
		text_put_number(t, r->stream.events);
		text_put(t, S(",\"arena_bytes\":"));
		text_put_number(t, r->arena.bytes + r->work.bytes);
		text_put_char(t, '}');
		if (text_overflowed(t)) {
			/* The page is full: it ends before this one. */
			*t = before;
			return;
		}
	}
}

/* xoroshiro128+ (Blackman and Vigna, 2018): good enough for names that need not be secret. */
static uint64_t
next_random(struct gate *g)
{
	uint64_t a = g->random[0], b = g->random[1], sum = a + b;

	b ^= a;
	g->random[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
	g->random[1] = b << 37 | b >> 27;
	return sum;
}

/* A ULID: sorted by time, and never the same twice. */
static void
make_id(struct gate *g, nanos wall, char *id)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t ms = (uint64_t)(wall / NANOS_PER_MS), high = next_random(g), low = next_random(g);

	for (int i = 9; i >= 0; i--, ms >>= 5)
		id[i] = alphabet[ms & 31];
	for (int i = 17; i >= 10; i--, high >>= 5)
		id[i] = alphabet[high & 31];
	for (int i = 25; i >= 18; i--, low >>= 5)
		id[i] = alphabet[low & 31];
}

/* The wall clock at a time of the loop: asked once a second, for it hardly ever jumps. */
static nanos
wall_of(struct gate *g, nanos at)
{
	if (g->loop->now >= g->wall_until) {
		g->wall_ahead = kernel_wall() - kernel_now();
		g->wall_until = g->loop->now + NANOS_PER_S;
	}
	return at + g->wall_ahead;
}

nanos
gate_wall(struct gate *g)
{
	return wall_of(g, g->loop->now);
}

static struct request *
request_new(struct gate *g, struct exchange *x)
{
	struct arena arena;
	struct request *r;

	arena_init(&arena, &g->memory->memory, REQUEST_ARENA_MAX);
	r = arena_zero(&arena, sizeof *r);
	if (r == NULL) {
		arena_release(&arena);
		return NULL;
	}
	r->arena = arena;
	arena_init(&r->work, &g->memory->memory, REQUEST_ARENA_MAX);
	arena_init(&r->event, &g->memory->memory, EVENT_ARENA_MAX);
	r->x = x;
	r->fiber = x->fiber;
	r->gate = g;
	r->binding = fleet_hold(&g->fleet);
	r->snapshot = r->binding->snapshot;
	r->deadline = x->began + r->snapshot->request_wait;
	r->facts.label = LABEL_PUBLIC;
	r->admission.rates = g->admit->rates;
	r->record.began = x->began;
	r->record.began_wall = wall_of(g, x->began);
	r->record.policy = slice_of(r->snapshot->hash, sizeof r->snapshot->hash - 1);
	r->record.client = exchange_peer_name(x);
	r->record.level = r->snapshot->level[0];
	r->record.step = "begin";
	make_id(g, r->record.began_wall, r->record.id);
	lane_init(&r->lane, x->fiber, &g->pool);
	stream_init(&r->stream, g->memory, false, g->loop->wide);
	r->older = g->requests;
	if (r->older != NULL)
		r->older->newer = r;
	g->requests = r;
	g->in_flight++;
	return r;
}

static void
request_free(struct request *r)
{
	struct gate *g = r->gate;
	struct arena arena = r->arena;

	if (r->newer != NULL)
		r->newer->older = r->older;
	else
		g->requests = r->older;
	if (r->older != NULL)
		r->older->newer = r->newer;
	g->in_flight--;
	lane_close(&r->lane, false);
	stream_release(&r->stream);
	unmask_release(r->unmask);
	taint_release(r->taint);
	arena_release(&r->event);
	arena_release(&r->work);
	binding_drop(r->binding);
	/* The request lies in its own arena. */
	arena_release(&arena);
}

static void
serve(struct exchange *x)
{
	struct gate *g = x->server->owner;
	struct request *r = request_new(g, x);

	if (r == NULL) {
		x->close = true;
		return;
	}
	(void)request_serve(r);
	request_free(r);
}

/* A request that never was one: it is answered and recorded all the same. */
void
gate_refuse(struct exchange *x, enum err e)
{
	struct gate *g = x->server->owner;
	struct request *r = request_new(g, x);

	if (r == NULL)
		return;
	request_refuse(r, e);
	request_free(r);
}
