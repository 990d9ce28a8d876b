/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "ask/inquiry.h"
#include "gate/request.h"
#include "gate/unveil.h"

/*
 * deny - tell a client that is still there why, in its dialect's shape.
 *
 * Before the first byte that is an answer with the error's status; after it,
 * one error event and the end of the connection.  Texts are the program's own,
 * or a rejecting model's words about this request, which call has checked.
 */

#define BODY_ROOM	4096

static struct slice
code_of(const struct request *r, char *room, size_t bytes)
{
	struct text t;

	text_init(&t, room, bytes);
	inquiry_put_code(&t, r->record.err, r->refused_by);
	return text_slice(&t);
}

static struct slice
error_body(struct request *r, int status)
{
	char *room = arena_bytes(&r->arena, BODY_ROOM), code[64];
	struct openai_error error = {
		.status = status,
		.message = r->detail.len > 0 ? r->detail : err_info(r->record.err)->text,
		/* OpenAI says so of itself, type and code; SDKs and people know it. */
		.type = r->record.err == ERR_INSUFFICIENT_QUOTA ? S("insufficient_quota") :
		    slice_of(NULL, 0),
		.param = r->param,
		.code = code_of(r, code, sizeof code),
	};
	struct text t;

	if (room == NULL)
		return S("{\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\","
		    "\"param\":null,\"code\":\"memory\"}}");
	text_init(&t, room, BODY_ROOM);
	openai_put_error(&t, &error);
	if (text_overflowed(&t)) {
		error.message = err_info(r->record.err)->text;
		text_init(&t, room, BODY_ROOM);
		openai_put_error(&t, &error);
	}
	return text_slice(&t);
}

static enum err
deny_stream(struct request *r)
{
	struct slice body = error_body(r, err_info(r->record.err)->status);
	struct slice piece[3] = { S("data: "), body, S("\n\n") };

	r->x->close = true;
	return exchange_part(r->x, &(struct exchange_part){
	    .piece = piece, .count = 3, .last = true });
}

enum err
gate_deny(struct request *r)
{
	enum err e = r->record.err;
	int status = err_info(e)->status;
	struct slice body;

	if (e == ERR_CLIENT_GONE || r->x->ended)
		return ERR_OK;
	if (r->x->begun)
		return deny_stream(r);
	if (e == ERR_UPSTREAM_REJECTED)
		status = r->record.attempt[r->record.attempt_count - 1].status;
	/* The program's own words, if not all of the model's may be said. */
	if (e != ERR_UPSTREAM_REJECTED || r->upstream_body.len == 0 || unveil_error(r) != ERR_OK)
		body = error_body(r, status);
	else
		body = r->upstream_body;
	return exchange_reply(r->x, status, request_fields(r, S("application/json")), body);
}
