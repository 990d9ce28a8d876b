/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/proof.h"

#include "check.h"
#include "plant.h"
#include "random.h"

/*
 * The law: whatever the sizes, a root that is made of kept nodes is the one of
 * RFC 9162's definition; every proof holds; and no proof holds any more when one
 * bit of it, of the leaf or of a root is another, when it is longer or shorter, or
 * when it is asked of another entry.
 */

#define ENTRIES		70000	/* past the first node of 65,536 */
#define SEEDS		150

struct law {
	struct plant	 plant;
	uint8_t		(*leaf)[DIGEST_BYTES];
	struct random	 random;
	unsigned	 wrong;
};

/* 2.1.1, word for word. */
static void
reference(struct law *l, uint64_t from, uint64_t to, uint8_t out[static DIGEST_BYTES])
{
	uint8_t left[DIGEST_BYTES], right[DIGEST_BYTES];
	uint64_t k = 1;

	if (to - from == 1) {
		memcpy(out, l->leaf[from], DIGEST_BYTES);
		return;
	}
	while (k * 2 < to - from)
		k *= 2;
	reference(l, from, from + k, left);
	reference(l, from + k, to, right);
	digest_node(&l->plant.digester, left, right, out);
}

static void
grow(struct law *l)
{
	bool good = true;

	l->leaf = calloc(ENTRIES, sizeof *l->leaf);
	check_or_stop(l->leaf != NULL, "memory");
	for (uint64_t i = 0; i < ENTRIES && good; i++) {
		char line[32];
		int len = snprintf(line, sizeof line, "{\"n\":%d}", (int)i);

		good = plant_add(&l->plant, slice_of(line, (size_t)len));
		digest_leaf(&l->plant.digester, slice_of(line, (size_t)len), l->leaf[i]);
	}
	check_or_stop(good, "the tree grows");
}

/* Small sizes and those beside powers of two are where mistakes are. */
static uint64_t
random_size(struct law *l)
{
	static const uint64_t edge[] = { 1, 2, 3, 255, 256, 257, 511, 512, 65535, 65536, 65537 };

	switch (random_below(&l->random, 3)) {
	case 0:
		return edge[random_below(&l->random, COUNT_OF(edge))];
	case 1:
		return 1 + random_below(&l->random, 600);
	}
	return 1 + random_below(&l->random, ENTRIES);
}

static void
flip(struct law *l, uint8_t *hash)
{
	hash[random_below(&l->random, DIGEST_BYTES)] ^=
	    (uint8_t)(1 << random_below(&l->random, 8));
}

static void
expect(struct law *l, bool got, bool want, const char *what)
{
	if (got == want)
		return;
	l->wrong++;
	printf("# %s: %s\n", what, got ? "holds" : "does not hold");
}

static void
try_entry(struct law *l, const struct tree_state *state)
{
	struct digester *d = &l->plant.digester;
	struct tree_state bad = *state;
	uint64_t index = random_below(&l->random, state->size);
	uint8_t leaf[DIGEST_BYTES];
	struct proof proof, other;

	memcpy(leaf, l->leaf[index], sizeof leaf);
	expect(l, proof_of_entry(&l->plant.nodes, index, state->size, &proof) == ERR_OK, true,
	    "a path is made");
	expect(l, proof_includes(&proof, d, leaf, index, state), true, "a path");
	expect(l, proof_includes(&proof, d, leaf, index ^ 1, state), false, "of its neighbour");
	expect(l, proof_includes(&proof, d, leaf, state->size, state), false, "behind the end");
	for (uint32_t i = 0; i < proof.count; i++) {
		other = proof;
		flip(l, other.hash[i]);
		expect(l, proof_includes(&other, d, leaf, index, state), false, "a bit flipped");
	}
	other = proof;
	other.count++;
	expect(l, proof_includes(&other, d, leaf, index, state), false, "one hash more");
	other.count = proof.count > 0 ? proof.count - 1 : 1;
	expect(l, proof_includes(&other, d, leaf, index, state), false, "one hash less");
	flip(l, bad.root);
	expect(l, proof_includes(&proof, d, leaf, index, &bad), false, "another root");
	flip(l, leaf);
	expect(l, proof_includes(&proof, d, leaf, index, state), false, "another leaf");
}

static void
try_prefix(struct law *l, const struct tree_state *first, const struct tree_state *second)
{
	struct digester *d = &l->plant.digester;
	struct tree_state bad = *first;
	struct proof proof, other;

	expect(l, proof_of_prefix(&l->plant.nodes, first->size, second->size, &proof) == ERR_OK,
	    true, "a continuation is proved");
	expect(l, proof_extends(&proof, d, first, second), true, "a continuation");
	if (first->size < second->size)
		expect(l, proof_extends(&proof, d, second, first), false, "the other way round");
	for (uint32_t i = 0; i < proof.count; i++) {
		other = proof;
		flip(l, other.hash[i]);
		expect(l, proof_extends(&other, d, first, second), false, "a bit flipped");
	}
	other = proof;
	other.count++;
	expect(l, proof_extends(&other, d, first, second), false, "one hash more");
	if (proof.count > 0) {
		other.count = proof.count - 1;
		expect(l, proof_extends(&other, d, first, second), false, "one hash less");
	}
	flip(l, bad.root);
	expect(l, proof_extends(&proof, d, &bad, second), false, "another beginning");
	bad = *second;
	flip(l, bad.root);
	expect(l, proof_extends(&proof, d, first, &bad), false, "another end");
}

static void
try(struct law *l)
{
	struct tree_state first = { .size = random_size(l) }, second = { .size = random_size(l) };
	struct tree_state *small = first.size <= second.size ? &first : &second;
	uint8_t want[DIGEST_BYTES];

	expect(l, node_root(&l->plant.nodes, first.size, &first) == ERR_OK &&
	    node_root(&l->plant.nodes, second.size, &second) == ERR_OK, true, "roots are made");
	reference(l, 0, small->size, want);
	expect(l, digest_same(want, small->root), true, "the root of the definition");
	try_entry(l, &first);
	try_prefix(l, small, small == &first ? &second : &first);
}

int
main(void)
{
	static struct law l;
	uint64_t seed, past;

	plant_open(&l.plant);
	grow(&l);
	random_seeds(SEEDS, &seed, &past);
	for (; seed < past && l.wrong == 0; seed++) {
		l.random.state = seed;
		try(&l);
		if (l.wrong > 0)
			printf("# seed %d\n", (int)seed);
	}
	check_int(l.wrong, 0, "every proof holds, and none with a bit flipped");
	free(l.leaf);
	plant_close(&l.plant);
	return check_done();
}
