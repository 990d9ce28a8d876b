/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASK_TOKEN_H
#define MASK_TOKEN_H

/*
 * token - the word that stands for a value: Person_K7QX2MB40R.
 *
 *	Person _ K7QX2MB4 0 R
 *	   |        |     | check character
 *	   |        |     form: how this one was written
 *	   |        code: which value
 *	   mask word of the type (find/type.h)
 *
 * The code is 40 bits of SipHash-2-4 of word and value under a key of 128 bits
 * that only this conversation has; the form is 5 more bits of the value as it
 * was written.  SipHash is a pseudorandom function: without the key nobody can
 * tell a token from a random one, so a token can be guessed only by trying, one
 * in 2^40 for each live one.  Two ways of writing one value (case, spaces,
 * hyphens in numbers) have one code and different forms, so a model sees that
 * they are the same and restoring gives back what was written.  A token is a function of
 * key, word and value, unless codes collide: workers need not agree on anything.
 *
 * Codes are written with the digits of Crockford's base 32 (no I, L, O, U), and
 * all tokens of one word are of one length: no token is the beginning of another.
 * The check character is that of a Reed-Solomon code over GF(32): it tells every
 * single wrong character, and every two neighbours that were swapped.
 */

#include "core/arena.h"
#include "core/hash.h"

#define TOKEN_WORD_MAX	24		/* bytes of a mask word; at least 2, letters of ASCII */
#define TOKEN_DIGITS	10		/* 8 of code, form, check */
#define TOKEN_BYTES_MAX	(TOKEN_WORD_MAX + 1 + TOKEN_DIGITS)
#define TOKEN_ID_BITS	45		/* code and form: all of a token but its word */
#define TOKEN_FORM_BITS	5

/* Can this begin a token? */
bool token_is_word(struct slice word);

/* What a digit is worth: 0 to 31, or -1; loosely, lower case and o, i, l count for 0, 1, 1. */
int token_digit(char c, bool loose);

/* The check character's worth, of an id. */
unsigned token_check(uint64_t id);

/* Code and form from the worth of ten digits; false if the check character is wrong. */
bool token_id(const unsigned char digit[static TOKEN_DIGITS], uint64_t *id);

/*
 * Of ten digits of which one may be wrong at `place`: puts it right, and says the id.  There
 * is exactly one digit that can stand there.
 */
uint64_t token_repair(const unsigned char digit[static TOKEN_DIGITS], unsigned place);

/* Writes word, underscore and ten digits; at most TOKEN_BYTES_MAX.  Returns how many bytes. */
size_t token_spell(char *out, struct slice word, uint64_t id);

/*
 * What all ways of writing a value have in common: lower case (ASCII, Latin, Greek, Cyrillic),
 * one space for any white space and none at the ends, and of values with a digit neither
 * spaces nor hyphens.  Never longer than the value.  The empty slice without memory.
 */
struct slice token_canonical(struct arena *, struct slice value);

/* The code of a canonical form; `attempt` counts the collisions so far. */
uint64_t token_code(struct arena *, const struct hash_key *, struct slice word,
    struct slice canonical, unsigned attempt);

/* The form in which a value was written, as far as 5 bits tell. */
unsigned token_form(const struct hash_key *, struct slice value);

#endif
