/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rank.h"

/* The dearest and slowest of the permitted, to weigh figures of different units. */
struct scale {
	struct prefer	prefer;
	int64_t		cost, latency;
	bool		single;		/* one figure decides, and is compared as it is */
};

/*@
	requires \valid_read(m) && \valid_read(live);
	assigns \nothing;
*/
static nanos
latency_of(const struct policy_model *m, const struct live *live)
{
	return live->latency > 0 ? live->latency : (nanos)m->latency_ms * NANOS_PER_MS;
}

/* part / whole in 2^-24, for 0 <= part <= whole. */
/*@
	assigns \nothing;
*/
static uint64_t
share(int64_t part, int64_t whole)
{
	uint64_t a = (uint64_t)part, b = (uint64_t)whole;

	/*@
		loop assigns a, b;
	*/
	while (b >> 38 != 0) {
		a >>= 1;
		b >>= 1;
	}
	return b == 0 ? 0 : (a << 24) / b;
}

/* Less is better; an unknown price is the dearest, a latency that is not known yet is tried. */
/*@
	requires \valid_read(s) && \valid_read(m) && \valid_read(live);
	assigns \nothing;
*/
static uint64_t
score(const struct scale *s, const struct policy_model *m, const struct live *live)
{
	uint64_t quality = (uint64_t)(CAPABILITY_FRONTIER - m->capability);
	uint64_t cost;

	if (s->single) {
		if (s->prefer.cost > 0)
			return (uint64_t)m->cost;
		if (s->prefer.latency > 0)
			return (uint64_t)latency_of(m, live);
		return s->prefer.quality > 0 ? quality : 0;
	}
	cost = m->cost == INT64_MAX ? UINT64_C(1) << 24 : share(m->cost, s->cost);
	return s->prefer.cost * cost +
	    s->prefer.latency * share(latency_of(m, live), s->latency) +
	    s->prefer.quality * ((quality << 24) / CAPABILITY_FRONTIER);
}

/*@
	requires PolicyFits(p) && FactsFit(p, f);
	requires \valid_read(reason + (0 .. f->count - 1));
	assigns \nothing;
*/
static struct scale
scale_of(const struct policy *p, const struct facts *f, const uint8_t *reason)
{
	const struct workload *w = &p->workload[f->workload];
	struct prefer prefer = w->prefers ? w->prefer : f->prefer;
	struct scale scale = {
		.prefer = prefer,
		.single = (prefer.cost > 0) + (prefer.latency > 0) + (prefer.quality > 0) <= 1,
	};

	if (scale.single)
		return scale;
	/*@
		loop invariant 0 <= i <= f->count;
		loop assigns i, scale;
		loop variant f->count - i;
	*/
	for (uint32_t i = 0; i < f->count; i++) {
		const struct policy_model *m = &p->model[f->model[i]];
		nanos latency = latency_of(m, &f->live[i]);

		if (reason[i] != REASON_NONE)
			continue;
		if (m->cost != INT64_MAX && m->cost > scale.cost)
			scale.cost = m->cost;
		if (latency > scale.latency)
			scale.latency = latency;
	}
	return scale;
}

#define NOBODY	UINT32_MAX

/* Puts one more, written behind all others, in its place; the result is who falls out. */
/*@
	requires \valid(r) && Ranked(*r) && one.at < NOBODY;
	requires behind: \forall integer j; 0 <= j < r->count ==> r->best[j].at < one.at;
	assigns *r;
	ensures ranked: Ranked(*r);
	ensures from: \forall integer j; 0 <= j < r->count ==>
	    r->best[j] == one ||
	    (\exists integer k; 0 <= k < \old(r->count) && r->best[j] == \old(*r).best[k]);
	ensures written: \forall integer j; 0 <= j < r->count ==> r->best[j].at <= one.at;
	ensures out: \result == NOBODY || \result == one.at ||
	    (\exists integer k; 0 <= k < \old(r->count) &&
	    \result == \old(*r).best[k].at);
	ensures gone: \forall integer j; 0 <= j < r->count ==> r->best[j].at != \result;
	ensures room: \old(r->count) < CANDIDATE_MAX ==>
	    \result == NOBODY && r->count == \old(r->count) + 1;
	ensures full: \old(r->count) == CANDIDATE_MAX ==> r->count == CANDIDATE_MAX;
*/
static uint32_t
insert(struct ranking *r, struct candidate one)
{
	uint32_t to = r->count, out = NOBODY;

	if (r->count == CANDIDATE_MAX) {
		to = CANDIDATE_MAX - 1;
		if (r->best[to].score <= one.score)
			return one.at;
		out = r->best[to].at;
	} else {
		r->count++;
	}
	/*@
		loop invariant 0 <= to < r->count <= CANDIDATE_MAX;
		loop invariant r->count == \at(r->count, LoopEntry);
		loop invariant \forall integer j; 0 <= j < to ==>
		    r->best[j] == \at(*r, Pre).best[j];
		loop invariant \forall integer j; to < j < r->count ==>
		    r->best[j] == \at(*r, Pre).best[j - 1] && r->best[j].score > one.score;
		loop assigns to, r->best[0 .. CANDIDATE_MAX - 1];
		loop variant to;
	*/
	for (; to > 0 && r->best[to - 1].score > one.score; to--)
		r->best[to] = r->best[to - 1];
	r->best[to] = one;
	return out;
}

void
rank_models(struct ranking *r, const struct policy *p, const struct facts *f, uint8_t *reason)
{
	struct scale scale = scale_of(p, f, reason);

	r->count = 0;
	/*@
		loop invariant 0 <= i <= f->count;
		loop invariant Ranked(*r);
		loop invariant \forall integer j; 0 <= j < r->count ==>
		    r->best[j].at < i && reason[r->best[j].at] == REASON_NONE;
		loop invariant \forall integer k; 0 <= k < f->count ==>
		    reason[k] == \at(reason[k], Pre) ||
		    (\at(reason[k], Pre) == REASON_NONE && reason[k] == REASON_RANK);
		loop assigns i, *r, reason[0 .. f->count - 1];
		loop variant f->count - i;
	*/
	for (uint32_t i = 0; i < f->count; i++) {
		uint32_t out;

		if (reason[i] != REASON_NONE)
			continue;
		out = insert(r, (struct candidate){
			.at = i,
			.score = score(&scale, &p->model[f->model[i]], &f->live[i]),
		});
		if (out != NOBODY)
			reason[out] = REASON_RANK;
	}
}
