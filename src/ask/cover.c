/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/cover.h"

#include "core/limit.h"

struct covering {
	struct inquiry		*q;
	const struct json	*json;		/* as it came */
	struct cover		*cover;
	const struct handling	*handling;
	struct mask_rules	 rules;
	struct mask_work	*work;
	struct mask_text	*text, *fixed;
	uint32_t		*node;		/* of text */
	size_t			 count, fixed_count, bytes;
	struct label		 keep;
	struct mask_content	 content;
	enum err		 err;
};

static bool
is_masked(const struct snapshot *s, const struct handling *h, unsigned type, enum cover_what what)
{
	if (!mask_is_possible((enum detect_type)type) || s->rules->type[type].off)
		return false;
	return what == COVER_ALL || (h->action != NULL && h->action[type] == ACTION_MASK);
}

/*
 * This host and the caller meet what was there before any mask; the proof of the policy rests on
 * that (policy/prove.h).  Where they may not, the verdict on the content as it came says so.
 */
static bool
may_meet_origin(const struct inquiry *q)
{
	const struct policy *p = &q->snapshot->policy;
	struct label origin = policy_close(p, label_join(q->facts->label,
	    p->workload[q->facts->workload].floor));

	return label_may_flow(origin, p->here.clearance) &&
	    label_may_flow(origin, facts_bound(p, q->facts)->ceiling);
}

bool
cover_may(const struct inquiry *q, enum cover_what what)
{
	const struct handling *h = &q->snapshot->handling[q->facts->workload];

	if (q->sight == NULL || q->operation == OPERATION_EMBEDDING ||
	    (what == COVER_ASKED ? !h->masks : !h->when_refused) || !may_meet_origin(q))
		return false;
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (q->sight->census.count[i] > 0 && is_masked(q->snapshot, h, i, what) &&
		    (q->cover == NULL || !is_masked(q->snapshot, h, i, COVER_ASKED)))
			return true;
	return false;
}

bool
cover_helps(const struct inquiry *q, const struct verdict *v)
{
	if (!cover_may(q, COVER_ALL))
		return false;
	if (v->count > 0)
		return v->degraded && q->snapshot->handling[q->facts->workload].mask_first;
	return reason_info(v->reason)->policy;
}

bool
cover_is_refused(enum err e)
{
	return e == ERR_MASK_REFUSED || e == ERR_VAULT_FULL || e == ERR_TOO_LARGE;
}

static void
set_rules(struct covering *c, enum cover_what what)
{
	const struct snapshot *s = c->q->snapshot;

	c->rules = (struct mask_rules){
		.rules = s->rules,
		.ignored = c->handling->allows ? c->handling->allowed : NULL,
		.parts = c->q->sight->parts,
		.dictionary = s->dictionary,
		.wide = c->q->wide,
	};
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		if (is_masked(s, c->handling, i, what))
			mask_types_add(&c->rules.types, (enum detect_type)i);
	}
}

/* ---- the texts ---- */

static const struct findings *
found_in(const struct sight *s, uint32_t node, uint32_t *at)
{
	static const struct findings none;

	/* Both are in the order of the document. */
	while (*at < s->count && s->at[*at].at.node < node)
		(*at)++;
	return *at < s->count && s->at[*at].at.node == node ? &s->at[*at].found : &none;
}

static uint32_t
count_texts(const struct json *j, uint32_t *fixed)
{
	struct openai_walk w;
	struct openai_text text;
	uint32_t count = 0;

	*fixed = 0;
	openai_walk_begin(&w, j);
	while (openai_walk_next(&w, &text))
		*(text.fixed ? fixed : &count) += 1;
	return count;
}

/* What was found in a text that stays as it is, stays with it. */
static void
keep_label(struct covering *c, const struct findings *found)
{
	const struct rules *r = c->q->snapshot->rules;

	for (uint32_t i = 0; i < found->count; i++)
		if (c->rules.ignored == NULL || !weigh_has(c->rules.ignored, found->at[i].type))
			c->keep = label_join(c->keep, r->type[found->at[i].type].label);
}

static enum err
gather(struct covering *c)
{
	const struct json *j = c->json;
	struct arena *a = c->q->work;
	struct openai_walk w;
	struct openai_text text;
	uint32_t fixed, count = count_texts(j, &fixed), at = 0;

	c->text = arena_zero(a, (count + 1) * sizeof *c->text);
	c->fixed = arena_zero(a, (fixed + 1) * sizeof *c->fixed);
	c->node = arena_alloc(a, (count + 1) * sizeof *c->node);
	if (c->text == NULL || c->fixed == NULL || c->node == NULL)
		return ERR_MEMORY;
	openai_walk_begin(&w, j);
	while (openai_walk_next(&w, &text)) {
		const struct findings *found = found_in(c->q->sight, text.node, &at);
		struct mask_text one = {
			.text = json_string(a, j, text.node),
			.raw = json_inside(j, text.node),
			.key = text.key == 0 ? slice_of(NULL, 0) : json_string(a, j, text.key),
			.found = found,
		};

		c->bytes += one.text.len;
		if (text.fixed) {
			keep_label(c, found);
			one.found = NULL;
			c->fixed[c->fixed_count++] = one;
		} else {
			c->node[c->count] = text.node;
			c->text[c->count++] = one;
		}
	}
	if (c->bytes > MASK_BYTES_MAX) {
		c->q->detail = S("the texts of a request that is masked have at most 1 MiB in all");
		return ERR_TOO_LARGE;
	}
	return arena_overflowed(a) ? ERR_MEMORY : ERR_OK;
}

/* Does a text that stays as it is have a value in it that was masked elsewhere? */
static enum err
hold_against(struct covering *c)
{
	static const struct mask_types none;
	enum err e = mask_texts(c->q->work, &c->cover->vault, &none, c->fixed,
	    c->fixed_count);

	for (size_t i = 0; e == ERR_OK && i < c->fixed_count; i++)
		if (c->fixed[i].edits > 0)
			return ERR_MASK_REFUSED;
	return e;
}

/* ---- the document ---- */

static struct slice
note_of(const struct covering *c)
{
	const struct json *j = c->json;
	uint32_t messages = json_member(j, 0, S("messages"));

	if (c->cover->tokens == 0 || c->q->operation != OPERATION_CHAT || messages == 0 ||
	    json_type(j, messages) != JSON_ARRAY || j->node[messages].count == 0)
		return slice_of(NULL, 0);
	return c->q->snapshot->mask_note;
}

/* The document with what was made in the place of what was there. */
static enum err
put_document(struct covering *c)
{
	const struct json *j = c->json;
	struct slice note = note_of(c);
	size_t bytes = j->text.len + 64 + 6 * note.len, at = 0;
	uint32_t messages = json_member(j, 0, S("messages"));
	struct json_fault fault;
	struct text t;
	char *room;

	for (size_t i = 0; i < c->count; i++)
		bytes += c->text[i].made.len;
	if ((room = arena_bytes(c->q->work, bytes)) == NULL)
		return ERR_MEMORY;
	text_init(&t, room, bytes);
	for (size_t i = 0; i < c->count; i++) {
		const struct json_node *n = &j->node[c->node[i]];

		if (note.len > 0 && c->node[i] > messages) {
			text_put(&t, slice_cut(j->text, at, j->node[messages].start + 1));
			text_put(&t, S("{\"role\":\"system\",\"content\":"));
			text_put_json(&t, note);
			text_put(&t, S("},"));
			at = j->node[messages].start + 1;
			note.len = 0;
		}
		if (c->text[i].edits == 0)
			continue;
		text_put(&t, slice_cut(j->text, at, n->start + 1));
		text_put(&t, c->text[i].made);
		at = n->end - 1;
	}
	text_put(&t, slice_cut(j->text, at, j->text.len));
	must(!text_overflowed(&t));
	return json_parse(c->q->work, text_slice(&t), JSON_DUPLICATES_REFUSED |
	    (c->q->wide ? JSON_WIDE : 0), &c->cover->json, &fault);
}

/* The inquiry is about the new document from now on; what was found is about the old one. */
static enum err
read_again(struct covering *c)
{
	struct inquiry *q = c->q;
	struct cover *cover = c->cover;

	cover->before = *c->json;
	q->sight->json = &cover->before;
	q->json = &cover->json;
	q->facts->label = cover->label;
	q->cover = cover;
	return openai_is_local(q->operation) ? ERR_OK : inquiry_again(q);
}

struct covering *
cover_begin(struct inquiry *q, const struct cover_keys *keys, enum cover_what what)
{
	static const struct handling none;
	struct covering *c = arena_zero(q->work, sizeof *c);

	if (c == NULL || (c->cover = arena_zero(q->arena, sizeof *c->cover)) == NULL)
		return NULL;
	c->q = q;
	c->json = q->cover == NULL ? q->json : &q->cover->before;
	c->handling = openai_is_local(q->operation) ? &none
	    : &q->snapshot->handling[q->facts->workload];
	/* What several findings say together stays said when they are masked. */
	c->keep = label_join(q->sight->said,
	    weigh_combined(&q->sight->census, q->snapshot->rules));
	c->cover->origin = q->cover == NULL ? q->facts->label : q->cover->origin;
	set_rules(c, what);
	vault_init(&c->cover->vault, q->arena, keys->tokens, keys->expires_wall);
	if (keys->sealed.len > 0 && (c->err = vault_open(&c->cover->vault, keys->seal, &keys->owner,
	    keys->sealed, keys->wall)) != ERR_OK)
		return c;
	if ((c->err = gather(c)) != ERR_OK)
		return c;
	c->content = (struct mask_content){ c->text, c->count, c->keep, q->sight->cut };
	c->work = mask_begin(q->work, q->scratch, &c->cover->vault, &c->rules, &c->content);
	return c->work == NULL ? NULL : c;
}

bool
cover_step(struct covering *c, size_t bytes)
{
	return c->err != ERR_OK || mask_step(c->work, bytes);
}

enum err
cover_end(struct covering *c, struct cover **out)
{
	struct mask_sealed sealed;
	enum err e = c->err;

	if (e != ERR_OK || (e = mask_seal(c->work, &sealed)) != ERR_OK ||
	    (e = hold_against(c)) != ERR_OK)
		return e;
	for (size_t i = 0; i < c->count; i++)
		c->cover->tokens += c->text[i].edits;
	c->cover->label = sealed.label;
	if ((e = put_document(c)) != ERR_OK || (e = read_again(c)) != ERR_OK)
		return e;
	*out = c->cover;
	return ERR_OK;
}
