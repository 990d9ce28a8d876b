/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/probe.h"

#include <errno.h>

#include "core/json.h"
#include "core/text.h"
#include "core/utf8.h"
#include "run/address.h"
#include "run/kernel.h"

/* HTTP/1.0, so that the answer is not chunked and ends with the connection. */
#define REQUEST									\
	"GET /v1/models HTTP/1.0\r\n"						\
	"Host: 127.0.0.1\r\n"							\
	"Accept: application/json\r\n"						\
	"\r\n"

/* What engines call the owner of their models, which tells them from each other. */
static const struct {
	struct slice	owner, vendor;
} owners[] = {
	{ { "vllm", 4 }, { "vllm", 4 } },
	{ { "sglang", 6 }, { "sglang", 6 } },
	{ { "llamacpp", 8 }, { "llama_cpp", 9 } },
	{ { "library", 7 }, { "ollama", 6 } },
	{ { "organization_owner", 18 }, { "lmstudio", 8 } },
};

static void
probe_close(struct probe *p)
{
	if (p->fd >= 0)
		kernel_close(p->fd);
	p->fd = -1;
}

static void
probe_open(struct probe *p, int poll)
{
	struct address address;

	p->fd = -1;
	p->model_count = 0;
	p->asked = p->more = p->empty = false;
	p->room = NULL;
	p->len = 0;
	if (!address_read(S("127.0.0.1"), p->port, &address))
		return;
	p->fd = kernel_connect(&address);
	if (p->fd >= 0 && kernel_poll_add(poll, p->fd, p) < 0)
		probe_close(p);
}

/* The value of a header field in a head, or absent; good enough for what is asked of it. */
static struct slice
field(struct slice head, struct slice name)
{
	while (head.len > 0) {
		size_t end = slice_find(head, S("\r\n"));
		struct slice line = slice_cut(head, 0, end);

		if (line.len > name.len && line.ptr[name.len] == ':' &&
		    slice_same_word(slice_cut(line, 0, name.len), name))
			return slice_trim(slice_cut(line, name.len + 1, line.len));
		head = slice_cut(head, end < head.len ? end + 2 : head.len, head.len);
	}
	return slice_of(NULL, 0);
}

/* Splits at the empty line; false while it is not there. */
static bool
split(struct slice answer, struct slice *head, struct slice *body)
{
	size_t end = slice_find(answer, S("\r\n\r\n"));

	if (end == answer.len)
		return false;
	*head = slice_cut(answer, 0, end + 2);
	*body = slice_cut(answer, end + 4, answer.len);
	return true;
}

/* True if what came is the whole answer, without waiting for the connection's end. */
static bool
is_whole(struct slice answer)
{
	struct slice head, body;
	uint64_t length;

	return split(answer, &head, &body) &&
	    slice_number(field(head, S("content-length")), &length) && body.len >= length;
}

static bool
is_answer(struct slice head)
{
	return head.len > 12 && slice_starts(head, S("HTTP/1.")) &&
	    slice_eq(slice_cut(head, 8, 12), S(" 200")) &&
	    field(head, S("x-trivium-id")).ptr == NULL;
}

static void
probe_vendor(struct probe *p, const struct json *json, uint32_t model)
{
	uint32_t owner = json_member(json, model, S("owned_by"));

	for (size_t i = 0; owner != 0 && i < sizeof owners / sizeof owners[0]; i++)
		if (json_is(json, owner, owners[i].owner))
			p->vendor = vendor_find(owners[i].vendor);
}

/* An id that can be written to a file and to a request: UTF-8 without control characters. */
static bool
is_usable(struct slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if ((unsigned char)id.ptr[i] < 0x20 || id.ptr[i] == 0x7f)
			return false;
	return id.len > 0 && id.len <= NAME_BYTES_MAX && utf8_valid(id) == id.len;
}

static void
probe_model(struct probe *p, const struct json *json, uint32_t node, struct arena *arena)
{
	uint32_t id = json_type(json, node) == JSON_OBJECT ? json_member(json, node, S("id")) : 0;
	struct slice text;

	if (id == 0 || json_type(json, id) != JSON_STRING)
		return;
	text = json_string(arena, json, id);
	if (!is_usable(text))
		return;
	if (p->model_count == PROBE_MODELS_MAX) {
		p->more = true;
		return;
	}
	if (p->model_count == 0)
		probe_vendor(p, json, node);
	p->model[p->model_count++] = text;
}

void
probe_read(struct probe *p, struct slice answer, struct arena *arena)
{
	struct slice head, body;
	struct json_fault fault;
	struct json json;
	uint32_t data;

	p->model_count = 0;
	if (!split(answer, &head, &body) || !is_answer(head) ||
	    json_parse(arena, body, JSON_DUPLICATES_KEPT, &json, &fault) != ERR_OK ||
	    json_type(&json, 0) != JSON_OBJECT)
		return;
	data = json_member(&json, 0, S("data"));
	p->empty = data != 0 && (json_type(&json, data) == JSON_NULL ||
	    (json_type(&json, data) == JSON_ARRAY && json.node[data].count == 0));
	if (data == 0 || json_type(&json, data) != JSON_ARRAY)
		return;
	for (uint32_t i = data + 1; i < json.node[data].next; i = json.node[i].next)
		probe_model(p, &json, i, arena);
}

static void
probe_ask(struct probe *p, struct arena *arena)
{
	struct slice request = S(REQUEST);
	struct iovec piece = { (char *)(uintptr_t)request.ptr, request.len };

	p->asked = true;
	if (kernel_connect_result(p->fd) < 0 ||
	    (p->room = arena_bytes(arena, PROBE_BYTES_MAX)) == NULL ||
	    kernel_write(p->fd, &piece, 1) != (ssize_t)request.len)
		probe_close(p);
}

/* Reads what is there; the end of the answer ends the probe. */
static void
probe_hear(struct probe *p, struct arena *arena)
{
	ssize_t n = 1;

	while (n > 0 && p->len < PROBE_BYTES_MAX) {
		n = kernel_read(p->fd, p->room + p->len, PROBE_BYTES_MAX - p->len);
		if (n > 0)
			p->len += (size_t)n;
		if (n == 0 || is_whole(slice_of(p->room, p->len)))
			probe_read(p, slice_of(p->room, p->len), arena);
		if (p->model_count > 0 || p->empty)
			break;
	}
	if (n == -EAGAIN)
		return;
	probe_close(p);
}

static void
probe_turn(struct probe *p, unsigned ready, struct arena *arena)
{
	if (p->fd >= 0 && !p->asked && (ready & (READY_WRITE | READY_HANGUP)) != 0)
		probe_ask(p, arena);
	if (p->fd >= 0 && p->asked && (ready & (READY_READ | READY_HANGUP)) != 0)
		probe_hear(p, arena);
}

static bool
any_open(const struct probe *probe, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (probe[i].fd >= 0)
			return true;
	return false;
}

void
probe_all(struct probe *probe, size_t count, struct arena *arena)
{
	nanos until = kernel_now() + PROBE_WAIT_MS * NANOS_PER_MS;
	int poll = kernel_poll_open();

	if (poll < 0)
		return;
	for (size_t i = 0; i < count; i++)
		probe_open(&probe[i], poll);
	for (nanos now = kernel_now(); now < until && any_open(probe, count); now = kernel_now()) {
		struct kernel_event event[16];
		int n = kernel_poll_wait(poll, event, 16, until - now);

		for (int i = 0; i < n; i++)
			probe_turn(event[i].data, event[i].ready, arena);
		if (n < 0)
			break;
	}
	for (size_t i = 0; i < count; i++)
		probe_close(&probe[i]);
	kernel_close(poll);
}
