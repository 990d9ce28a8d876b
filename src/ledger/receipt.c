/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/receipt.h"

#include "core/base64.h"
#include "core/json.h"

void
receipt_put(struct text *t, const struct receipt *r)
{
	text_put(t, S("{\"seq\":"));
	text_put_number(t, r->seq);
	text_put(t, S(",\n\"entry\":"));
	text_put_json(t, r->entry);
	text_put(t, S(",\n\"path\":["));
	for (uint32_t i = 0; i < r->proof.count; i++) {
		text_put(t, i == 0 ? S("\"") : S(",\n\t\""));
		base64_put(t, slice_of((const char *)r->proof.hash[i], DIGEST_BYTES));
		text_put(t, S("\""));
	}
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

/* The text of a member; absent where it is none. */
static struct slice
text_of(struct arena *a, const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);

	if (node == 0 || json_type(j, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_string(a, j, node);
}

static bool
read_hash(const struct json *j, uint32_t node, uint8_t out[static DIGEST_BYTES])
{
	struct text t;

	text_init(&t, (char *)out, DIGEST_BYTES);
	return json_type(j, node) == JSON_STRING && base64_put_bytes(&t, json_inside(j, node)) &&
	    t.len == DIGEST_BYTES;
}

static bool
read_path(const struct json *j, struct proof *out)
{
	uint32_t path = json_member(j, 0, S("path"));

	if (path == 0 || json_type(j, path) != JSON_ARRAY ||
	    j->node[path].count > PROOF_HASHES_MAX)
		return false;
	out->count = 0;
	for (uint32_t i = path + 1; i < j->node[path].next; i = j->node[i].next)
		if (!read_hash(j, i, out->hash[out->count++]))
			return false;
	return true;
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
	out->entry = text_of(a, &j, S("entry"));
	out->note = text_of(a, &j, S("head"));
	seq = json_member(&j, 0, S("seq"));
	if (out->entry.ptr == NULL || out->note.ptr == NULL)
		return arena_overflowed(a) ? ERR_MEMORY :
		    complain(why, S("`entry` and `head` must be texts"));
	if (seq == 0 || !json_integer(&j, seq, &out->seq))
		return complain(why, S("`seq` must be the entry's number"));
	if (!read_path(&j, &out->proof))
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
