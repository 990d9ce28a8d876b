/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/proof.h"

#include "conf/draft.h"
#include "core/limit.h"
#include "policy/explain.h"
#include "run/address.h"
#include "run/kernel.h"

bool
proof_is_skipped(void)
{
#ifdef TRIVIUM_UNPROVEN
	return true;
#else
	return false;
#endif
}

const struct key *
proof_key(const struct snapshot *s, const struct prove_case *c)
{
	for (uint32_t i = 0; i < s->key_count; i++)
		if (s->key[i].bound == c->bound)
			return &s->key[i];
	return NULL;
}

struct slice
proof_path(const struct prove_case *c)
{
	if (c->path == FEATURE_embeddings)
		return S("/v1/embeddings");
	return c->path == FEATURE_completions ? S("/v1/completions") : S("/v1/chat/completions");
}

static void
put_name(struct text *t, struct slice before, struct slice name)
{
	text_put(t, before);
	text_put_char(t, '`');
	text_put(t, name);
	text_put_char(t, '`');
}

/* ---- words ---- */

static void
put_place(struct text *t, const struct snapshot *s, const struct prove_case *c)
{
	struct slice model = s->model[c->model].name;

	switch (c->sink) {
	case PROVE_ZONE:
		put_name(t, S("reaches the model "), model);
		put_name(t, S(" in zone "), s->zone[c->place].name);
		break;
	case PROVE_TOOL:
		put_name(t, S("reaches the hosted tool "), s->tool[c->place - s->zone_count].name);
		put_name(t, S(" by way of the model "), model);
		break;
	}
}

/* Whose tokens have the bound, where no key has it. */
static void
put_issuer(struct text *t, const struct snapshot *s, const struct prove_case *c)
{
	for (uint32_t i = 0; i < s->issuer_count; i++)
		for (uint32_t j = 0; j < s->issuer[i].role_count; j++) {
			if (s->issuer[i].role[j].bound != c->bound)
				continue;
			put_name(t, S(" with a token of "), s->issuer[i].name);
			put_name(t, S(" of role "), s->issuer[i].role[j].name);
			return;
		}
	/* Of a key that is made while the gateway runs; a role that no file tells is `service`. */
	if (c->bound > 0 && s->data.len > 0) {
		uint32_t role = s->policy.bound[c->bound].role;

		put_name(t, S(" with a key of role "), role > 0 ? s->role[role].name
		    : S("service"));
	}
}

void
proof_put_case(struct text *t, const struct snapshot *s, const struct prove_case *c)
{
	const struct key *key = proof_key(s, c);

	text_put(t, S("a request"));
	if (s->workloads_said)
		put_name(t, S(" of workload "), s->workload[c->workload].name);
	if (key != NULL) {
		put_name(t, S(" with the key "), key->id);
		put_name(t, S(" of role "), key->role);
	} else {
		put_issuer(t, s, c);
	}
	text_put(t, S(", labelled "));
	explain_put_label(t, &s->vocabulary, c->label);
	for (uint32_t i = 0; i < c->masked_count; i++) {
		text_put(t, i == 0 ? S(", from which was masked what is ") : S(" and what is "));
		explain_put_label(t, &s->vocabulary, c->masked[i]);
	}
	text_put(t, S(", "));
	put_place(t, s, c);
	if (c->exception > 0)
		put_name(t, S(" by the exception "), s->exception[c->exception - 1].name);
	if (c->today != REASON_NONE) {
		text_put(t, S(" (as things stand that model "));
		text_put(t, reason_info(c->today)->text);
		text_put(t, S(", which is no protection)"));
	}
}

/* ---- a request ---- */

/* A type whose findings can be masked and mean this. */
static const struct type_info *
type_that_means(const struct snapshot *s, struct label label)
{
	const struct type_info *found = NULL;

	/* One with a text that shows it, if there is one: what is in lists has none. */
	for (unsigned i = 0; i < TYPE_COUNT && (found == NULL || found->yes.len == 0); i++) {
		const struct type_rule *rule = &s->rules->type[i];

		if (!rule->off && rule->lowerable && rule->label.kinds == label.kinds &&
		    rule->label.level == label.level)
			found = weigh_type(s->rules, (enum detect_type)i);
	}
	return found;
}

/* A text in which something is found that means each of what was masked; no quote of a shell. */
static void
put_content(struct text *t, const struct snapshot *s, const struct prove_case *c)
{
	text_put(t, S("\"Hello"));
	for (uint32_t i = 0; i < c->masked_count; i++) {
		const struct type_info *info = type_that_means(s, c->masked[i]);

		must(info != NULL);
		text_put_char(t, ' ');
		for (size_t at = 0; at < info->yes.len; at++) {
			struct slice one = slice_cut(info->yes, at, at + 1);

			if (*one.ptr == '\'')
				text_put(t, S("\\u0027"));
			else if (*one.ptr != '{' && *one.ptr != '}')
				text_put_escaped(t, one);
		}
	}
	text_put_char(t, '"');
}

void
proof_put_body(struct text *t, const struct snapshot *s, const struct prove_case *c)
{
	text_put(t, S("{\"model\":"));
	text_put_json(t, s->model[c->model].name);
	if (c->path == FEATURE_embeddings)
		text_put(t, S(",\"input\":"));
	else if (c->path == FEATURE_completions)
		text_put(t, S(",\"prompt\":"));
	else
		text_put(t, S(",\"messages\":[{\"role\":\"user\",\"content\":"));
	put_content(t, s, c);
	text_put(t, c->path == FEATURE_chat ? S("}]") : S(""));
	if (c->sink == PROVE_TOOL) {
		text_put(t, S(",\"tools\":[{\"type\":"));
		text_put_json(t, s->tool[c->place - s->zone_count].name);
		text_put(t, S("}]"));
	}
	text_put_char(t, '}');
}

/* Names have no character that means something between a shell's quotes (schema_name). */
void
proof_put_request(struct text *t, const struct snapshot *s, const struct prove_case *c)
{
	text_put(t, s->listen.tls != NULL ? S("curl --insecure https://") : S("curl http://"));
	address_put(t, &s->listen.address);
	text_put(t, proof_path(c));
	if (proof_key(s, c) != NULL || (c->bound > 0 && s->data.len > 0))
		text_put(t, S(" -H \"Authorization: Bearer $KEY\""));
	if (s->workloads_said) {
		text_put(t, S(" -H 'x-trivium-workload: "));
		text_put(t, s->workload[c->workload].name);
		text_put_char(t, '\'');
	}
	text_put(t, S(" -H 'x-trivium-label: "));
	explain_put_label(t, &s->vocabulary, c->label);
	text_put(t, S("' -H 'Content-Type: application/json' -d '"));
	proof_put_body(t, s, c);
	text_put_char(t, '\'');
}

/* ---- at load ---- */

enum { PIECE_BYTES = 120, PIECES = CONF_MESSAGE_BYTES / PIECE_BYTES + 1 };

/* A message's words are cut when they are long, so a long text is many words. */
static void
report_long(struct draft *d, const struct node *at, struct slice text)
{
	struct slice piece[PIECES];
	size_t count = 0;

	for (; text.len > 0 && count < PIECES; count++) {
		size_t cut = text.len < PIECE_BYTES ? text.len : PIECE_BYTES;

		piece[count] = slice_cut(text, 0, cut);
		text = slice_cut(text, cut, text.len);
	}
	report_error(d->report, at, piece, count);
}

static void
report_broken(struct draft *d, uint32_t index, const struct prove_case *c)
{
	const struct never *never = &d->never[index];
	struct node at = { .line = never->line, .column = never->column };
	char *room = arena_bytes(&d->scratch, PROOF_TEXT_BYTES);
	struct text t;
	size_t said;

	if (room == NULL)
		return;
	text_init(&t, room, PROOF_TEXT_BYTES);
	put_name(&t, S("the invariant "), never->name);
	if (never->pack.len > 0)
		put_name(&t, S(" of the pack "), never->pack);
	text_put(&t, S(" does not hold: "));
	proof_put_case(&t, d->s, c);
	said = t.len;
	text_put(&t, S("; to see it: "));
	proof_put_request(&t, d->s, c);
	if (t.len > CONF_MESSAGE_BYTES) {
		t.len = said;
		text_put(&t, S("; trivium prove shows such a request"));
	}
	report_long(d, &at, text_slice(&t));
}

static void
draft_prove(struct draft *d, int64_t now)
{
	uint32_t count = d->s->policy.invariant_count;
	struct proof *proof = draft_array(&d->scratch, count, sizeof *proof);

	if (proof == NULL || proof_is_skipped() || d->options->disproven ||
	    !prove_all(&d->scratch, &d->s->policy, now, proof))
		return;
	for (uint32_t i = 0; i < count; i++)
		if (!proof[i].holds)
			report_broken(d, i, &proof[i].against);
}

/* What can never be served is a mistake that shows itself only when it is asked for. */
static void
warn_unserved(struct draft *d, int64_t now)
{
	const struct node *table = field_at(&d->file, FILE_workloads);
	bool *served = draft_array(&d->scratch, d->s->workload_count, sizeof *served);
	uint32_t any = 0, one;

	if (served == NULL)
		return;
	for (uint32_t w = 0; w < d->s->workload_count; w++) {
		served[w] = prove_serving(&d->s->policy, w, now, 1, &one) > 0;
		any += served[w];
	}
	if (any == 0) {
		report_warning(d->report, NULL, SAY(S("this policy admits nothing: no model can "
		    "serve any request")));
		return;
	}
	for (uint32_t w = 0; w < d->s->workload_count; w++)
		if (!served[w])
			report_warning(d->report, node_key(table, w), SAY(S("no model can serve "
			    "the workload `"), d->s->workload[w].name, S("`, whoever calls")));
}

void
draft_proof(struct draft *d)
{
	int64_t now = kernel_wall() / NANOS_PER_S;

	/* What is wrong left holes. */
	if (d->report->errors > 0 || arena_overflowed(d->arena) || arena_overflowed(&d->scratch))
		return;
	warn_unserved(d, now);
	draft_prove(d, now);
}
