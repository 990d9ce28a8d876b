/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_GAZETTEER_H
#define NAME_GAZETTEER_H

/*
 * gazetteer - what a word is known as: a first name, a place, a street's word.
 *
 * gazetteer.bin lies in the program as it is.  It is made by `trivium train
 * lists` of the lists that doc/guide/names.md names, and holds no word, only
 * 31 bits of the hash of each: one word in ten thousand that stands in no list
 * is taken for one that does.  A phrase of several words is found by the hash
 * of all of them.  A look costs about ten nanoseconds.
 *
 *	magic, "TVMGAZ2\n"
 *	2^GAZETTEER_BITS + 1 times the number of the first entry of a bucket, 32 bits
 *	entries: 16 bits of the hash, 16 bits of what the word is; little-endian
 *	GAZETTEER_PAD bytes of nothing
 *
 * What a word is: a set of the first few bits, and one role, which is a number.
 */

#include "name/atom.h"

#define GAZETTEER_BITS	15
#define GAZETTEER_MAGIC	"TVMGAZ2\n"
#define GAZETTEER_PAD	16	/* bytes behind the entries, which are read in fours */
#define GAZETTEER_PHRASE 5	/* words of the longest phrase */

struct gazetteer_entry {
	uint16_t	print;		/* the low bits of its hash */
	uint16_t	is;
};

enum gazetteer_is {
	IS_FIRST = 1,		/* a first name */
	IS_LAST = 2,		/* a surname */
	IS_PLACE = 4,		/* a city, a region, a country */
	IS_FIRM = 8,		/* an organisation, all of its name */
	IS_COMMON = 16,		/* a word of the language, in lower case */
	IS_NATION = 32,		/* of a country or a people: Polish */
	IS_PROPER = 64,		/* written with a capital: a brand, a month, a mountain */
	IS_OF = 128,		/* stands between the parts of names: de, van, bin */
	IS_START = 256,		/* a phrase of the lists begins with it */
	IS_ROLE = 512,		/* the role times this */
	IS_PHRASE = 32768,	/* it was found as part of a phrase; never in the file */
};

enum atom_role {
#define ROLE(name, what)	ROLE_##name,
#include "name/role.tbl"
#undef ROLE
	ROLE_COUNT
};

/* What the word or phrase with this hash is; 0 if nothing is known. */
uint16_t gazetteer_look(uint32_t hash);

/* Looks for each word of a block, and for phrases of them. */
void gazetteer_mark(struct atoms *);

static inline enum atom_role
gazetteer_role(uint16_t is)
{
	return (enum atom_role)((is & ~IS_PHRASE) / IS_ROLE);
}

/* The role of that name, ROLE_COUNT if there is none; and its name. */
enum atom_role gazetteer_role_of(struct slice name);

#endif
