/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/prepare.h"

#include "core/limit.h"
#include "gate/decide.h"
#include "gate/duty.h"

struct origin
prepare_origin(const struct model *m)
{
	return (struct origin){
		.id = m->at.pool_id,
		.url = &m->at.url,
		.tls = m->at.tls,
		.proxy = m->at.proxy.len > 0 ? &m->at.proxy_url : NULL,
		.allow = m->at.address_allow,
	};
}

static void
put_path(struct text *t, const struct model *m, enum operation operation)
{
	text_put(t, m->at.url.path);
	if ((m->vendor->quirks & QUIRK_DEPLOYMENT_PATH) != 0) {
		text_put(t, S("/openai/deployments/"));
		text_put(t, m->id);
	}
	text_put(t, openai_path(operation));
	if (m->query.len > 0) {
		text_put_char(t, '?');
		text_put(t, m->query);
	}
}

static void
put_credentials(struct text *t, const struct model *m)
{
	struct slice key = secret_reveal(&m->key);

	if (key.len == 0)
		return;
	text_put(t, m->vendor->auth == AUTH_API_KEY ? S("api-key: ") : S("Authorization: Bearer "));
	text_put(t, key);
	text_put(t, S("\r\n"));
}

static void
put_trace(struct text *t, const struct http1_head *head)
{
	if (head->field[HEADER_TRACEPARENT].len == 0)
		return;
	text_put(t, S("traceparent: "));
	text_put(t, head->field[HEADER_TRACEPARENT]);
	if (head->field[HEADER_TRACESTATE].len > 0) {
		text_put(t, S("\r\ntracestate: "));
		text_put(t, head->field[HEADER_TRACESTATE]);
	}
	text_put(t, S("\r\n"));
}

static void
put_head(struct text *t, const struct request *r, const struct model *m, size_t body_bytes)
{
	text_put(t, S("POST "));
	put_path(t, m, r->operation);
	text_put(t, S(" HTTP/1.1\r\nHost: "));
	text_put(t, m->at.url.authority);
	text_put(t, S("\r\nUser-Agent: trivium\r\nContent-Type: application/json\r\n"
	    "Accept-Encoding: identity\r\nAccept: "));
	text_put(t, r->ask.stream ? S("text/event-stream, application/json")
	    : S("application/json"));
	text_put(t, S("\r\nContent-Length: "));
	text_put_number(t, body_bytes);
	text_put(t, S("\r\n"));
	put_trace(t, &r->x->head);
	put_credentials(t, m);
	text_put(t, S("\r\n"));
}

/* As much as put_head() can need: its own words, and everything that it is given. */
static size_t
head_bytes(const struct request *r, const struct model *m)
{
	const struct http1_head *head = &r->x->head;

	return 512 + m->at.url.path.len + m->id.len + m->query.len + m->at.url.authority.len +
	    secret_reveal(&m->key).len + head->field[HEADER_TRACEPARENT].len +
	    head->field[HEADER_TRACESTATE].len;
}

enum err
prepare_for(struct request *r, const struct model *m, struct prepared *p)
{
	struct openai_edit edit = {
		.id_json = m->id_json,
		.ask_usage = (m->vendor->quirks & QUIRK_NO_STREAM_OPTIONS) == 0,
	};
	struct slice piece[2 * SPLICE_MAX + 1];
	struct splice splice;
	struct text head;
	size_t room_bytes = head_bytes(r, m), count;
	char *room = arena_bytes(&r->work, room_bytes);

	enum err e;

	if (room == NULL)
		return ERR_MEMORY;
	if ((e = duty_edit(r, m, &edit)) != ERR_OK)
		return e;
	must(openai_prepare(&splice, &r->json, &r->ask, &edit));
	p->body_bytes = splice_bytes(&splice);
	text_init(&head, room, room_bytes);
	put_head(&head, r, m, p->body_bytes);
	must(!text_overflowed(&head));
	count = splice_pieces(&splice, piece);
	p->piece[0] = (struct iovec){ head.ptr, head.len };
	for (size_t i = 0; i < count; i++)
		p->piece[i + 1] = (struct iovec){ (char *)(uintptr_t)piece[i].ptr, piece[i].len };
	p->count = (int)count + 1;
	return ERR_OK;
}

static void
put_model(struct text *t, struct slice name, struct slice owner)
{
	text_put(t, S("{\"id\":"));
	text_put_json(t, name);
	text_put(t, S(",\"object\":\"model\",\"created\":0,\"owned_by\":"));
	text_put_json(t, owner);
	text_put_char(t, '}');
}

static void
put_listed(struct text *t, struct slice name, struct slice owner, bool *first)
{
	if (!*first)
		text_put_char(t, ',');
	*first = false;
	put_model(t, name, owner);
}

static void
put_models(struct text *t, const struct request *r)
{
	const struct snapshot *s = r->snapshot;
	bool first = true;

	text_put(t, S("{\"object\":\"list\",\"data\":["));
	for (uint32_t i = 0; i < s->model_count; i++)
		if (inquiry_may_name(r->key, &s->model[i]))
			put_listed(t, s->model[i].name, s->model[i].zone->name, &first);
	for (uint32_t i = 0; i < s->group_count; i++)
		put_listed(t, s->group[i].name, S("group"), &first);
	put_listed(t, S("auto"), S("trivium"), &first);
	text_put(t, S("]}"));
}

/* GET /v1/models and /v1/models/{id}: answered here, from the snapshot. */
static enum err
list_models(struct request *r)
{
	const struct snapshot *s = r->snapshot;
	size_t room = 256 + (s->model_count + s->group_count + 1) * 8 * (size_t)NAME_BYTES_MAX;
	char *ptr = arena_bytes(&r->work, room);
	const struct model *m;
	struct text t;

	if (ptr == NULL)
		return ERR_MEMORY;
	text_init(&t, ptr, room);
	r->ask.model = r->target_model;
	m = snapshot_model(s, r->target_model);
	if (r->target_model.len == 0)
		put_models(&t, r);
	else if (m != NULL && inquiry_may_name(r->key, m))
		put_model(&t, m->name, m->zone->name);
	else if (snapshot_group(s, r->target_model) != NULL)
		put_model(&t, r->target_model, S("group"));
	else if (slice_eq(r->target_model, S("auto")))
		put_model(&t, S("auto"), S("trivium"));
	else
		return decide_unknown(r);
	must(!text_overflowed(&t));
	r->answer = text_slice(&t);
	r->answer_type = S("application/json");
	return ERR_OK;
}

/* An answer of our own, {"id":… and so on, in a room of so many bytes; ERR_MEMORY. */
static enum err
answer_begin(struct request *r, struct text *t, size_t room_bytes)
{
	char *room = arena_bytes(&r->work, 64 + room_bytes);

	if (room == NULL)
		return ERR_MEMORY;
	text_init(t, room, 64 + room_bytes);
	text_put(t, S("{\"id\":\""));
	text_put(t, slice_of(r->record.id, sizeof r->record.id));
	text_put_char(t, '"');
	return ERR_OK;
}

static enum err
answer_end(struct request *r, struct text *t)
{
	text_put_char(t, '}');
	must(!text_overflowed(t));
	r->answer = text_slice(t);
	r->answer_type = S("application/json");
	return ERR_OK;
}

/* POST /v1/route: the decision is the answer. */
static enum err
tell_decision(struct request *r)
{
	struct explanation explanation = request_explanation(r);
	struct text t;
	enum err e = answer_begin(r, &t, 256 + explain_bytes(&explanation) +
	    (r->sight == NULL ? 0 : sight_evidence_bytes(r->sight)));

	if (e != ERR_OK)
		return e;
	text_put(&t, S(",\"policy\":"));
	text_put_json(&t, r->record.policy);
	text_put(&t, S(",\"decision\":"));
	explain_put(&t, &explanation);
	if (r->sight != NULL && r->sight->count > 0) {
		text_put(&t, S(",\"findings\":"));
		sight_put_evidence(&t, r->sight);
	}
	return answer_end(r, &t);
}

/* POST /v1/classify: what was found, where, and what label it makes. */
static enum err
tell_findings(struct request *r)
{
	const struct vocabulary *v = &r->snapshot->vocabulary;
	struct text t;
	enum err e = answer_begin(r, &t, 256 + 8 * v->longest * KIND_MAX +
	    sight_evidence_bytes(r->sight) + sight_counts_bytes(r->sight));

	if (e != ERR_OK)
		return e;
	text_put(&t, S(",\"label\":"));
	explain_put_label_json(&t, v, policy_close(&r->snapshot->policy, r->facts.label));
	text_put(&t, S(",\"counts\":"));
	sight_put_counts(&t, r->sight);
	text_put(&t, S(",\"findings\":"));
	sight_put_evidence(&t, r->sight);
	return answer_end(r, &t);
}

/* POST /v1/mask: the document with tokens, and what it is worth then. */
static enum err
tell_masked(struct request *r)
{
	const struct vocabulary *v = &r->snapshot->vocabulary;
	const struct policy *p = &r->snapshot->policy;
	struct label after = policy_close(p, r->facts.label);
	struct label before = r->cover == NULL ? after : policy_close(p, r->cover->origin);
	struct text t;
	enum err e = answer_begin(r, &t, 256 + 16 * v->longest * KIND_MAX + r->json.text.len);

	if (e != ERR_OK)
		return e;
	text_put(&t, S(",\"masked\":"));
	text_put_number(&t, r->record.masked);
	text_put(&t, S(",\"label_before\":"));
	explain_put_label_json(&t, v, before);
	text_put(&t, S(",\"label\":"));
	explain_put_label_json(&t, v, after);
	text_put(&t, S(",\"document\":"));
	text_put(&t, r->json.text);
	return answer_end(r, &t);
}

enum err
gate_prepare(struct request *r)
{
	enum err e;

	if (r->routing)
		return tell_decision(r);
	if (r->operation == OPERATION_MASK)
		return tell_masked(r);
	if (r->operation == OPERATION_CLASSIFY)
		return tell_findings(r);
	if (r->operation == OPERATION_MODELS)
		return list_models(r);
	e = duty_check(r);
	return e == ERR_OK ? keep_open(r) : e;
}
