/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_GRANT_H
#define CALLER_GRANT_H

/*
 * grant - a stored key: whose it is, how its secret is known, what it may do.
 *
 * Keys of callers and of operators are both grants.  The secret itself is
 * nowhere in it, only HMACs.  A grant is kept as one packed row of bytes, the
 * same in the store and in the registry: a head of fixed size, then what is said
 * in words (grant.tbl), each with its number and length, absent ones left out.
 * An unpacked grant borrows its words from those bytes.  Names are kept as
 * names, because configurations change under a key.
 */

#include "caller/key.h"
#include "core/err.h"
#include "core/must.h"
#include "core/text.h"
#include "core/unit.h"
#include "crypt/mac.h"

enum grant_text {
#define GRANT_TEXT(name, what)	GRANT_##name,
#define GRANT_LIST(name, what)
#include "caller/grant.tbl"
#undef GRANT_TEXT
#undef GRANT_LIST
	GRANT_TEXTS
};

enum grant_list {
#define GRANT_TEXT(name, what)
#define GRANT_LIST(name, what)	GRANT_##name,
#include "caller/grant.tbl"
#undef GRANT_TEXT
#undef GRANT_LIST
	GRANT_LISTS
};

/* The head, as it lies in memory and in the store of a little-endian machine.  Times are UTC. */
struct grant_head {
	uint8_t		version, owner, unused[6];
	struct key_id	id;
	/* Of its key; and of the one before, which is good until `before_until` */
	uint8_t		mac[2][MAC_BYTES];
	nanos		before_until;
	nanos		created, expires, revoked;	/* 0: never */
};

struct grant {
	struct grant_head	head;
	struct slice		text[GRANT_TEXTS];
	struct slice		list[GRANT_LISTS];	/* packed names; absent: all */
};

extern const struct slice grant_text_name[GRANT_TEXTS], grant_list_name[GRANT_LISTS];

#define GRANT_NAME_MAX	128	/* bytes of a name in a list */

/* Appends the packed row; whether it fitted, the text tells. */
void grant_pack(const struct grant *, struct text *);

/* False for bytes that are no grant of this program, or of one that knew less. */
must_use bool grant_unpack(struct slice packed, struct grant *);

/* Puts a name behind a list that is being packed; its first byte is its length. */
void grant_list_put(struct text *, struct slice name);

/* The next name of a list, which is what is left of it; false at its end. */
bool grant_list_next(struct slice *list, struct slice *name);

/* Is a name in it?  In an absent one all are. */
bool grant_list_has(struct slice list, struct slice name);

/*
 * What may be shown of it, as members of a JSON object: id, state, times, words and lists.
 * `wall` decides whether it is expired.
 */
void grant_put_json(const struct grant *, nanos wall, struct text *);

/* ERR_OK, or why a key with the right secret is good no more: ERR_KEY_REVOKED, ERR_KEY_EXPIRED. */
enum err grant_state(const struct grant_head *, nanos wall);

#endif
