/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/keep.h"

#include "core/limit.h"
#include "gate/request.h"
#include "store/payload.h"

static bool
is_asked(const struct request *r)
{
	return r->decided && !r->routing && r->gate->book != NULL &&
	    r->snapshot->payload_keep > 0 &&
	    r->snapshot->handling[r->facts.workload].keeps_content;
}

static struct slice
cut(struct slice s, bool *is_cut)
{
	*is_cut = s.len > PAYLOAD_BYTES_MAX;
	return *is_cut ? slice_cut(s, 0, PAYLOAD_BYTES_MAX) : s;
}

enum err
keep_open(struct request *r)
{
	struct keep *k;

	if (!is_asked(r) || r->keep != NULL)
		return ERR_OK;
	if ((r->verdict.duties >> DUTY_no_content_log & 1) != 0) {
		r->record.content = S("forbidden_by_duty");
		return ERR_OK;
	}
	if (!label_may_flow(r->facts.label, r->snapshot->payloads)) {
		r->record.content = S("not_cleared");
		return ERR_OK;
	}
	if ((k = arena_zero(&r->arena, sizeof *k)) == NULL)
		return ERR_MEMORY;
	k->request = arena_copy(&r->arena, cut(r->json.text, &k->request_cut));
	if (arena_overflowed(&r->arena))
		return ERR_MEMORY;
	r->record.content = S("kept");
	r->keep = k;
	return ERR_OK;
}

void
keep_answer(struct request *r, struct slice bytes)
{
	struct keep *k = r->keep;
	size_t len, room;
	char *more;

	if (k == NULL || k->answer_cut)
		return;
	len = k->answer.len + bytes.len;
	k->answer_cut = len > PAYLOAD_BYTES_MAX;
	len = k->answer_cut ? PAYLOAD_BYTES_MAX : len;
	if (len > k->room_bytes) {
		/* What is outgrown stays in the arena: together at most twice what is kept. */
		room = len * 2 < PAYLOAD_BYTES_MAX ? len * 2 : PAYLOAD_BYTES_MAX;
		if ((more = arena_bytes(&r->arena, room)) == NULL) {
			k->answer_cut = true;
			return;
		}
		if (k->answer.len > 0)
			memcpy(more, k->answer.ptr, k->answer.len);
		k->answer.ptr = more;
		k->room_bytes = room;
	}
	memcpy((char *)k->answer.ptr + k->answer.len, bytes.ptr, len - k->answer.len);
	k->answer.len = len;
}

void
keep_view(struct request *r, const struct stream_view *v)
{
	if (r->keep == NULL)
		return;
	must(v->chunks.len == 0);
	for (int i = 0; i < v->count; i++)
		keep_answer(r, v->piece[i]);
}

/* JSON where it is whole, a string where it is cut or no JSON at all. */
static void
put_part(struct text *t, struct slice bytes, bool is_json)
{
	if (bytes.len == 0)
		text_put(t, S("null"));
	else if (is_json)
		text_put(t, bytes);
	else
		text_put_json(t, bytes);
}

struct keeping {
	struct slice	master;
	struct payload	payload;
};

static enum err
put_payload(struct store *s, void *arg)
{
	const struct keeping *k = arg;
	enum err e = payload_sweep(s, k->payload.wall);

	return e == ERR_OK ? payload_put(s, k->master, &k->payload) : e;
}

static enum err
write_payload(struct request *r, struct slice text)
{
	nanos wall = gate_wall(r->gate);
	struct keeping k = {
		.master = conversations_master(r->gate->conversations),
		.payload = {
			.id = slice_of(r->record.id, sizeof r->record.id),
			.tenant = r->record.tenant.len > 0 ? r->record.tenant : S("default"),
			.text = text,
			.wall = wall,
			.expires_wall = wall + r->snapshot->payload_keep,
		},
	};

	return book_write(r->gate->book, r->fiber, put_payload, &k, NULL);
}

void
keep_close(struct request *r)
{
	struct keep *k = r->keep;
	size_t room_bytes;
	struct text t;
	char *room;

	if (k == NULL)
		return;
	room_bytes = 256 + 6 * (k->request.len + k->answer.len);
	if ((room = arena_bytes(&r->arena, room_bytes)) == NULL) {
		r->record.content = S("no_memory");
		return;
	}
	text_init(&t, room, room_bytes);
	text_put(&t, S("{\"request\":"));
	put_part(&t, k->request, !k->request_cut);
	text_put(&t, k->request_cut ? S(",\"request_cut\":true") : S(""));
	text_put(&t, S(",\"answer\":"));
	put_part(&t, k->answer, !k->answer_cut && !r->record.stream);
	text_put(&t, k->answer_cut ? S(",\"answer_cut\":true}") : S("}"));
	if (write_payload(r, text_slice(&t)) != ERR_OK)
		r->record.content = S("not_written");
}
