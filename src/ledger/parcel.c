/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/parcel.h"

#include "core/json.h"
#include "ledger/paper.h"

enum err
parcel_make(struct parcel *p, struct node_source *nodes, uint64_t head_size)
{
	enum err e = node_frontier(nodes, p->from, &p->tree);

	return e == ERR_OK ? proof_of_prefix(nodes, p->to, head_size, &p->proof) : e;
}

/* ---- a manifest ---- */

void
parcel_put(struct text *t, const struct parcel *p)
{
	bool first = true;

	text_put(t, S("{\"from\":"));
	text_put_number(t, p->from);
	text_put(t, S(",\"to\":"));
	text_put_number(t, p->to);
	text_put(t, S(",\n\"format\":"));
	text_put_json(t, p->format);
	text_put(t, S(",\"file\":"));
	text_put_json(t, p->file);
	text_put(t, S(",\n\"before\":["));
	for (unsigned level = TREE_LEVELS; level-- > 0; ) {
		if ((p->tree.size >> level & 1) == 0)
			continue;
		paper_put_hash(t, p->tree.node[level], first);
		first = false;
	}
	text_put(t, S("],\n\"proof\":["));
	paper_put_proof(t, &p->proof);
	text_put(t, S("],\n\"head\":"));
	text_put_json(t, p->note);
	text_put(t, S("}\n"));
}

static bool
number_of(const struct json *j, struct slice name, uint64_t *out)
{
	uint32_t node = json_member(j, 0, name);

	return node != 0 && json_integer(j, node, out) && *out <= UINT64_C(1) << 62;
}

/* As many hashes as the number before the first entry has bits, the largest subtree first. */
static bool
read_before(const struct json *j, struct parcel *p)
{
	uint32_t list = json_member(j, 0, S("before")), at = list + 1;
	unsigned bits = (unsigned)__builtin_popcountll(p->from);

	if (list == 0 || json_type(j, list) != JSON_ARRAY || j->node[list].count != bits)
		return false;
	p->tree.size = p->from;
	for (unsigned level = TREE_LEVELS; level-- > 0; ) {
		if ((p->from >> level & 1) == 0)
			continue;
		if (!paper_hash(j, at, p->tree.node[level]))
			return false;
		at = j->node[at].next;
	}
	return true;
}

static enum err
complain(struct text *why, struct slice what)
{
	text_put(why, what);
	return ERR_CONF;
}

enum err
parcel_read(struct arena *a, struct slice text, struct parcel *out, struct text *why)
{
	struct json_fault fault = { 0 };
	struct json j;
	enum err e = json_parse(a, text, JSON_DUPLICATES_REFUSED, &j, &fault);

	if (e == ERR_MEMORY)
		return e;
	if (e != ERR_OK || json_type(&j, 0) != JSON_OBJECT)
		return complain(why, S("this is no JSON object"));
	out->format = paper_text(a, &j, S("format"));
	out->file = paper_text(a, &j, S("file"));
	out->note = paper_text(a, &j, S("head"));
	if (out->note.ptr == NULL || out->file.ptr == NULL)
		return complain(why, S("`file` and `head` must be texts"));
	if (!slice_eq(out->format, S("jsonl")) && !slice_eq(out->format, S("csv")))
		return complain(why, S("`format` must be jsonl or csv"));
	if (!number_of(&j, S("from"), &out->from) || !number_of(&j, S("to"), &out->to) ||
	    out->from > out->to)
		return complain(why, S("`from` and `to` must be the numbers of entries"));
	if (!read_before(&j, out))
		return complain(why, S("`before` must have a hash for each bit of `from`"));
	if (!paper_proof(&j, S("proof"), &out->proof))
		return complain(why, S("`proof` must be a list of hashes"));
	return ERR_OK;
}

/* ---- its entries ---- */

void
parcel_add(struct parcel *p, struct digester *d, struct slice line)
{
	struct tree_node unused[TREE_LEVELS / TREE_STRIDE];
	uint8_t leaf[DIGEST_BYTES];

	digest_leaf(d, line, leaf);
	(void)tree_append(&p->tree, d, leaf, unused);
}

static bool
refuse(struct text *why, struct slice what)
{
	text_put(why, what);
	return false;
}

bool
parcel_check(const struct parcel *p, struct digester *d,
    const uint8_t key[static SIGN_PUBLIC_BYTES], struct text *why)
{
	struct tree_state end = { .size = p->tree.size };
	struct slice rest;
	struct head h;

	if (!head_read(p->note, &h, &rest) || rest.len > 0)
		return refuse(why, S("its head cannot be read"));
	if (!head_check(&h, d, key))
		return refuse(why, S("its head is not signed by this key"));
	if (end.size < p->to)
		return refuse(why, S("entries are missing at its end"));
	if (end.size > p->to)
		return refuse(why, S("it has more entries than its manifest says"));
	tree_root(&p->tree, d, end.root);
	if (!proof_extends(&p->proof, d, &end, &h.state))
		return refuse(why, S("these are not the entries that the head was signed for: some "
		    "were changed, moved, left out or made up"));
	return true;
}
