/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/paper.h"

#include "core/base64.h"

struct slice
paper_text(struct arena *a, const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);

	if (node == 0 || json_type(j, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_string(a, j, node);
}

bool
paper_hash(const struct json *j, uint32_t node, uint8_t out[static DIGEST_BYTES])
{
	struct text t;

	text_init(&t, (char *)out, DIGEST_BYTES);
	return json_type(j, node) == JSON_STRING && base64_put_bytes(&t, json_inside(j, node)) &&
	    t.len == DIGEST_BYTES;
}

bool
paper_proof(const struct json *j, struct slice name, struct proof *out)
{
	uint32_t list = json_member(j, 0, name);

	if (list == 0 || json_type(j, list) != JSON_ARRAY ||
	    j->node[list].count > PROOF_HASHES_MAX)
		return false;
	out->count = 0;
	for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i].next)
		if (!paper_hash(j, i, out->hash[out->count++]))
			return false;
	return true;
}

void
paper_put_hash(struct text *t, const uint8_t hash[static DIGEST_BYTES], bool first)
{
	text_put(t, first ? S("\"") : S(",\n\t\""));
	base64_put(t, slice_of((const char *)hash, DIGEST_BYTES));
	text_put(t, S("\""));
}

void
paper_put_proof(struct text *t, const struct proof *p)
{
	for (uint32_t i = 0; i < p->count; i++)
		paper_put_hash(t, p->hash[i], i == 0);
}
