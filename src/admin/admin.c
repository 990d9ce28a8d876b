/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin.h"

#include <stdlib.h>

#include "admin/budgets.h"
#include "admin/call.h"
#include "core/limit.h"
#include "core/text.h"
#include "gate/gate.h"
#include "run/ask.h"
#include "run/fiber.h"
#include "watch/prometheus.h"

#define DEBUG_PAGE_BYTES	(4 << 20)
#define CONNECTIONS_MAX		256
#define BUDGETS_ARENA_MAX	(16 << 20)

struct page {
	struct slice	 path;
	enum err	(*show)(struct exchange *);
};

#define PAGE(path, name, what)	static enum err page_##name(struct exchange *);
#include "admin/page.tbl"
#undef PAGE

static const struct page pages[] = {
#define PAGE(path, name, what)	{ { path, sizeof(path) - 1 }, page_##name },
#include "admin/page.tbl"
#undef PAGE
};

static const char no_page[] = "there is no such page; there are:\n"
#define PAGE(path, name, what)	"  " path "  " what "\n"
#include "admin/page.tbl"
#undef PAGE
;

static enum err
reply(struct exchange *x, int status, struct slice body)
{
	return exchange_reply(x, status, S("Content-Type: text/plain; charset=utf-8\r\n"), body);
}

static void
serve(struct exchange *x)
{
	struct slice path = slice_cut(x->head.target, 0, slice_find(x->head.target, S("?")));
	enum err e = ERR_PATH_UNKNOWN;

	if (call_is_api(x->head.target)) {
		call_serve(x, x->server->owner);
		return;
	}
	if (!slice_eq(x->head.method, S("GET")) && !x->to_head) {
		e = exchange_reply(x, 405, S("Content-Type: text/plain\r\nAllow: GET, HEAD\r\n"),
		    S("these pages are only read\n"));
		x->close = x->close || e != ERR_OK;
		return;
	}
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		if (slice_eq(path, pages[i].path))
			e = pages[i].show(x);
	if (e == ERR_PATH_UNKNOWN)
		e = reply(x, 404, slice_of(no_page, sizeof no_page - 1));
	if (e != ERR_OK)
		x->close = true;
}

static enum err
page_healthz(struct exchange *x)
{
	return reply(x, 200, S("ok\n"));
}

static enum err
page_readyz(struct exchange *x)
{
	struct admin *a = x->server->owner;

	if (a->worker[0].gate->server.draining)
		return reply(x, 503, S("draining\n"));
	return reply(x, 200, S("ok\n"));
}

struct sum {
	struct gate	*gate;
	struct metric	*metric;
	enum err	 err;
};

static void
add_metrics(void *arg)
{
	struct sum *sum = arg;

	sum->err = gate_metrics(sum->gate, sum->metric);
}

/* Those of budgets are of the newest configuration, and already text. */
static enum err
put_metrics(struct exchange *x, const struct metric *sum, struct slice budgets)
{
	const struct admin *a = x->server->owner;
	size_t bytes = prometheus_bytes(sum) + TRUST_METRICS_BYTES + budgets.len;
	char *room = malloc(bytes);
	struct text t;
	enum err e;

	if (room == NULL)
		return reply(x, 503, S("no memory for this page\n"));
	text_init(&t, room, bytes);
	text_put(&t, budgets);
	prometheus_put(&t, sum);
	trust_put_metrics(a->trust, &t);
	must(!text_overflowed(&t));
	e = exchange_reply(x, 200, S("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
	    text_slice(&t));
	free(room);
	return e;
}

static enum err
put_page(struct exchange *x, const struct metric *sum)
{
	struct admin *a = x->server->owner;
	struct binding *binding = fleet_hold(&a->worker[0].gate->fleet);
	struct slice budgets;
	struct arena arena;
	enum err e;

	arena_init(&arena, &a->memory->memory, BUDGETS_ARENA_MAX);
	e = budgets_metrics(a->ceilings, binding->snapshot, &arena, &budgets);
	binding_drop(binding);
	if (e == ERR_OK)
		e = put_metrics(x, sum, budgets);
	else
		e = reply(x, 503, S("no memory for this page\n"));
	arena_release(&arena);
	return e;
}

static enum err
page_metrics(struct exchange *x)
{
	struct admin *a = x->server->owner;
	struct metric *sum = malloc(sizeof *sum);
	enum err e = ERR_OK;

	if (sum == NULL)
		return reply(x, 503, S("no memory for this page\n"));
	metric_init(sum);
	for (uint32_t i = 0; i < a->worker_count && e == ERR_OK; i++) {
		struct sum part = { a->worker[i].gate, sum, ERR_OK };

		ask_loop(x->fiber, a->worker[i].loop, add_metrics, &part);
		e = part.err;
	}
	e = e == ERR_OK ? put_page(x, sum) : reply(x, 503, S("no memory for this page\n"));
	metric_release(sum);
	free(sum);
	return e;
}

/* A JSON array that every worker adds to. */
struct list {
	const struct admin_worker	*worker;
	uint32_t			 number;
	struct text			 text;
	nanos				 now;
};

static enum err
show_list(struct exchange *x, void (*add)(void *))
{
	struct admin *a = x->server->owner;
	char *room = malloc(DEBUG_PAGE_BYTES);
	struct list list;
	enum err e;

	if (room == NULL)
		return reply(x, 503, S("no memory for this page\n"));
	text_init(&list.text, room, DEBUG_PAGE_BYTES - 8);
	text_put_char(&list.text, '[');
	for (list.number = 0; list.number < a->worker_count; list.number++) {
		list.worker = &a->worker[list.number];
		ask_loop(x->fiber, list.worker->loop, add, &list);
	}
	list.text.cap = DEBUG_PAGE_BYTES;
	text_put(&list.text, S("\n]\n"));
	e = exchange_reply(x, 200, S("Content-Type: application/json\r\n"), text_slice(&list.text));
	free(room);
	return e;
}

static void
add_requests(void *arg)
{
	struct list *list = arg;

	gate_put_requests(list->worker->gate, &list->text);
}

static enum err
page_debug_requests(struct exchange *x)
{
	return show_list(x, add_requests);
}

static void
add_fiber(void *arg, const struct fiber_sight *sight)
{
	struct list *list = arg;
	struct text *t = &list->text, before = *t;

	text_put(t, t->len > 1 ? S(",\n{\"worker\":") : S("\n{\"worker\":"));
	text_put_number(t, list->number);
	text_put(t, S(",\"fiber\":"));
	text_put_number(t, sight->number);
	text_put(t, S(",\"name\":"));
	text_put_json(t, slice_of(sight->name, strlen(sight->name)));
	text_put(t, S(",\"age_ms\":"));
	text_put_signed(t, (list->now - sight->born) / NANOS_PER_MS);
	text_put(t, S(",\"deadline_ms\":"));
	if (sight->deadline == NANOS_NEVER)
		text_put(t, S("null"));
	else
		text_put_signed(t, (sight->deadline - list->now) / NANOS_PER_MS);
	text_put(t, S(",\"stack_bytes\":"));
	text_put_number(t, sight->stack_bytes);
	text_put(t, sight->cancelled ? S(",\"cancelled\":true}") : S(",\"cancelled\":false}"));
	if (text_overflowed(t))
		*t = before;
}

static void
add_fibers(void *arg)
{
	struct list *list = arg;

	list->now = kernel_now();
	fiber_each(list->worker->loop, add_fiber, list);
}

static enum err
page_debug_fibers(struct exchange *x)
{
	return show_list(x, add_fibers);
}

enum err
admin_open(struct admin *a, struct loop *loop, struct tls_context *tls, int fd)
{
	a->server = (struct server){
		.loop = loop,
		.memory = a->memory,
		.tls = tls,
		.serve = serve,
		.owner = a,
		.limits = {
			.header_wait = HEADER_WAIT_MS * NANOS_PER_MS,
			.idle_wait = CLIENT_IDLE_MS * NANOS_PER_MS,
			.body_bytes_max = API_BODY_BYTES_MAX,
			.connections_max = CONNECTIONS_MAX,
		},
	};
	return server_open(&a->server, fd);
}

void
admin_drain(struct admin *a)
{
	server_drain(&a->server);
}

void
admin_close(struct admin *a)
{
	server_close(&a->server);
}
