/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASK_VAULT_H
#define MASK_VAULT_H

/*
 * vault - the values that one conversation hides, and the tokens that stand for
 * them.
 *
 * A vault lives in an arena, for one request.  Between requests it is sealed:
 * bytes under an AEAD that say neither words nor values, bound to the tenant,
 * the conversation and the time until which they are worth anything.  Sealed or
 * not it is a sink with a clearance (policy.md); that is asked by whoever puts
 * it somewhere.
 *
 * Each word has one table of its tokens, open addressing in the order of their
 * ids, which are random: it answers both "which token is this" and "does any
 * token begin so" in a few steps.  From value to token the way is the code,
 * which is computed, so there is no second table to disagree with the first.
 * A vault never has more than VAULT_TOKENS_MAX tokens or VAULT_BYTES_MAX bytes
 * of values; who wants more is refused, and his text stays unmasked.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/seal.h"
#include "core/unit.h"
#include "mask/token.h"

#define VAULT_WORDS_MAX	256

struct vault_entry {
	uint64_t	id;
	struct slice	value;		/* as it was written */
	struct slice	token;
	uint32_t	word;		/* index in the vault's words */
};

struct vault_word {
	struct slice	 word;
	uint32_t	*slot;		/* entry's index + 1, or 0 */
	uint32_t	 room, count;	/* room is a power of 2; half as many slots follow */
};

struct vault {
	struct arena		*arena;
	struct hash_key		 key;
	nanos			 expires_wall;
	struct vault_entry	*entry;
	struct vault_word	*word;
	uint32_t		 count, room, word_count;
	uint32_t		 firsts;	/* letters that begin words; A and a are bit 1 */
	uint32_t		 pairs[32];	/* by the last letter but one, the last ones */
	size_t			 value_bytes;
};

/* The key is of the conversation, and random or derived: who has it can tell tokens. */
void vault_init(struct vault *, struct arena *, struct hash_key, nanos expires_wall);

/*
 * The token of a value, made if there is none.  ERR_VAULT_FULL, ERR_MEMORY; the word is a
 * token_is_word() and the value is not empty.
 */
must_use enum err vault_mint(struct vault *, struct slice word, struct slice value,
    struct slice *token);

/* The index of a word among the vault's, where it is put if it is new. */
must_use enum err vault_word(struct vault *, struct slice word, uint32_t *index);

/* A token of that word which is not there yet. */
must_use enum err vault_add(struct vault *, uint32_t word, uint64_t id, struct slice value);

/* The live token of that word and id; NULL if there is none. */
const struct vault_entry *vault_find(const struct vault *, const struct vault_word *, uint64_t id);

/* Does a live token of that word have an id from `low` to `high`? */
bool vault_has(const struct vault *, const struct vault_word *, uint64_t low, uint64_t high);

/*
 * Mints what another vault of the same conversation has: two requests at once each add to
 * what they opened, and neither is lost.  Codes agree, for the key does.
 */
must_use enum err vault_merge(struct vault *, const struct vault *from);

/* ---- between requests: vault_seal.c ---- */

/* Whose it is: bound to the bytes, and not among them. */
struct vault_owner {
	struct slice	tenant, conversation;
};

/*
 * The sealed bytes, in the vault's arena.  A nonce is random or a counter, and never the same
 * twice under one key.  ERR_MEMORY; ERR_VAULT_BROKEN if it cannot be done.
 */
must_use enum err vault_seal(const struct vault *, const struct seal *,
    const struct vault_owner *, const char nonce[static SEAL_NONCE_BYTES], struct slice *out);

/*
 * Opens into a vault that was just initialised, whose time becomes that of the sealed one.
 * ERR_VAULT_BROKEN: these bytes are no vault of this version.  ERR_VAULT_FOREIGN: they were
 * changed, cut, or sealed for somebody else, or with another key.  ERR_VAULT_EXPIRED: at `wall`
 * they are worth nothing any more.  ERR_MEMORY.  After an error the vault must not be used.
 */
must_use enum err vault_open(struct vault *, const struct seal *,
    const struct vault_owner *, struct slice sealed, nanos wall);

#endif
