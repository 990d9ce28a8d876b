/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/receipt.h"

#include "core/json.h"
#include "ledger/paper.h"

void
receipt_put(struct text *t, const struct receipt *r)
{
	text_put(t, S("{\"seq\":"));
	text_put_number(t, r->seq);
	text_put(t, S(",\n\"entry\":"));
	text_put_json(t, r->entry);
	text_put(t, S(",\n\"path\":["));
	paper_put_proof(t, &r->proof);
	text_put(t, S("],\n\"head\":"));
	text_put_json(t, r->note);
	text_put(t, S("}\n"));
}

static enum err
complain(struct text *why, struct slice what)
{
	text_put(why, what);
	return ERR_CONF;
}

enum err
receipt_read(struct arena *a, struct slice text, struct receipt *out, struct text *why)
{
	struct json_fault fault = { 0 };
	struct json j;
	enum err e = json_parse(a, text, JSON_DUPLICATES_REFUSED, &j, &fault);
	uint32_t seq;

	if (e == ERR_MEMORY)
		return e;
	if (e != ERR_OK || json_type(&j, 0) != JSON_OBJECT)
		return complain(why, S("this is no JSON object"));
	out->entry = paper_text(a, &j, S("entry"));
	out->note = paper_text(a, &j, S("head"));
	seq = json_member(&j, 0, S("seq"));
	if (out->entry.ptr == NULL || out->note.ptr == NULL)
		return arena_overflowed(a) ? ERR_MEMORY :
		    complain(why, S("`entry` and `head` must be texts"));
	if (seq == 0 || !json_integer(&j, seq, &out->seq))
		return complain(why, S("`seq` must be the entry's number"));
	if (!paper_proof(&j, S("path"), &out->proof))
		return complain(why, S("`path` must be a list of hashes, 32 bytes in base64 each"));
	return ERR_OK;
}

static bool
refuse(struct text *why, struct slice what)
{
	text_put(why, what);
	return false;
}

bool
receipt_check(const struct receipt *r, struct digester *d, const uint8_t *key, struct text *why)
{
	uint8_t leaf[DIGEST_BYTES];
	struct slice rest;
	struct head h;

	if (!head_read(r->note, &h, &rest) || rest.len > 0)
		return refuse(why, S("its head cannot be read"));
	if (key != NULL && !head_check(&h, d, key))
		return refuse(why, S("its head is not signed by this key"));
	digest_leaf(d, r->entry, leaf);
	if (!proof_includes(&r->proof, d, leaf, r->seq, &h.state))
		return refuse(why, S("the entry is not in the tree that the head speaks of"));
	return true;
}
