/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/sign.h"

#include "check.h"

/* RFC 8032, section 7.1, tests 1 and 2, their keys written as RFC 8410 asks. */
static const struct { const char *why; struct slice pem, message; const char *public, *signature; }
cases[] = {
	{ "nothing",
	  S("-----BEGIN PRIVATE KEY-----\n"
	    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	    "-----END PRIVATE KEY-----\n"), S(""),
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ "one byte",
	  S("-----BEGIN PRIVATE KEY-----\n"
	    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
	    "-----END PRIVATE KEY-----\n"), S("\x72"),
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
};

static void
from_hex(const char *hex, uint8_t *out)
{
	for (size_t i = 0; hex[i] != '\0'; i += 2) {
		char two[3] = { hex[i], hex[i + 1], 0 };

		out[i / 2] = (uint8_t)strtoul(two, NULL, 16);
	}
}

static void
known(size_t i)
{
	uint8_t public[SIGN_PUBLIC_BYTES], want[SIGN_BYTES], got[SIGN_BYTES];
	char room[SIGN_PEM_BYTES];
	struct signer s;
	struct text t;

	from_hex(cases[i].public, public);
	from_hex(cases[i].signature, want);
	check_or_stop(signer_read(&s, cases[i].pem), "%s: the key is read", cases[i].why);
	check(memcmp(s.public, public, sizeof public) == 0, "%s: its public half", cases[i].why);
	check(signer_sign(&s, cases[i].message, got) && memcmp(got, want, sizeof want) == 0,
	    "%s: its signature", cases[i].why);
	check(sign_check(public, cases[i].message, got), "%s: and it holds", cases[i].why);
	text_init(&t, room, sizeof room);
	check(signer_put(&t, &s), "%s: the key is written", cases[i].why);
	check_slice(text_slice(&t), cases[i].pem, "%s: as it was", cases[i].why);
	signer_release(&s);
}

/* No bit of a message, key or signature can be another. */
static void
flipped(void)
{
	static char message[] = "example.org/log\n12\n";
	uint8_t signature[SIGN_BYTES];
	struct slice all = slice_of(message, sizeof message - 1);
	struct signer s;
	unsigned held = 0;

	check_or_stop(signer_make(&s) && signer_sign(&s, all, signature), "a new key signs");
	for (size_t bit = 0; bit < 8 * sizeof signature; bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		held += sign_check(s.public, all, signature);
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * all.len; bit++) {
		message[bit / 8] ^= (char)(1 << bit % 8);
		held += sign_check(s.public, all, signature);
		message[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof s.public; bit++) {
		s.public[bit / 8] ^= (uint8_t)(1 << bit % 8);
		held += sign_check(s.public, all, signature);
		s.public[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	check_int(held, 0, "no flipped bit is taken for signed");
	check(sign_check(s.public, all, signature), "and what was signed still is");
	signer_release(&s);
}

static void
texts(void)
{
	static const struct { const char *why; struct slice pem; } wrong[] = {
		{ "nothing", S("") },
		{ "a begin without its end", S("-----BEGIN PRIVATE KEY-----\n") },
		{ "a key that is cut", S("-----BEGIN PRIVATE KEY-----\n"
		    "MC4CAQAwBQYDK2VwBCIEIMWqjfQ/n4N78ndELbfRwx63s43BhfE4qmNcWFj3\n"
		    "-----END PRIVATE KEY-----\n") },
		{ "letters that are none", S("-----BEGIN PRIVATE KEY-----\n"
		    "MC4CAQAwBQYDK2VwBCIEI***sZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
		    "-----END PRIVATE KEY-----\n") },
		{ "another algorithm", S("-----BEGIN PRIVATE KEY-----\n"
		    "MC4CAQAwBQYDK2VuBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
		    "-----END PRIVATE KEY-----\n") },
		{ "a public key", S("-----BEGIN PUBLIC KEY-----\n"
		    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
		    "-----END PUBLIC KEY-----\n") },
	};
	uint8_t public[SIGN_PUBLIC_BYTES];
	char room[SIGN_PEM_BYTES];
	struct signer s;
	struct text t;

	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		check(!signer_read(&s, wrong[i].pem), "no key: %s", wrong[i].why);
	check(sign_read_public(wrong[COUNT_OF(wrong) - 1].pem, public), "a public key is read");
	text_init(&t, room, sizeof room);
	sign_put_public(&t, public);
	check_slice(text_slice(&t), wrong[COUNT_OF(wrong) - 1].pem, "and written as it was");
	check(!sign_read_public(cases[0].pem, public), "a private key is no public one");
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		known(i);
	flipped();
	texts();
	return check_done();
}
