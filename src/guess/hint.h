/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GUESS_HINT_H
#define GUESS_HINT_H

/*
 * hint - what the name of a value says about the value.
 *
 * A name is an identifier or a few words, in whatever way they are joined:
 * DB_PASSWORD, apiKey, "client secret", mot de passe.  Its words are looked up in
 * hint.tbl, and, where that is asked for, in vendor.tbl.  What a name is *about*
 * stands last in most languages that programs are written in: passwordLength is
 * no password.  A word costs a search of nine steps,
 * but most names are known by their letters alone to have none of these.
 */

#include "core/slice.h"

enum hint {
	HINT_PASSWORD = 1,	/* the value is a password */
	HINT_SECRET = 2,	/* a secret of another kind */
	HINT_KEY = 4,		/* a key, of a door or of a table */
	HINT_VENDOR = 8,	/* a vendor is named who issues keys */
	HINT_ACCESS = 32,	/* access, private: with a vendor, of a secret */
	HINT_OTHER = 16,	/* it is something about a secret, not a secret */
};

/* More words than this are not looked at. */
#define HINT_WORDS_MAX	12

/* The set of enum hint of the words in this name. */
unsigned hint_of(struct slice name);

/* The same, with vendors. */
unsigned hint_of_vendor(struct slice name);

/* Are the words of both tables in the order in which they are looked for? */
bool hint_is_sorted(void);

#endif
