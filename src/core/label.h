/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LABEL_H
#define CORE_LABEL_H

/*
 * label - how sensitive content is, and what a place may receive.
 *
 * A label travels with content, a clearance belongs to a sink; both are four
 * fixed-size words and values.  label_join() is what two findings mean
 * together: commutative, associative, idempotent, and it never loses a
 * restriction.  label_may_flow() is the one question that guards every sink.
 * Sets are bits whose meaning (names of kinds, regions, requirements) the
 * configuration gives.
 */

#include "core/must.h"
#include "core/slice.h"

struct label {
	uint64_t	kinds;		/* what was found */
	uint64_t	regions;	/* leaf regions where it may be processed; all by default */
	uint64_t	requires;	/* agreements and properties that a place must hold */
	uint32_t	level;		/* rank; 0 is the least */
};

struct clearance {
	uint64_t	kinds;		/* kinds accepted */
	uint64_t	regions;	/* leaf regions that the place may use */
	uint64_t	holds;
	uint32_t	level;		/* the highest level accepted */
};

#define LABEL_PUBLIC	((struct label){ .regions = UINT64_MAX })

/* The first of these that forbids a flow. */
enum flow {
	FLOW_MAY,
	FLOW_LEVEL,
	FLOW_KIND,
	FLOW_REGION,
	FLOW_REQUIRES,
};

/*
 * What the functions promise, for the machine that proves it (make prove): in
 * terms of sets and their members, not of words and masks.  The three axioms are
 * all that is taken for granted; test/proof/sets.smt2 proves them for each of
 * the 2^128 pairs of words.
 */
/*@
	predicate Has(uint64_t s, integer i) = (s >> i & 1) != 0;

	predicate Subset(uint64_t a, uint64_t b) =
	    \forall integer i; 0 <= i < 64 ==> Has(a, i) ==> Has(b, i);

	predicate Empty(uint64_t s) = \forall integer i; 0 <= i < 64 ==> !Has(s, i);

	predicate IsUnion(uint64_t s, uint64_t a, uint64_t b) =
	    \forall integer i; 0 <= i < 64 ==> (Has(s, i) <==> Has(a, i) || Has(b, i));

	predicate IsIntersection(uint64_t s, uint64_t a, uint64_t b) =
	    \forall integer i; 0 <= i < 64 ==> (Has(s, i) <==> Has(a, i) && Has(b, i));

	axiomatic Sets {
		axiom subset: \forall uint64_t a, b;
		    Subset(a, b) <==> (a & (uint64_t)~b) == 0;
		axiom empty: \forall uint64_t s; Empty(s) <==> s == 0;
		axiom same: \forall uint64_t a, b; Subset(a, b) && Subset(b, a) ==> a == b;
	}

	predicate MayFlow(struct label l, struct clearance c) =
	    l.level <= c.level && Subset(l.kinds, c.kinds) &&
	    !Empty(c.regions) && Subset(c.regions, l.regions) &&
	    Subset(l.requires, c.holds);

	// b forbids all that a forbids.
	predicate LessEq(struct label a, struct label b) =
	    a.level <= b.level && Subset(a.kinds, b.kinds) &&
	    Subset(b.regions, a.regions) && Subset(a.requires, b.requires);

	predicate IsJoin(struct label j, struct label a, struct label b) =
	    IsUnion(j.kinds, a.kinds, b.kinds) &&
	    IsIntersection(j.regions, a.regions, b.regions) &&
	    IsUnion(j.requires, a.requires, b.requires) &&
	    (a.level <= b.level ? j.level == b.level : j.level == a.level);

	lemma antisymmetric: \forall struct label a, b;
	    LessEq(a, b) && LessEq(b, a) ==> a == b;
	lemma transitive: \forall struct label a, b, c;
	    LessEq(a, b) && LessEq(b, c) ==> LessEq(a, c);
	lemma commutative: \forall struct label a, b, j, k;
	    IsJoin(j, a, b) && IsJoin(k, b, a) ==> j == k;
	lemma associative: \forall struct label a, b, c, ab, bc, j, k;
	    IsJoin(ab, a, b) && IsJoin(j, ab, c) &&
	    IsJoin(bc, b, c) && IsJoin(k, a, bc) ==> j == k;
	lemma idempotent: \forall struct label a, j; IsJoin(j, a, a) ==> j == a;
*/

/* Whether each member of one set is in the other. */
/*@
	assigns \nothing;
	ensures \result <==> Subset(part, whole);
*/
static inline bool
label_within(uint64_t part, uint64_t whole)
{
	return (part & ~whole) == 0;
}

/*@
	assigns \nothing;
	ensures union: IsJoin(\result, a, b);
	ensures upper_bound: LessEq(a, \result) && LessEq(b, \result);
	ensures least: \forall struct label u;
	    LessEq(a, u) && LessEq(b, u) ==> LessEq(\result, u);
	ensures permits_what_both_permit: \forall struct clearance c;
	    MayFlow(\result, c) <==> MayFlow(a, c) && MayFlow(b, c);
*/
struct label label_join(struct label a, struct label b);

/*@
	assigns \nothing;
	ensures may: \result == FLOW_MAY <==> MayFlow(content, place);
	ensures level: \result == FLOW_LEVEL <==> content.level > place.level;
	ensures kind: \result == FLOW_KIND ==> !Subset(content.kinds, place.kinds);
	ensures region: \result == FLOW_REGION ==>
	    Empty(place.regions) || !Subset(place.regions, content.regions);
	ensures requires: \result == FLOW_REQUIRES ==> !Subset(content.requires, place.holds);
	ensures row: FLOW_MAY <= \result <= FLOW_REQUIRES;
*/
enum flow label_flow(struct label content, struct clearance place);

/*@
	assigns \nothing;
	ensures \result <==> MayFlow(content, place);
*/
bool label_may_flow(struct label content, struct clearance place);

#endif
