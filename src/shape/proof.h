/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_PROOF_H
#define SHAPE_PROOF_H

/*
 * proof - does a number that looks like one of a type hold up?
 *
 * Rules of one type each: which digits may stand where, which dates and places
 * exist, and whether the check digit is right.  Most of them are number/'s.
 * Some issuers gave out numbers whose check digit is wrong, or stopped to
 * compute one: those rules say PROOF_SHAPE where they could say no more than
 * that it may be one.
 */

#include "shape/chain.h"

enum proof {
	PROOF_NO,
	PROOF_SHAPE,		/* it may be one */
	PROOF_VALID,		/* its check is right, or its structure is rare */
};

enum check {
#define NUMBERED(name, number)	CHECK_##name,
#define CHECK(name)		CHECK_##name,
#include "shape/proof.tbl"
#undef NUMBERED
#undef CHECK
};

/* One function for each row of ours, named for it. */
#define NUMBERED(name, number)
#define CHECK(name)		enum proof proof_##name(const struct compact *);
#include "shape/proof.tbl"
#undef NUMBERED
#undef CHECK

enum proof proof_of(enum check, const struct compact *);

/* Six digits: is there such a day?  In the order year, month, day, or the other way around. */
bool proof_is_ymd(const char *six);
bool proof_is_dmy(const char *six);


#endif
