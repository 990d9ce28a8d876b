/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_PAPER_H
#define LEDGER_PAPER_H

/*
 * paper - the JSON that an auditor is given: texts, hashes, proofs.
 *
 * What a receipt and the manifest of an export have in common.  Hashes are 32
 * bytes in base64, a proof is a list of them.  Papers come from strangers: what
 * is read is checked, and nothing of it is trusted before its signature was.
 */

#include "core/json.h"
#include "ledger/proof.h"

/* The text of a member of the document, in the arena; absent where it is none. */
struct slice paper_text(struct arena *, const struct json *, struct slice name);

/* False for a node that is no hash. */
must_use bool paper_hash(const struct json *, uint32_t node, uint8_t out[static DIGEST_BYTES]);

/* The list of hashes that is a member of the document; false where it is none. */
must_use bool paper_proof(const struct json *, struct slice name, struct proof *out);

/* A hash of a list, with what stands between it and the one before. */
void paper_put_hash(struct text *, const uint8_t hash[static DIGEST_BYTES], bool first);

/* All of a proof, without the brackets. */
void paper_put_proof(struct text *, const struct proof *);

#endif
