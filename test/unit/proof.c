/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/proof.h"

#include "check.h"
#include "plant.h"

/*
 * The eight leaves that the tests of certificate-transparency use, and the roots
 * of the trees of the first n of them (RFC 6962, whose hashes are those of RFC 9162).
 */
static const struct { struct slice leaf; const char *root; } classic[] = {
	{ S(""), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ S("\x00"), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ S("\x10"), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ S("\x20\x21"), "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ S("\x30\x31"), "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ S("\x40\x41\x42\x43"),
	    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ S("\x50\x51\x52\x53\x54\x55\x56\x57"),
	    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ S("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"),
	    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

#define LEAVES	COUNT_OF(classic)

/* Nodes of that tree by what they cover: hashes of the same tests. */
static const struct { uint64_t index, size; const char *path[4]; } paths[] = {
	{ 0, 1, { NULL } },
	{ 0, 8, { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
	{ 5, 8, { "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
	    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
	{ 2, 3, { "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" } },
	{ 1, 5, { "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
};

static const struct { uint64_t first, second; const char *path[4]; } extensions[] = {
	{ 1, 1, { NULL } },
	{ 1, 8, { "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4" } },
	{ 6, 8, { "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
	    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" } },
	{ 2, 5, { "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b" } },
	{ 0, 5, { NULL } },
};

static void
from_hex(const char *hex, uint8_t out[static DIGEST_BYTES])
{
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		out[i] = (uint8_t)strtoul(two, NULL, 16);
	}
}

static void
check_hash(const uint8_t *got, const char *want, const char *why)
{
	uint8_t bytes[DIGEST_BYTES];

	from_hex(want, bytes);
	check_slice(slice_of((const char *)got, DIGEST_BYTES),
	    slice_of((const char *)bytes, DIGEST_BYTES), "%s", why);
}

static void
check_path(const struct proof *p, const char *const *want, const char *why)
{
	uint32_t count = 0;

	while (count < 4 && want[count] != NULL)
		count++;
	check_int(p->count, count, "%s: hashes", why);
	for (uint32_t i = 0; i < count && i < p->count; i++)
		check_hash(p->hash[i], want[i], why);
}

static void
state_of(struct plant *p, uint64_t size, struct tree_state *out)
{
	check_int(node_root(&p->nodes, size, out), ERR_OK, "a root as it was");
}

static void
vectors(struct plant *p)
{
	struct tree_state then, now;
	struct proof proof;
	char why[64];

	for (size_t i = 0; i < LEAVES; i++)
		check(plant_add(p, classic[i].leaf), "leaf %zu", i);
	for (size_t i = 0; i < LEAVES; i++) {
		state_of(p, i + 1, &then);
		check_hash(then.root, classic[i].root, "the root as it was");
	}
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		snprintf(why, sizeof why, "path of %d in %d", (int)paths[i].index,
		    (int)paths[i].size);
		check_int(proof_of_entry(&p->nodes, paths[i].index, paths[i].size, &proof),
		    ERR_OK, "%s", why);
		check_path(&proof, paths[i].path, why);
	}
	for (size_t i = 0; i < COUNT_OF(extensions); i++) {
		snprintf(why, sizeof why, "from %d to %d", (int)extensions[i].first,
		    (int)extensions[i].second);
		check_int(proof_of_prefix(&p->nodes, extensions[i].first, extensions[i].second,
		    &proof), ERR_OK, "%s", why);
		check_path(&proof, extensions[i].path, why);
		state_of(p, extensions[i].first, &then);
		state_of(p, extensions[i].second, &now);
		check(proof_extends(&proof, &p->digester, &then, &now), "%s: holds", why);
	}
}

/* A node that is kept is what proofs are made of; a leaf that is lost is told. */
static void
kept(void)
{
	struct tree_state state;
	struct proof proof;
	struct plant p;

	plant_open(&p);
	for (unsigned i = 0; i < 1000; i++)
		if (!plant_add(&p, S("x")))
			check(false, "entry %u", i);
	check_int(proof_of_entry(&p.nodes, 700, 1000, &proof), ERR_OK, "a proof over kept nodes");
	state_of(&p, 1000, &state);
	{
		uint8_t leaf[DIGEST_BYTES];

		digest_leaf(&p.digester, S("x"), leaf);
		check(proof_includes(&proof, &p.digester, leaf, 700, &state), "holds");
		check(!proof_includes(&proof, &p.digester, leaf, 1000, &state),
		    "not for an index behind the end");
	}
	check_int(entry_prune(p.store, 0, 512), ERR_OK, "lines are pruned");
	check_int(proof_of_entry(&p.nodes, 3, 1000, &proof), ERR_OK, "leaves are still there");
	plant_close(&p);
}

int
main(void)
{
	struct plant p;

	plant_open(&p);
	vectors(&p);
	plant_close(&p);
	kept();
	return check_done();
}
