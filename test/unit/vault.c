/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/vault.h"

#include "blocks.h"
#include "check.h"
#include "core/limit.h"
#include "core/text.h"
#include "random.h"
#include "crypt/aead.h"

#define MASTER	S("0123456789abcdef0123456789abcdef")
#define NONCE	"nonce-nonce-"
#define LATER	(100 * NANOS_PER_S)

static struct blocks blocks = BLOCKS;
static struct arena arena;
static const struct vault_owner owner = { { "acme", 4 }, { "c-17", 4 } };

static struct slice
mint(struct vault *v, struct slice word, struct slice value)
{
	struct slice token = { 0 };

	check_or_stop(vault_mint(v, word, value, &token) == ERR_OK, "a value gets a token");
	return token;
}

static struct slice
code(struct slice token)
{
	return slice_cut(token, token.len - TOKEN_DIGITS, token.len - 2);
}

static void
check_minting(void)
{
	struct slice anna, caps, other, city;
	struct vault v, w;

	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, LATER);
	vault_init(&w, &arena, (struct hash_key){ { 1, 3 } }, LATER);
	anna = mint(&v, S("Person"), S("Anna Kowalska"));
	caps = mint(&v, S("Person"), S("ANNA  KOWALSKA"));
	other = mint(&v, S("Person"), S("Anne Kowalska"));
	city = mint(&v, S("City"), S("Anna Kowalska"));
	check(slice_starts(anna, S("Person_")) && anna.len == 17, "a token begins with its word");
	check_slice(mint(&v, S("Person"), S("Anna Kowalska")), anna, "one value has one token");
	check(!slice_eq(anna, caps), "another way of writing has another token");
	check_slice(code(caps), code(anna), "ways of writing share their code");
	check(!slice_eq(code(other), code(anna)), "another value has another code");
	check(!slice_eq(code(city), code(anna)), "under another word too");
	check(!slice_eq(code(mint(&w, S("Person"), S("Anna Kowalska"))), code(anna)),
	    "another conversation has other codes");
	check_int(v.count, 4, "nothing was made twice");
}

/* All ways of writing a value in upper and lower case: 512 of them. */
static void
check_forms(void)
{
	char value[] = "annakowal";
	unsigned made = 0, different = 0;
	struct vault v;
	enum err e = ERR_OK;

	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, LATER);
	for (unsigned i = 0; i < 512 && e == ERR_OK; i++) {
		struct slice token;

		for (unsigned k = 0; k < 9; k++)
			value[k] = (char)((value[k] | 0x20) ^ (i >> k & 1) << 5);
		e = vault_mint(&v, S("Person"), slice_of(value, 9), &token);
		made += e == ERR_OK;
	}
	for (uint32_t i = 1; i < v.count; i++)
		different += !slice_eq(v.entry[i].token, v.entry[i - 1].token);
	check_int(made, 256, "a value may be written in 256 ways");
	check_int(different, 255, "each with its own token");
	check_int(e, ERR_VAULT_FULL, "and in no more");
}

static void
check_ceilings(void)
{
	static char big[VAULT_BYTES_MAX];
	struct slice token;
	enum err e = ERR_OK;
	struct vault v;
	char value[8];
	bool all = true;
	uint64_t last = 0;

	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, LATER);
	for (unsigned i = 0; i < VAULT_TOKENS_MAX && e == ERR_OK; i++) {
		snprintf(value, sizeof value, "%07u", i);
		e = vault_mint(&v, S("Number"), slice_of(value, 7), &token);
	}
	check_int(e, ERR_OK, "a vault has room for VAULT_TOKENS_MAX");
	check_int(vault_mint(&v, S("Number"), S("x"), &token), ERR_VAULT_FULL, "and for no more");
	check_int(vault_mint(&v, S("Number"), S("0000007"), &token), ERR_OK, "old ones are there");
	for (uint32_t i = 0; i < v.count; i++) {
		uint64_t id = v.entry[i].id;

		all &= vault_find(&v, v.word, id) == &v.entry[i] &&
		    vault_has(&v, v.word, id, id) && vault_has(&v, v.word, id & ~UINT64_C(31), id);
	}
	check(all, "each of them is found");
	for (uint32_t i = 0; i < v.word->room * 3 / 2; i++)
		if (v.word->slot[i] != 0) {
			uint64_t id = v.entry[v.word->slot[i] - 1].id;

			all &= i == 0 || id > last;
			if (id > last + 1)
				all &= !vault_has(&v, v.word, last + 1, id - 1);
			last = id;
		}
	check(all, "and nothing is between them");
	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, LATER);
	check_int(vault_mint(&v, S("Text"), slice_of(big, sizeof big), &token), ERR_OK,
	    "a vault has room for VAULT_BYTES_MAX");
	check_int(vault_mint(&v, S("Text"), S("x"), &token), ERR_VAULT_FULL, "and no byte more");
}

static void
check_merge(void)
{
	struct vault v, w;
	struct slice anna, bob;

	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, LATER);
	vault_init(&w, &arena, (struct hash_key){ { 1, 2 } }, LATER);
	anna = mint(&v, S("Person"), S("Anna"));
	check_slice(mint(&w, S("Person"), S("Anna")), anna, "two workers make the same token");
	bob = mint(&w, S("Person"), S("Bob"));
	mint(&w, S("City"), S("Bonn"));
	check_int(vault_merge(&v, &w), ERR_OK, "what two requests hid is put together");
	check_int(v.count, 3, "each once");
	check_slice(mint(&v, S("Person"), S("Bob")), bob, "with the same tokens");
}

/* ---- sealed ---- */

static struct slice
sealed(const struct aead *aead)
{
	struct slice out = { 0 };
	struct vault v;

	vault_init(&v, &arena, aead->tokens, LATER);
	mint(&v, S("Person"), S("Anna Kowalska"));
	mint(&v, S("City"), S("Bonn"));
	mint(&v, S("Person"), S("ANNA KOWALSKA"));
	check_or_stop(vault_seal(&v, &aead->seal, &owner, NONCE, &out) == ERR_OK, "it is sealed");
	return out;
}

static enum err
try(const struct aead *aead, const struct vault_owner *who, struct slice bytes, nanos wall)
{
	struct vault v;

	vault_init(&v, &arena, aead->tokens, 0);
	return vault_open(&v, &aead->seal, who, bytes, wall);
}

static void
check_open(const struct aead *aead, struct slice bytes)
{
	struct slice anna;
	struct vault v;

	check_int((int64_t)slice_find(bytes, S("Kowalska")), (int64_t)bytes.len,
	    "no value can be read");
	check_int((int64_t)slice_find(bytes, S("Person")), (int64_t)bytes.len, "no word either");
	vault_init(&v, &arena, aead->tokens, 0);
	check_int(vault_open(&v, &aead->seal, &owner, bytes, LATER - 1), ERR_OK, "it is opened");
	check_int(v.count, 3, "with all tokens");
	check_int(v.expires_wall, LATER, "and its time");
	anna = v.entry[0].token;
	check_slice(mint(&v, S("Person"), S("Anna Kowalska")), anna, "which are those that were");
	check_int(v.count, 3, "none was made anew");
	check(vault_find(&v, &v.word[0], v.entry[2].id) == &v.entry[2], "and are found");
}

/* Each byte changed, each shorter one, and a longer one. */
static void
check_damage(const struct aead *aead, struct slice bytes)
{
	unsigned foreign = 0, broken = 0, wrong = 0;
	char *copy = arena_bytes(&arena, bytes.len + 1);

	memcpy(copy, bytes.ptr, bytes.len);
	copy[bytes.len] = 0;
	for (size_t i = 0; i < bytes.len * 8; i++) {
		enum err e;

		copy[i / 8] ^= (char)(1 << i % 8);
		e = try(aead, &owner, slice_of(copy, bytes.len), 0);
		foreign += e == ERR_VAULT_FOREIGN;
		broken += e == ERR_VAULT_BROKEN;
		copy[i / 8] ^= (char)(1 << i % 8);
	}
	check_int(broken, 8, "a changed version is no vault");
	check_int(foreign, (int64_t)(bytes.len - 1) * 8, "any other changed bit is noticed");
	for (size_t n = 0; n < bytes.len; n++) {
		enum err e = try(aead, &owner, slice_of(copy, n), 0);

		wrong += e != (n < 1 + 8 + SEAL_NONCE_BYTES + SEAL_TAG_BYTES ? ERR_VAULT_BROKEN :
		    ERR_VAULT_FOREIGN);
	}
	check_int(wrong, 0, "a cut one is noticed");
	check_int(try(aead, &owner, slice_of(copy, bytes.len + 1), 0), ERR_VAULT_FOREIGN,
	    "a longer one too");
}

/* An AEAD that hides nothing, so that a test can write what nobody would. */
static bool
plain_close(const struct seal *s, const char *nonce, struct slice with, struct slice text,
    char *made)
{
	(void)s, (void)nonce, (void)with;
	memcpy(made, text.ptr, text.len);
	memset(made + text.len, 't', SEAL_TAG_BYTES);
	return true;
}

static bool
plain_open(const struct seal *s, const char *nonce, struct slice with, struct slice sealed_,
    char *made)
{
	(void)s, (void)nonce, (void)with;
	memcpy(made, sealed_.ptr, sealed_.len - SEAL_TAG_BYTES);
	return true;
}

#define HEAD	"\1\0\0\0\0\0\0\0\177nonce-nonce-"
#define TAG	"tttttttttttttttt"
#define CASE(inside)	HEAD inside TAG, sizeof(HEAD inside TAG) - 1

static const struct {
	const char	*why;
	const char	*bytes;
	size_t		 len;
	enum err	 want;
} inside[] = {
	{ "an empty vault", CASE("\0\0" "\0\0\0\0"), ERR_OK },
	{ "one token", CASE("\1\0\2Id" "\1\0\0\0" "\0\7\0\0\0\0\0\1\0\0\0x"), ERR_OK },
	{ "nothing", CASE(""), ERR_VAULT_BROKEN },
	{ "words without a count of tokens", CASE("\0\0" "\0\0\0"), ERR_VAULT_BROKEN },
	{ "something behind the last token", CASE("\0\0" "\0\0\0\0" "x"), ERR_VAULT_BROKEN },
	{ "a word that is none", CASE("\1\0\2I1" "\0\0\0\0"), ERR_VAULT_BROKEN },
	{ "a word that is cut", CASE("\1\0\7Id" "\0\0"), ERR_VAULT_BROKEN },
	{ "a word twice", CASE("\2\0\2Id\2Id" "\0\0\0\0"), ERR_VAULT_BROKEN },
	{ "more words than there are", CASE("\3\0\2Id" "\0\0\0\0"), ERR_VAULT_BROKEN },
	{ "a token of no word", CASE("\1\0\2Id" "\1\0\0\0" "\1\7\0\0\0\0\0\1\0\0\0x"), ERR_VAULT_BROKEN },
	{ "an id of 46 bits", CASE("\1\0\2Id" "\1\0\0\0" "\0\0\0\0\0\0\40\1\0\0\0x"), ERR_VAULT_BROKEN },
	{ "no value", CASE("\1\0\2Id" "\1\0\0\0" "\0\7\0\0\0\0\0\0\0\0\0"), ERR_VAULT_BROKEN },
	{ "a value that is cut", CASE("\1\0\2Id" "\1\0\0\0" "\0\7\0\0\0\0\0\2\0\0\0x"), ERR_VAULT_BROKEN },
	{ "a token twice", CASE("\1\0\2Id" "\2\0\0\0" "\0\7\0\0\0\0\0\1\0\0\0x" "\0\7\0\0\0\0\0\1\0\0\0y"),
	    ERR_VAULT_BROKEN },
	{ "more tokens than there are", CASE("\1\0\2Id" "\377\377\377\377" "\0\7\0\0\0\0\0\1\0\0\0x"),
	    ERR_VAULT_BROKEN },
};

static void
check_reading(void)
{
	struct aead plain = { .seal = { plain_close, plain_open } };

	for (size_t i = 0; i < COUNT_OF(inside); i++)
		check_int(try(&plain, &owner, slice_of(inside[i].bytes, inside[i].len), 0),
		    inside[i].want, "%s", inside[i].why);
}

static void
check_owners(const struct aead *aead, struct slice bytes)
{
	struct aead other;

	check_int(try(aead, &(struct vault_owner){ S("acmf"), S("c-17") }, bytes, 0),
	    ERR_VAULT_FOREIGN, "another tenant");
	check_int(try(aead, &(struct vault_owner){ S("acme"), S("c-18") }, bytes, 0),
	    ERR_VAULT_FOREIGN, "another conversation");
	check_int(try(aead, &(struct vault_owner){ S("acmec"), S("-17") }, bytes, 0),
	    ERR_VAULT_FOREIGN, "the same letters, cut elsewhere");
	check_or_stop(aead_init(&other, MASTER, S("acme"), S("c-18")), "another key");
	check_int(try(&other, &owner, bytes, 0), ERR_VAULT_FOREIGN, "is another key");
	check(memcmp(&other.tokens, &aead->tokens, sizeof other.tokens) != 0,
	    "and makes other tokens");
	aead_release(&other);
	check_int(try(aead, &owner, bytes, LATER), ERR_VAULT_EXPIRED, "when its time is over");
}

/* Without memory, at every place. */
static void
check_memory(void)
{
	size_t refused = 0;
	bool as_it_should = true;

	for (size_t left = 0; left < 64; left++) {
		struct blocks few = { .memory = { blocks_take, blocks_give }, .left = left };
		struct slice token;
		enum err e = ERR_OK;
		struct arena a;
		struct vault v;
		char value[8];

		arena_init(&a, &few.memory, 1 << 20);
		vault_init(&v, &a, (struct hash_key){ { 1, 2 } }, LATER);
		for (unsigned i = 0; i < 300 && e == ERR_OK; i++) {
			snprintf(value, sizeof value, "%07u", i);
			e = vault_mint(&v, S("Number"), slice_of(value, 7), &token);
		}
		refused += e == ERR_MEMORY;
		as_it_should &= e == ERR_OK || e == ERR_MEMORY;
		arena_release(&a);
		as_it_should &= few.out == 0;
	}
	check(as_it_should && refused > 3 && refused < 64, "without memory that is said");
}

/* Keys are as another program makes them: Python's hmac, by RFC 5869, 2.3. */
static void
check_keys(const struct aead *aead)
{
	static const char want[] =
	    "\xf3\x73\xa9\x13\xa2\x43\xa2\xf3\xab\x77\x3f\xf7\xc7\xba\xbb\x8b"
	    "\xbd\x05\xdb\x35\x6a\xdc\xec\xea\x1c\x8d\xcf\x90\x6f\x1f\x87\xde"
	    "\x4c\xff\x74\x4f\x64\xc7\xd3\xed\xa0\x94\x77\xbc\x5b\x81\x03\x42";
	static char big[2000];
	struct aead other;

	check(memcmp(aead->key, want, 32) == 0, "the key of the seal");
	check(memcmp(&aead->tokens, want + 32, 16) == 0, "the key of the tokens");
	check(!aead_init(&other, MASTER, S("acme"), slice_of(big, sizeof big)),
	    "names that are too long have no key");
}

int
main(void)
{
	struct aead aead;
	struct slice bytes;

	arena_init(&arena, &blocks.memory, 256 << 20);
	check_minting();
	check_forms();
	check_ceilings();
	check_merge();
	check_or_stop(aead_init(&aead, MASTER, owner.tenant, owner.conversation), "keys are made");
	check_keys(&aead);
	bytes = sealed(&aead);
	check_open(&aead, bytes);
	check_damage(&aead, bytes);
	check_owners(&aead, bytes);
	check_reading();
	check_memory();
	aead_release(&aead);
	arena_release(&arena);
	check_int((int64_t)blocks.out, 0, "all memory came back");
	return check_done();
}
