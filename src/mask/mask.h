/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASK_MASK_H
#define MASK_MASK_H

/*
 * mask - takes values out of texts, and says what the rest is worth.
 *
 * All texts of one request are masked together: what was found in one of them is
 * taken out of all, wherever it stands as a word of its own (3 to 256 bytes), and so
 * is what earlier requests of the conversation hid.  The bytes around stay as
 * they are, the escapes of a JSON string too.  What a caller typed that restoring
 * would take for a live token is masked itself, so that restore(mask(text)) is
 * the text, whatever it holds; each masked text is looked at as restore will.
 *
 * mask_seal() is the one place where a label is lowered.  Why it may:
 *
 *	The label that comes out is the join of
 *	1. `keep`: what the caller says does not hang on single spans: weigh_combined()
 *	   of all that was found, markings, floor, header, taint;
 *	2. the label of every finding that was not masked, or whose type is not one
 *	   that masking lowers;
 *	3. the label of every finding of a second look at each text that changed, but
 *	   those that cover nothing of it save tokens, spaces and punctuation.
 *	So a label that is missing in it was that of masked spans alone.  Their
 *	bytes are replaced by digits of a pseudorandom function, which say nothing of
 *	them; and whatever the change made visible is found by 3.  Where a list of
 *	findings is cut nothing is known of the rest, and nothing is lowered.
 */

#include "detect/weigh.h"
#include "mask/vault.h"

/* A set of enum detect_type. */
struct mask_types {
	uint64_t	bit[TYPE_WORDS];
};

static inline void
mask_types_add(struct mask_types *t, enum detect_type type)
{
	t->bit[type / 64] |= UINT64_C(1) << type % 64;
}

static inline bool
mask_types_has(const struct mask_types *t, unsigned type)
{
	return weigh_has(t->bit, type);
}

/* Does the type have a mask?  Without a mask word, and if it is a secret, it has none. */
bool mask_is_possible(enum detect_type);

/* One span and the token that stands there now. */
struct mask_edit {
	uint32_t	start, end;	/* of the text */
	uint32_t	at;		/* where the token begins in the masked text */
	struct slice	token;
};

/* One text; the first four are the caller's (raw and key may be absent), the others are made. */
struct mask_text {
	struct slice		 text;		/* UTF-8, what detection was given */
	struct slice		 raw;		/* the same, as it stands inside a JSON string */
	struct slice		 key;		/* what it stands under (struct look) */
	const struct findings	*found;		/* in text, settled; NULL: none */
	struct slice		 masked;	/* text with tokens */
	struct slice		 made;		/* what to send: raw, or else text, with tokens */
	struct mask_edit	*edit;
	uint32_t		 edits;		/* 0: made is what was there */
};

/*
 * Masks the findings of those types in all the texts.  Findings of other types stay.  A
 * possessive 's stays behind its token.  ERR_VAULT_FULL, ERR_MEMORY, and ERR_MASK_REFUSED for
 * a text that would not come back as it was: then none of the texts may be sent.
 */
must_use enum err mask_texts(struct arena *, struct vault *, const struct mask_types *,
    struct mask_text *text, size_t count);

/* What masking means, from the configuration. */
struct mask_rules {
	struct mask_types	 types;		/* are masked */
	const struct rules	*rules;		/* what findings bring, and if it goes with them */
	const uint64_t		*ignored;	/* as weigh_label() has it */
	unsigned		 parts;		/* enum detect_parts of the second look */
	const struct dictionary	*dictionary;	/* of that look, too; or NULL */
	bool			 wide;		/* the machine has what core/wide.h needs */
};

struct mask_content {
	struct mask_text	*text;		/* all texts of the request that will be sent */
	size_t			 count;
	struct label		 keep;
	bool			 cut;		/* there may be more than was found */
};

/* New content and its label.  Nothing else makes one. */
struct mask_sealed {
	const struct mask_text	*text;
	size_t			 count;
	struct label		 label;
};

/*
 * Masking in steps, for whoever shares a processor: each masks one text, or looks again at
 * about so many bytes.  NULL without memory; true when there is nothing left to do.  The
 * scratch is given back with every step.  All that is given here stays until mask_seal().
 */
struct mask_work;
struct mask_work *mask_begin(struct arena *, struct arena *scratch, struct vault *,
    const struct mask_rules *, const struct mask_content *);
must_use bool mask_step(struct mask_work *, size_t bytes);

/* After the last step: as mask_texts(); ERR_MASK_REFUSED too if a list of findings is cut. */
must_use enum err mask_seal(const struct mask_work *, struct mask_sealed *out);

/*
 * In the gateway, in short:
 *
 *	vault_init(&v, arena, aead.tokens, wall + ttl);		or vault_open() what was kept
 *	for each text of the request, with findings or without:
 *		t[n++] = { json_string(arena, j, i), json_inside(j, i), key, findings or NULL };
 *	w = mask_begin(arena, scratch, &v, &rules, &(struct mask_content){ t, n, keep, cut });
 *	while (!mask_step(w, bytes)) let others run;
 *	mask_seal(w, &sealed);		decide again with sealed.label; t[i].made instead of raw
 *	vault_seal(&v, &aead.seal, &owner, nonce, &bytes);	kept with the conversation
 *	for each (choice, part, tool call): restore_init(&r, &v, RESTORE_LOOSE, is_arguments);
 *	for each delta: restore_feed(&r, delta); while (restore_next(&r, &p)) escape and send p;
 *	at its end: restore_end(&r); while (restore_next(&r, &p)) escape and send p;
 */

#endif
