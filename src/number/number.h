/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NUMBER_NUMBER_H
#define NUMBER_NUMBER_H

/*
 * number - is it a number that its issuer could have given out?
 *
 * One row of number.tbl for each kind of national, financial and industrial
 * identifier: how long it is, what it is made of, which separators its issuer
 * writes, and a function that knows its check digits and its structure.  A
 * number is judged as it is written; it is made compact on the stack, and
 * nothing is allocated, looked up or remembered.  A judgement costs tens of
 * nanoseconds.  That a number is valid does not mean that it was given out.
 *
 * Names are those of the vectors that others publish: "de.idnr", "iban".
 */

#include "core/slice.h"

/* No number is longer than this when it is compact, nor twice this as it is written. */
#define NUMBER_BYTES_MAX	96

enum number {
#define NUMBER(id, ...)	NUMBER_##id,
#include "number/number.tbl"
#undef NUMBER
	NUMBER_COUNT
};

/* Of the changes of one single digit, how many are noticed. */
enum number_catches { NUMBER_CATCHES_ALL, NUMBER_CATCHES_MOST, NUMBER_CATCHES_NONE };

struct number_info {
	struct slice		name;		/* "de.idnr" */
	struct slice		country;	/* ISO 3166-1 alpha-2, or empty */
	struct slice		what;		/* in words */
	struct slice		example;	/* a valid one, made up or published as such */
	struct slice		prefix;		/* may stand in front: "DE" */
	unsigned		min, max;	/* characters, without separators and prefix */
	bool			digits;		/* it has no letters (nor anything else) */
	enum number_catches	catches;
};

/* Is it valid as written: with the separators and the prefix of its issuer, or without? */
bool number_is_valid(enum number, struct slice written);

/* NUMBER_COUNT where there is none of that name.  A search: not for the hot path. */
enum number number_of(struct slice name);

struct number_info number_info(enum number);

#endif
