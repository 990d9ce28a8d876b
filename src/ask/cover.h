/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ASK_COVER_H
#define ASK_COVER_H

/*
 * cover - a request with its values taken out, and the label that it has then.
 *
 * All texts of the document that can be replaced are masked together and sealed
 * (mask/mask.h), and the document is put together anew around them: what was
 * not masked keeps its bytes.  Texts that cannot be replaced (ids, schemas) are
 * not, and what was found in them keeps its label; if one of them has a value
 * that was masked elsewhere, nothing is lowered at all.  One line tells the model
 * that tokens are to be copied.  What is not JSON text (numbers that spell a
 * card) is nobody's to mask: detection does not see it either.
 */

#include "ask/inquiry.h"
#include "mask/mask.h"

struct cover {
	struct vault		 vault;
	struct json		 before, json;	/* the document as it came, and as it is sent */
	struct label		 origin;	/* before anything was taken out */
	struct label		 label;		/* after; header, opaque parts and so on included */
	uint32_t		 tokens;	/* spans that were replaced */
};

/* Whose tokens they are, and what the conversation hid before. */
struct cover_keys {
	struct hash_key		 tokens;
	const struct seal	*seal;		/* of the vault; NULL: of this request alone */
	struct vault_owner	 owner;
	struct slice		 sealed;	/* empty: nothing yet */
	nanos			 wall, expires_wall;
};

/* Which types: those that a workload always masks, or all that can be. */
enum cover_what { COVER_ASKED, COVER_ALL };

/*
 * Can anything that was found be masked so, and is it not yet?  Embeddings never are, nor is
 * content that this host or the caller must not meet, masked or not.
 */
bool cover_may(const struct inquiry *, enum cover_what);

/*
 * Would it help to mask?  The workload says so, and what stands in the way is the label; no
 * model is less down for it.
 */
bool cover_helps(const struct inquiry *, const struct verdict *);

/* What cannot be masked stays what it was, and with it the verdict: is this such an error? */
bool cover_is_refused(enum err);

/*
 * Makes one in steps, for whoever shares a processor: the cover in the inquiry's arena, the
 * document in its work arena, its scratch used and given back.  What was masked before is masked
 * anew, from the document as it came.  The inquiry stays where it is until the end.  NULL without
 * memory; true when there is nothing left to do.
 */
struct covering;
struct covering *cover_begin(struct inquiry *, const struct cover_keys *, enum cover_what);
must_use bool cover_step(struct covering *, size_t bytes);

/*
 * After the last step: the inquiry is about the new document, in json, cover, ask, use and the
 * label of its facts.  ERR_VAULT_FULL, ERR_MASK_REFUSED, ERR_TOO_LARGE: nothing may be sent
 * instead of what there was; the errors of vault_open(); ERR_MEMORY.
 */
must_use enum err cover_end(struct covering *, struct cover **out);

#endif
