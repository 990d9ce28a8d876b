/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pure - what parsers and decisions cost, on one core, without a socket.
 *
 * The first table is the ordinary: the head of a request as an SDK sends it,
 * chat bodies of 1.5 and 16 KB, a stream of 100 events.  The second is the
 * hostile: texts made to be slow, at 1 KB, 64 KB and 1 MB; what each byte costs
 * must not grow with the length.  The third is the decision of the policy, for
 * policies of every size: a request must not pay for the workloads of others.
 * A figure is the best of several rounds, each of some milliseconds, so that a
 * noisy neighbour is not measured.
 *
 *	make bench-pure
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/must.h"
#include "core/sse.h"
#include "core/text.h"
#include "core/utf8.h"
#include "policy/verdict.h"
#include "wire/chunk.h"
#include "wire/http1.h"

#define ROUNDS		15
#define ROUND_NS	3000000
#define ROOM_BYTES	(4 << 20)
#define KEPT		32

_Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

/* Blocks that were given back are given out again, as the worker's pool does. */
struct pool {
	struct memory	memory;
	void		*block[KEPT];
	size_t		 bytes[KEPT];
};

static void *
pool_take(struct memory *m, size_t *bytes)
{
	struct pool *p = (struct pool *)m;

	for (unsigned i = 0; i < KEPT; i++) {
		if (p->block[i] != NULL && p->bytes[i] == *bytes) {
			void *block = p->block[i];

			p->block[i] = NULL;
			return block;
		}
	}
	return malloc(*bytes);
}

static void
pool_give(struct memory *m, void *block, size_t bytes)
{
	struct pool *p = (struct pool *)m;

	for (unsigned i = 0; i < KEPT; i++) {
		if (p->block[i] == NULL) {
			p->block[i] = block;
			p->bytes[i] = bytes;
			return;
		}
	}
	free(block);
}

/* One measured thing: what is done to which text. */
struct job {
	struct slice	 text;
	struct arena	 arena;
	uint64_t	 sink;		/* so that nothing is optimised away */
	struct office	*office;
};

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static double
measure(void (*run)(struct job *), struct job *job)
{
	double best = 1e18;
	uint64_t times = 1;

	for (unsigned round = 0; round < ROUNDS;) {
		uint64_t begin = now(), ns;

		for (uint64_t i = 0; i < times; i++)
			run(job);
		ns = now() - begin;
		if (ns < ROUND_NS && times < 1u << 24) {
			times *= 2;
			continue;
		}
		if ((double)ns / (double)times < best)
			best = (double)ns / (double)times;
		round++;
	}
	return best;
}

static void
run_head(struct job *job)
{
	struct http1_head head;

	job->sink += (uint64_t)http1_request(job->text, &head) + head.field_count;
}

static void
run_response(struct job *job)
{
	struct http1_head head;

	job->sink += (uint64_t)http1_response(job->text, false, &head) + head.field_count;
}

static void
run_end(struct job *job)
{
	size_t scanned = 0;

	job->sink += http1_end(job->text, &scanned);
}

static void
run_end_bytes(struct job *job)
{
	size_t scanned = 0;

	for (size_t i = 0; i <= job->text.len; i++)
		job->sink += http1_end(slice_of(job->text.ptr, i), &scanned);
}

static void
run_json(struct job *job)
{
	struct json_fault fault;
	struct json j = { .count = 0 };

	job->sink += (uint64_t)json_parse(&job->arena, job->text, JSON_DUPLICATES_REFUSED, &j,
	    &fault) + j.count;
	arena_reset(&job->arena);
}

static void
run_string(struct job *job)
{
	struct json_fault fault;
	struct json j;

	if (json_parse(&job->arena, job->text, JSON_DUPLICATES_REFUSED, &j, &fault) == ERR_OK)
		job->sink += json_string(&job->arena, &j, 0).len;
	arena_reset(&job->arena);
}

static void
run_utf8(struct job *job)
{
	job->sink += utf8_valid(job->text);
}

static void
run_scan(struct job *job)
{
	struct slice s = job->text;
	size_t scanned = 0, len;

	while ((len = sse_end(s, &scanned)) > 0) {
		job->sink += len;
		s = slice_cut(s, len, s.len);
	}
}

static void
run_read(struct job *job)
{
	struct slice s = job->text;
	size_t scanned = 0, len;

	while ((len = sse_end(s, &scanned)) > 0) {
		struct sse_event e = { .data_count = 0 };

		job->sink += (uint64_t)sse_read(slice_cut(s, 0, len), &e) + e.data.len;
		s = slice_cut(s, len, s.len);
	}
}

static void
run_scan_bytes(struct job *job)
{
	size_t scanned = 0;

	for (size_t i = 0; i <= job->text.len; i++)
		job->sink += sse_end(slice_of(job->text.ptr, i), &scanned);
}

static void
run_chunk(struct job *job)
{
	struct slice s = job->text, piece;
	struct chunk c;
	size_t n;

	chunk_init(&c);
	while ((n = chunk_feed(&c, s, &piece)) > 0) {
		job->sink += piece.len;
		s = slice_cut(s, n, s.len);
	}
}

/* ---- texts ------------------------------------------------------------- */

static const struct slice prose = {
	"The quick brown fox jumps over the lazy dog, and then it explains at some length why "
	"a gateway that forwards bytes should not touch those that it does not understand. ", 167
};

/* Prose of so many bytes; every `escape`-th byte, where asked for, an escaped newline. */
static void
put_prose(struct text *t, size_t bytes, size_t escape)
{
	for (size_t i = 0; i < bytes; i++) {
		if (escape > 0 && i % escape == escape - 1)
			text_put(t, S("\\n"));
		else
			text_put_char(t, prose.ptr[i % prose.len]);
	}
}

static void
put_chat(struct text *t, size_t bytes, size_t escape)
{
	text_put(t, S("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"system\","
	    "\"content\":\"You are a helpful assistant.\"},{\"role\":\"user\",\"content\":\""));
	put_prose(t, bytes, escape);
	text_put(t, S("\"}],\"temperature\":0.7,\"max_tokens\":512,\"stream\":true,"
	    "\"stream_options\":{\"include_usage\":true},\"user\":\"u-1234567890\"}"));
}

static void
put_repeated(struct text *t, struct slice what, size_t bytes)
{
	while (t->len + what.len <= bytes)
		text_put(t, what);
}

static void
put_tiny_messages(struct text *t, size_t bytes)
{
	text_put(t, S("{\"messages\":["));
	put_repeated(t, S("{\"role\":\"user\",\"content\":\"hello\"},"), bytes - 4);
	t->len--;
	text_put(t, S("]}"));
}

static void
put_numbers(struct text *t, size_t bytes)
{
	text_put_char(t, '[');
	for (uint64_t i = 1; t->len < bytes - 24; i++) {
		text_put(t, S("-0.0"));
		text_put_number(t, i * UINT64_C(2654435761) % 10000000000);
		text_put_char(t, ',');
	}
	t->len--;
	text_put_char(t, ']');
}

static void
put_names(struct text *t, size_t bytes)
{
	text_put_char(t, '{');
	for (uint64_t i = 0; t->len < bytes - 24; i++) {
		text_put_char(t, '"');
		text_put_hex(t, i * UINT64_C(0x9e3779b97f4a7c15) >> 32);
		text_put(t, S("\":0,"));
	}
	t->len--;
	text_put_char(t, '}');
}

/* Names that are alike but for their middle. */
static void
put_alike(struct text *t, size_t bytes)
{
	text_put_char(t, '{');
	for (uint64_t i = 0; t->len < bytes - 40; i++) {
		text_put(t, S("\"aaaaaaaa"));
		text_put_number(t, 10000000 + i);
		text_put(t, S("aaaaaaaa\":0,"));
	}
	t->len--;
	text_put_char(t, '}');
}

static void
put_small_objects(struct text *t, size_t bytes)
{
	text_put_char(t, '[');
	while (t->len < bytes - 260) {
		text_put_char(t, '{');
		for (unsigned i = 0; i < 32; i++) {
			text_put(t, i > 0 ? S(",\"") : S("\""));
			text_put_char(t, (char)('A' + i % 32 + (i > 25 ? 6 : 0)));
			text_put(t, S("\":0"));
		}
		text_put(t, S("},"));
	}
	t->len--;
	text_put_char(t, ']');
}

static void
put_events(struct text *t, unsigned count)
{
	while (count-- > 0)
		text_put(t, S("data: {\"id\":\"chatcmpl-123456789012345678901234\",\"object\":"
		    "\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-4o-mini\","
		    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" token\"},"
		    "\"finish_reason\":null}],\"usage\":null}\n\n"));
}

/* Payload in chunks of so many bytes. */
static void
put_chunks(struct text *t, size_t bytes, size_t each)
{
	for (size_t done = 0; done < bytes; done += each) {
		text_put_hex(t, each);
		text_put(t, S("\r\n"));
		put_prose(t, each, 0);
		text_put(t, S("\r\n"));
	}
	text_put(t, S("0\r\n\r\n"));
}

#define HEAD									\
	"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"	\
	"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"		\
	"Accept: application/json\r\nContent-Type: application/json\r\n"	\
	"User-Agent: OpenAI/Python 1.50.0\r\n"					\
	"Authorization: Bearer tv-0123456789abcdef0123456789abcdef\r\n"		\
	"Content-Length: 1500\r\n\r\n"
#define HEAD_LONG								\
	"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"	\
	"Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"		\
	"Accept: application/json\r\nContent-Type: application/json\r\n"	\
	"User-Agent: OpenAI/Python 1.50.0\r\nX-Stainless-Lang: python\r\n"	\
	"X-Stainless-Package-Version: 1.50.0\r\nX-Stainless-OS: Linux\r\n"	\
	"X-Stainless-Arch: x64\r\nX-Stainless-Runtime: CPython\r\n"		\
	"X-Stainless-Runtime-Version: 3.11.2\r\nX-Stainless-Async: false\r\n"	\
	"x-stainless-retry-count: 0\r\n"					\
	"Authorization: Bearer tv-0123456789abcdef0123456789abcdef\r\n"		\
	"Content-Length: 1500\r\n\r\n"
#define ANSWER									\
	"HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 11:12:13 GMT\r\n"		\
	"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"	\
	"Connection: keep-alive\r\nx-request-id: req_0123456789abcdef\r\n"	\
	"x-ratelimit-limit-requests: 10000\r\nServer: cloudflare\r\n\r\n"

/* ---- tables ------------------------------------------------------------ */

static void
ordinary(const char *name, void (*run)(struct job *), struct job *job)
{
	double ns = measure(run, job);

	printf("%-44s %8zu B %10.0f ns %8.2f ns/KB\n", name, job->text.len, ns,
	    ns * 1024 / (double)job->text.len);
}

static const struct {
	const char	*name;
	size_t		 bytes, escape;		/* an escape each so many bytes, or none */
	bool		 tiny;
} bodies[] = {
	{ "json_parse, chat", 1500, 0, false },
	{ "json_parse, chat with an escape each 60 B", 1500, 60, false },
	{ "json_parse, tiny messages", 1500, 0, true },
	{ "json_parse, chat", 16384, 0, false },
	{ "json_parse, chat with an escape each 60 B", 16384, 60, false },
	{ "json_parse, chat with an escape each 20 B", 16384, 20, false },
	{ "json_parse, tiny messages", 16384, 0, true },
};

static void
tell_ordinary(struct job *job, char *room)
{
	struct text t;

	job->text = S(HEAD);
	ordinary("http1_request, short head of an SDK", run_head, job);
	ordinary("http1_end of it", run_end, job);
	job->text = S(HEAD_LONG);
	ordinary("http1_request, long head of an SDK", run_head, job);
	job->text = S(ANSWER);
	ordinary("http1_response", run_response, job);
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		text_init(&t, room, ROOM_BYTES);
		if (bodies[i].tiny)
			put_tiny_messages(&t, bodies[i].bytes);
		else
			put_chat(&t, bodies[i].bytes - 300, bodies[i].escape);
		job->text = text_slice(&t);
		ordinary(bodies[i].name, run_json, job);
	}
	text_init(&t, room, ROOM_BYTES);
	put_numbers(&t, 16384);
	job->text = text_slice(&t);
	ordinary("json_parse, an embedding", run_json, job);
	text_init(&t, room, ROOM_BYTES);
	text_put_char(&t, '"');
	put_repeated(&t, S("\xe4\xb8\xad\xe6\x96\x87"), 16384);
	text_put_char(&t, '"');
	job->text = text_slice(&t);
	ordinary("json_parse, Chinese", run_json, job);
	ordinary("utf8_valid of it", run_utf8, job);
	text_init(&t, room, ROOM_BYTES);
	put_events(&t, 100);
	job->text = text_slice(&t);
	ordinary("sse_end, 100 events", run_scan, job);
	ordinary("sse_end and sse_read, 100 events", run_read, job);
	text_init(&t, room, ROOM_BYTES);
	put_chunks(&t, 22000, 220);
	job->text = text_slice(&t);
	ordinary("chunk_feed, 100 chunks", run_chunk, job);
}

struct hostile {
	const char	*name;
	void		 (*run)(struct job *);
	void		 (*put)(struct text *, size_t bytes);
};

static void
put_ones(struct text *t, size_t bytes)
{
	text_put_char(t, '[');
	put_repeated(t, S("1,"), bytes - 2);
	text_put(t, S("1]"));
}

static void
put_escapes(struct text *t, size_t bytes)
{
	text_put_char(t, '"');
	put_repeated(t, S("\\ud83d\\ude00"), bytes - 1);
	text_put_char(t, '"');
}

static void
put_quotes(struct text *t, size_t bytes)
{
	text_put_char(t, '"');
	put_repeated(t, S("a\\\""), bytes - 1);
	text_put_char(t, '"');
}

static void
put_mixed(struct text *t, size_t bytes)
{
	text_put_char(t, '"');
	put_repeated(t, S("a\xc3\xa9\xe4\xb8\xad b\xf0\x9f\x98\x80"), bytes - 1);
	text_put_char(t, '"');
}

static void
put_spaces(struct text *t, size_t bytes)
{
	text_put_char(t, '[');
	put_repeated(t, S(" \n"), bytes - 1);
	text_put_char(t, ']');
}

static void
put_empty(struct text *t, size_t bytes)
{
	text_put_char(t, '[');
	put_repeated(t, S("{},"), bytes - 3);
	text_put(t, S("{}]"));
}

static void
put_escaped_names(struct text *t, size_t bytes)
{
	text_put_char(t, '[');
	put_repeated(t, S("{\"\\u0061\":0,\"b\":0},"), bytes - 3);
	text_put(t, S("{}]"));
}

static void
put_lines(struct text *t, size_t bytes)
{
	put_repeated(t, S(":\n"), bytes);
}

static void
put_prose_line(struct text *t, size_t bytes)
{
	put_prose(t, bytes, 0);
}

static void
put_blank_events(struct text *t, size_t bytes)
{
	put_repeated(t, S("\n"), bytes);
}

static void
put_tiny_chunks(struct text *t, size_t bytes)
{
	put_repeated(t, S("1\r\na\r\n"), bytes);
}

static void
put_cr(struct text *t, size_t bytes)
{
	put_repeated(t, S("a\r\n"), bytes);
}

static const struct hostile hostile[] = {
	{ "json: [1,1,1,…", run_json, put_ones },
	{ "json: tiny messages", run_json, put_tiny_messages },
	{ "json: numbers", run_json, put_numbers },
	{ "json: escaped pairs", run_string, put_escapes },
	{ "json: escaped quotes", run_string, put_quotes },
	{ "json: characters of every length", run_json, put_mixed },
	{ "json: white space", run_json, put_spaces },
	{ "json: empty objects", run_json, put_empty },
	{ "json: one object of many names", run_json, put_names },
	{ "json: one object of names that are alike", run_json, put_alike },
	{ "json: objects of 32 names", run_json, put_small_objects },
	{ "json: small objects, names escaped", run_json, put_escaped_names },
	{ "sse: comment lines, never an end", run_scan_bytes, put_lines },
	{ "sse: one line, byte by byte", run_scan_bytes, put_prose_line },
	{ "sse: empty events", run_read, put_blank_events },
	{ "chunk: of one byte", run_chunk, put_tiny_chunks },
	{ "head: lines, byte by byte", run_end_bytes, put_cr },
};

static void
tell_hostile(struct job *job, char *room)
{
	static const size_t bytes[] = { 1 << 10, 64 << 10, 1 << 20 };

	printf("\n%-44s %12s %12s %12s\n", "ns for each byte, at", "1 KB", "64 KB", "1 MB");
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		printf("%-44s", hostile[i].name);
		for (size_t k = 0; k < 3; k++) {
			struct text t;

			text_init(&t, room, ROOM_BYTES);
			hostile[i].put(&t, bytes[k]);
			job->text = text_slice(&t);
			printf(" %12.2f", measure(hostile[i].run, job) / (double)t.len);
		}
		printf("\n");
	}
}

/* ---- decisions ---------------------------------------------------------- */

#define WORKLOADS	1000
#define MODELS		64
#define KINDS		16
#define ZONES		16

/* A policy of the largest size; smaller ones use its beginning. */
struct office {
	struct policy		 policy;
	struct label		 kind_label[KINDS];
	uint32_t		 kind_duties[KINDS];
	struct place		 place[ZONES];
	struct policy_model	 model[MODELS];
	struct workload		 workload[WORKLOADS];
	struct widening		 widening[WORKLOADS];
	struct bound		 bound;
	uint64_t		 some[1];
	struct facts		 facts;
	uint32_t		 asked[MODELS];
	struct live		 live[MODELS];
};

static void
office_places(struct office *o)
{
	for (uint32_t k = 0; k < KINDS; k++)
		o->kind_label[k] = (struct label){
			.kinds = UINT64_C(1) << k,
			.regions = k % 4 == 0 ? 0x0f : UINT64_MAX,
			.requires = k % 5,
			.level = k % 4,
		};
	for (uint32_t i = 0; i < ZONES; i++)
		o->place[i] = (struct place){
			.clearance = { 0xffff, 1u << i % 4, 7, i % 4 == 3 ? 1 : 3 },
			.offline = i % 2 == 0,
		};
	for (uint32_t i = 0; i < MODELS; i++) {
		o->model[i] = (struct policy_model){
			.place = i % ZONES,
			.capability = CAPABILITY_BASIC + i % 3,
			.features = UINT64_MAX,
			.context_tokens = 128000,
			.cost = INT64_C(1000000) + i * 7919 % 64 * 50000,
		};
		o->asked[i] = i;
		o->live[i].latency = NANOS_PER_MS * (100 + i * 31 % 64);
	}
}

static void
office_init(struct office *o)
{
	office_places(o);
	o->some[0] = UINT64_MAX;
	for (uint32_t i = 0; i < WORKLOADS; i++) {
		o->widening[i] = (struct widening){ i, 3, { 0xffff, 8, 7, 3 }, 1000, 0 };
		o->workload[i] = (struct workload){
			.floor = { .regions = UINT64_MAX, .level = i % 2 },
			.capability = CAPABILITY_BASIC,
			.latency_ms = 1000,
			.prefers = true,
			.prefer = { 5, 3, 2 },
			.models = o->some,
			.widening = &o->widening[i],
			.widening_count = 1,
		};
	}
	o->bound = (struct bound){ .ceiling = { UINT64_MAX, UINT64_MAX, UINT64_MAX, 3 },
		.models = o->some };
	o->policy = (struct policy){
		.kind_label = o->kind_label, .kind_duties = o->kind_duties, .kind_count = KINDS,
		.place = o->place, .place_count = ZONES,
		.here = { .clearance = { UINT64_MAX, 1, UINT64_MAX, 3 } },
		.model = o->model, .workload = o->workload,
		.bound = &o->bound, .bound_count = 1,
	};
	o->facts = (struct facts){
		.label = { .kinds = 0x22, .regions = UINT64_MAX, .level = 2 },
		.features = 1, .tokens = 4000, .now = 500, .model = o->asked, .live = o->live,
	};
}

/* Each decision is for another workload, as requests are. */
static void
run_decide(struct job *job)
{
	struct office *o = job->office;
	uint8_t reason[MODELS];
	struct verdict v;

	o->facts.workload = (o->facts.workload + 7919) % o->policy.workload_count;
	verdict_decide(&v, &o->policy, &o->facts, reason);
	job->sink += v.count + v.model[0];
}

static void
tell_decisions(struct job *job)
{
	static const uint32_t workloads[] = { 10, 100, 1000 }, models[] = { 4, 16, 64 };

	printf("\n%-44s %12s %12s %12s\n", "ns for a decision, models", "4", "16", "64");
	for (size_t i = 0; i < 3; i++) {
		printf("verdict_decide, %4u workloads%15s", workloads[i], "");
		for (size_t k = 0; k < 3; k++) {
			job->office->policy.workload_count = workloads[i];
			job->office->policy.model_count = models[k];
			job->office->facts.count = models[k];
			printf(" %12.0f", measure(run_decide, job));
		}
		printf("\n");
	}
}

int
main(void)
{
	struct office *office = calloc(1, sizeof *office);
	struct pool pool = { .memory = { pool_take, pool_give } };
	char *room = malloc(ROOM_BYTES);
	struct job job = { .sink = 0 };

	if (room == NULL || office == NULL)
		return 1;
	office_init(office);
	job.office = office;
	arena_init(&job.arena, &pool.memory, (size_t)1 << 30);
	tell_ordinary(&job, room);
	tell_hostile(&job, room);
	tell_decisions(&job);
	printf("\n(%llu)\n", (unsigned long long)job.sink % 10);
	free(room);
	free(office);
	return 0;
}
