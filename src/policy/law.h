/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_LAW_H
#define POLICY_LAW_H

/*
 * law - the words in which the kernel says what it promises.
 *
 * For the machine that proves them (make prove), and for those who want to
 * know what is proven; the compiler sees nothing of it.  PolicyFits and
 * FactsFit are what whoever makes a policy or facts must see to; Permitted is
 * what every plan then keeps.
 */

#include "policy/facts.h"

/*@
	// Whatever a kind of the label brings with it is in force.
	predicate Closed{L}(struct policy *p, struct label l) =
	    \forall integer k; 0 <= k < p->kind_count ==> Has(l.kinds, k) ==>
	    LessEq(p->kind_label[k], l);

	// A set of indexes below n, or NULL for all of them.
	predicate IndexesFit{L}(uint64_t *s, integer n) =
	    s == \null || (\forall integer i; 0 <= i < n ==> \valid_read(s + i / 64));

	predicate Member{L}(uint64_t *s, integer i) = s == \null || Has(s[i / 64], i % 64);

	predicate WideningsFit{L}(struct policy *p, integer w) =
	    \valid_read(p->workload[w].widening + (0 .. p->workload[w].widening_count - 1)) &&
	    (\forall integer i; 0 <= i < p->workload[w].widening_count ==>
	    p->workload[w].widening[i].workload == w);

	predicate PolicyFits{L}(struct policy *p) =
	    \valid_read(p) && p->kind_count <= 64 && p->tool_count <= 64 &&
	    p->tool_first + p->tool_count <= p->place_count &&
	    \valid_read(p->kind_label + (0 .. p->kind_count - 1)) &&
	    \valid_read(p->kind_duties + (0 .. p->kind_count - 1)) &&
	    \valid_read(p->place + (0 .. p->place_count - 1)) &&
	    \valid_read(p->model + (0 .. p->model_count - 1)) &&
	    \valid_read(p->workload + (0 .. p->workload_count - 1)) &&
	    \valid_read(p->bound + (0 .. p->bound_count - 1)) &&
	    (\forall integer k; 0 <= k < p->kind_count ==>
	    Has(p->kind_label[k].kinds, k) && Closed(p, p->kind_label[k])) &&
	    (\forall integer m; 0 <= m < p->model_count ==> p->model[m].place < p->place_count) &&
	    (\forall integer b; 0 <= b < p->bound_count ==>
	    IndexesFit(p->bound[b].models, p->model_count)) &&
	    (\forall integer w; 0 <= w < p->workload_count ==>
	    IndexesFit(p->workload[w].models, p->model_count) &&
	    WideningsFit(p, w));

	// A caller's own bound, or the one of the policy.
	logic struct bound *BoundOf{L}(struct policy *p, struct facts *f) =
	    f->own != \null ? f->own : p->bound + f->bound;

	predicate FactsFit{L}(struct policy *p, struct facts *f) =
	    \valid_read(f) && f->workload < p->workload_count && f->bound < p->bound_count &&
	    (f->own != \null ==>
	    \valid_read(f->own) && IndexesFit(f->own->models, p->model_count)) &&
	    \valid_read(f->model + (0 .. f->count - 1)) &&
	    \valid_read(f->live + (0 .. f->count - 1)) &&
	    (\forall integer i; 0 <= i < f->count ==> f->model[i] < p->model_count);

	// A widening of this workload for this place that has not ended lets the label in.
	predicate Widened{L}(struct policy *p, integer w, integer place, struct label l,
	    integer now) =
	    \exists integer i; 0 <= i < p->workload[w].widening_count &&
	    p->workload[w].widening[i].workload == w &&
	    p->workload[w].widening[i].place == place &&
	    now < p->workload[w].widening[i].until &&
	    MayFlow(l, p->workload[w].widening[i].clearance);

	predicate Reaches{L}(struct policy *p, integer w, integer place, struct label l,
	    integer now) =
	    MayFlow(l, p->place[place].clearance) || Widened(p, w, place, l, now);

	predicate ToolsMay{L}(struct policy *p, struct facts *f, struct label l) =
	    f->tool_unknown == 0 &&
	    (\forall integer i; 0 <= i < 64 ==> Has(f->tools, i) ==> i < p->tool_count &&
	    MayFlow(l, p->place[p->tool_first + i].clearance));

	// What is asked of a request, whatever the model.
	predicate RequestMay{L}(struct policy *p, struct facts *f, struct label l) =
	    MayFlow(l, p->here.clearance) && MayFlow(l, BoundOf(p, f)->ceiling) &&
	    ToolsMay(p, f, l);

	predicate ModelMay{L}(struct policy *p, struct facts *f, struct label l, integer m) =
	    0 <= m < p->model_count &&
	    Reaches(p, f->workload, p->model[m].place, l, f->now) &&
	    Member(BoundOf(p, f)->models, m) &&
	    Member(p->workload[f->workload].models, m) &&
	    Subset(f->features, p->model[m].features) &&
	    Subset(p->workload[f->workload].features, p->model[m].features) &&
	    (p->workload[f->workload].offline != 0 ==> p->place[p->model[m].place].offline != 0) &&
	    p->model[m].draining == 0;

	predicate Permitted{L}(struct policy *p, struct facts *f, struct label l, integer m) =
	    RequestMay(p, f, l) && ModelMay(p, f, l, m);

	// The label on which a decision stands: no less than what is known, with all it brings.
	predicate Stands{L}(struct policy *p, struct facts *f, struct label l) =
	    LessEq(f->label, l) && LessEq(p->workload[f->workload].floor, l) && Closed(p, l);
*/

/*@
	requires PolicyFits(p);
	assigns \nothing;
	ensures upper_bound: LessEq(label, \result);
	ensures closed: Closed(p, \result);
	ensures least: \forall struct label u;
	    LessEq(label, u) && Closed(p, u) ==> LessEq(\result, u);
	ensures idempotent: Closed(p, label) ==> \result == label;
*/
struct label policy_close(const struct policy *p, struct label label);

/*@
	requires set == \null || \valid_read(set + index / 64);
	assigns \nothing;
	ensures \result <==> Member(set, index);
*/
static inline bool policy_set_has(const uint64_t *set, uint32_t index);

/*@
	requires PolicyFits(p);
	requires workload < p->workload_count && place < p->place_count;
	assigns \nothing;
	ensures may: \result.reason == REASON_NONE <==>
	    Reaches(p, workload, place, label, now);
	ensures leans: \result.reason == REASON_NONE ==>
	    (\result.widening == \null <==> MayFlow(label, p->place[place].clearance));
	ensures what_it_leans_on: \result.widening != \null ==>
	    \valid_read(\result.widening) && \result.widening->workload == workload &&
	    \result.widening->place == place && now < \result.widening->until &&
	    MayFlow(label, \result.widening->clearance);
	ensures row: REASON_NONE <= \result.reason < REASON_COUNT;
*/
struct permit policy_flow(const struct policy *p, uint32_t workload, uint32_t place,
    struct label label, int64_t now);

#endif
