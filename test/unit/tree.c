/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tree.h"

#include "check.h"

/* The leaves of certificate transparency's reference tests, and the root after each. */
static const struct {
	const char	*leaf;		/* hexadecimal */
	const char	*root;
} steps[] = {
	{ "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ "606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static struct slice
unhex(const char *hex, char *room)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		must(sscanf(hex + 2 * i, "%2x", &byte) == 1);
		room[i] = (char)byte;
	}
	return slice_of(room, n);
}

static void
test_vectors(struct digester *d)
{
	struct tree_node kept[TREE_LEVELS / TREE_STRIDE];
	uint8_t hash[DIGEST_BYTES];
	char room[64];
	struct tree t = { 0 };

	tree_root(&t, d, hash);
	check_slice(slice_of((char *)hash, sizeof hash),
	    unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", room),
	    "the root of nothing is the digest of nothing");
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		digest_leaf(d, unhex(steps[i].leaf, room), hash);
		(void)tree_append(&t, d, hash, kept);
		tree_root(&t, d, hash);
		check_slice(slice_of((char *)hash, sizeof hash), unhex(steps[i].root, room),
		    "the root of %zu leaves", i + 1);
	}
}

/* RFC 9162, 2.1.1, as it is written there. */
static void
slow_root(struct digester *d, const uint8_t (*leaf)[DIGEST_BYTES], uint64_t n, uint8_t *out)
{
	uint8_t left[DIGEST_BYTES], right[DIGEST_BYTES];
	uint64_t k = 1;

	if (n == 1) {
		memcpy(out, leaf[0], DIGEST_BYTES);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	slow_root(d, leaf, k, left);
	slow_root(d, leaf + k, n - k, right);
	digest_node(d, left, right, out);
}

enum { LEAVES = 1100 };

static void
test_against_the_text(struct digester *d)
{
	static uint8_t leaf[LEAVES][DIGEST_BYTES];
	struct tree_node kept[TREE_LEVELS / TREE_STRIDE];
	uint8_t fast[DIGEST_BYTES], slow[DIGEST_BYTES], bytes[TREE_BYTES_MAX];
	struct tree t = { 0 }, again;
	bool same = true, nodes = true, coded = true;

	for (unsigned i = 0; i < LEAVES; i++) {
		unsigned count;

		digest_leaf(d, slice_of((char *)&i, sizeof i), leaf[i]);
		count = tree_append(&t, d, leaf[i], kept);
		tree_root(&t, d, fast);
		slow_root(d, leaf, i + 1, slow);
		same = same && memcmp(fast, slow, sizeof fast) == 0;
		nodes = nodes && count == ((i + 1) % 256 == 0);
		if (count > 0) {
			slow_root(d, leaf + i + 1 - 256, 256, slow);
			nodes = nodes && kept[0].level == 8 && kept[0].index == i / 256 &&
			    memcmp(kept[0].hash, slow, sizeof slow) == 0;
		}
		coded = coded && tree_decode(&again,
		    slice_of((char *)bytes, tree_encode(&t, bytes)));
		tree_root(&again, d, slow);
		coded = coded && again.size == t.size && memcmp(fast, slow, sizeof fast) == 0;
	}
	check(same, "the root is that of the text's own recursion, at every size to %d", LEAVES);
	check(nodes, "every subtree of 256 is told when it is complete");
	check(coded, "a frontier comes back from its bytes");
	check(!tree_decode(&again, slice_of((char *)bytes, 9)), "bytes that are none do not");
}

int
main(void)
{
	struct digester d;

	check_or_stop(digester_init(&d), "a digester");
	test_vectors(&d);
	test_against_the_text(&d);
	digester_release(&d);
	return check_done();
}
