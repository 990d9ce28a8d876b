/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIND_TYPE_H
#define FIND_TYPE_H

/*
 * type - everything that detection can find, one row each.
 *
 * A row has the type's name in the configuration and in answers, the kind that
 * it brings (policy/kind.tbl; none: only its level counts), its level, the word
 * with which its masks begin (empty: it is never masked, its text stays home),
 * the basis on which it counts, and two texts that are its tests: in the first,
 * braces stand around what must be found; in the second nothing of the type is.
 * Only what is in an operator's own lists has none.  A list with a name is a
 * type as well: the configuration gives it a place of own.tbl, and struct rules
 * (detect/weigh.h) says what it is called.
 *
 *	identity.tbl	persons, numbers of persons and things, places
 *	credential.tbl	secrets, infrastructure, code
 *	wording.tbl	what words say: markings, health, special categories, injection
 *	own.tbl		places for an operator's own
 */

#include "core/slice.h"

enum detect_level { DETECT_PUBLIC, DETECT_INTERNAL, DETECT_CONFIDENTIAL, DETECT_REGULATED };

enum detect_type {
#define TYPE(name, kind, level, mask, basis, yes, no)	TYPE_##name,
#include "find/identity.tbl"
#include "find/credential.tbl"
#include "find/wording.tbl"
#include "find/own.tbl"
#undef TYPE
	TYPE_COUNT
};

/* Places of the operator's own types, and which of them are taken for which kind. */
#define TYPE_OWN	TYPE_own_1
#define OWN_COUNT	(TYPE_COUNT - TYPE_OWN)

struct type_info {
	struct slice		name, kind, mask, basis;
	struct slice		yes, no;
	enum detect_level	level;
};

const struct type_info *type_info(enum detect_type);

/* As the configuration's usual levels are called. */
struct slice type_level_name(enum detect_level);

/* The type of that name, in upper or lower case, none of own.tbl; TYPE_COUNT: there is none. */
enum detect_type type_of(struct slice name);

/* A secret: never restored, never forwarded. */
static inline bool
type_is_secret(enum detect_type type)
{
	return slice_eq(type_info(type)->kind, S("credentials"));
}

#endif
