/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "sim/evidence.h"
#include "sim/judge.h"
#include "sim/story.h"

/*
 * Conversations: what was sent in one stays its label, and a value has one token
 * in all of it.  Two requests are before one another only if the first bytes that
 * were read and sent say so.
 */

bool
talks_same(const struct account *a, const struct account *b)
{
	return a->wish->talk >= 0 && a->wish->talk == b->wish->talk &&
	    slice_eq(a->caller, b->caller) && slice_eq(a->tenant, b->tenant);
}

/* The call of the kernel that read its first byte; UINT64_MAX if that is not known. */
static uint64_t
came(const struct evidence *e, const struct account *a)
{
	for (const struct answer *o = e->answers; o != NULL; o = o->next)
		if (o->account == a) {
			const struct mark *m = tape_mark(&o->tap->in, a->wish->from);

			return m == NULL ? UINT64_MAX : m->call;
		}
	return UINT64_MAX;
}

/* And the one that sent its first byte to somebody. */
static uint64_t
went(const struct evidence *e, const struct account *a)
{
	const struct call *c = evidence_call(e, a->wish, 0);

	return c == NULL ? UINT64_MAX : tape_mark(&c->tap->out, c->from)->call;
}

/* Joins what was sent, as its record has it; true if there was anything new. */
static bool
add(struct law_label *to, const struct account_decision *d)
{
	bool more = false;

	for (unsigned l = 0; l < LAW_LEVELS; l++)
		if (l > to->level &&
		    slice_eq(d->own_level, slice_of(law_level[l], strlen(law_level[l])))) {
			to->level = l;
			more = true;
		}
	for (int k = 0; k < LAW_KINDS; k++) {
		char quoted[SCENE_NAME + 2];

		snprintf(quoted, sizeof quoted, "\"%s\"", law_kind[k]);
		if (to->kind[k] || slice_find(d->own_kinds,
		    slice_of(quoted, strlen(quoted))) == d->own_kinds.len)
			continue;
		to->kind[k] = more = true;
	}
	return more;
}

bool
talks_taint(const struct evidence *e, const struct account *a, struct law_label *out)
{
	uint64_t began, sent;
	struct law_label most;
	bool sure = true;

	*out = (struct law_label){ .level = 0 };
	if (a->wish->talk < 0)
		return true;
	began = came(e, a);
	sent = went(e, a);
	for (const struct account *b = e->accounts; b != NULL; b = b->next)
		if (b != a && b->wish != NULL && b->decision.there && talks_same(a, b) &&
		    began != UINT64_MAX && went(e, b) < began)
			(void)add(out, &b->decision);
	most = *out;
	for (const struct account *b = e->accounts; b != NULL; b = b->next) {
		uint64_t at;

		if (b == a || b->wish == NULL || !b->decision.there || !talks_same(a, b) ||
		    b->wish->shape == SHAPE_ROUTE || b->decision.plan.len <= 2)
			continue;
		at = came(e, b);
		if (at == UINT64_MAX || sent == UINT64_MAX || at < sent)
			sure &= !add(&most, &b->decision);
	}
	return sure;
}

/* Calls of a conversation that say one value say it in one way. */
static void
check_tokens(struct evidence *e, const struct call *c, const struct account *a,
    const struct masks *masks)
{
	for (const struct call *o = c->next; o != NULL; o = o->next) {
		const struct account *b = o->wish == NULL ? NULL : evidence_account(e, o->wish);
		struct masks other;

		if (b == NULL || b == a || b->masked == 0 || !talks_same(a, b) ||
		    !masks_find(e, o, b, &other))
			continue;
		for (int v = 0; v < LAW_VALUES; v++)
			if (masks->token[v].len > 0 && other.token[v].len > 0 &&
			    slice_eq(wish_value(c->wish, (enum law_value)v),
			    wish_value(o->wish, (enum law_value)v)) &&
			    !slice_eq(masks->token[v], other.token[v]))
				world_complain(&e->story->world, "%s and %s: one value has two "
				    "tokens in one conversation", c->wish->marker,
				    o->wish->marker);
	}
}

void
judge_talks(struct evidence *e)
{
	for (const struct call *c = e->calls; c != NULL; c = c->next) {
		const struct account *a = c->wish == NULL ? NULL : evidence_account(e, c->wish);
		struct masks masks;

		if (a != NULL && a->masked > 0 && a->wish->talk >= 0 &&
		    masks_find(e, c, a, &masks))
			check_tokens(e, c, a, &masks);
	}
}
