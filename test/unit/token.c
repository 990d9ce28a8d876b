/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/token.h"

#include "blocks.h"
#include "check.h"
#include "find/type.h"
#include "random.h"

static const struct {
	const char	*why;
	const char	*value, *want;
} canonical[] = {
	{ "case is folded", "Anna KOWALSKA", "anna kowalska" },
	{ "white space is one space", "Anna \t\n Kowalska", "anna kowalska" },
	{ "a no-break space is a space", "Anna\xc2\xa0Kowalska", "anna kowalska" },
	{ "a thin space is a space", "Anna\xe2\x80\x89Kowalska", "anna kowalska" },
	{ "spaces at the ends go", "  Anna ", "anna" },
	{ "a hyphen in a name stays", "Jean-Luc", "jean-luc" },
	{ "numbers have no separators", "4111-1111 1111-1111", "4111111111111111" },
	{ "nor has an IBAN", "DE89 3704 0044", "de8937040044" },
	{ "Latin-1 is folded", "M\xc3\x9cLLER", "m\xc3\xbcller" },
	{ "the multiplication sign is no letter", "\xc3\x97", "\xc3\x97" },
	{ "Latin Extended-A is folded", "\xc5\x81\xc3\xb3" "d\xc5\xba \xc4\x8c", "\xc5\x82\xc3\xb3" "d\xc5\xba \xc4\x8d" },
	{ "Greek is folded", "\xce\x91\xce\xa9", "\xce\xb1\xcf\x89" },
	{ "but not what has no other case there", "\xce\x90", "\xce\x90" },
	{ "Cyrillic is folded", "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd \xd0\x81", "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd \xd1\x91" },
	{ "other scripts stay", "\xe7\x8e\x8b", "\xe7\x8e\x8b" },
	{ "half a character stays", "a\xc3", "a\xc3" },
	{ "nothing is left of spaces", " \t ", "" },
};

/* Every wrong digit and every swap of neighbours is noticed, and a wrong digit is put right. */
static void
check_digits(void)
{
	struct random r = { 1 };
	bool noticed = true, repaired = true, read = true;

	for (unsigned n = 0; n < 300; n++) {
		uint64_t id = random_next(&r) >> (64 - TOKEN_ID_BITS), got;
		unsigned char digit[TOKEN_DIGITS];
		char token[TOKEN_BYTES_MAX];

		token_spell(token, S("Ab"), id);
		for (unsigned i = 0; i < TOKEN_DIGITS; i++)
			digit[i] = (unsigned char)token_digit(token[3 + i], false);
		read &= token_id(digit, &got) && got == id;
		for (unsigned i = 0; i < TOKEN_DIGITS; i++) {
			unsigned char right = digit[i];

			for (unsigned char wrong = 0; wrong < 32; wrong++) {
				digit[i] = wrong;
				noticed &= token_id(digit, &got) == (wrong == right);
				repaired &= token_repair(digit, i) == id;
			}
			digit[i] = right;
			if (i == 0 || digit[i - 1] == right)
				continue;
			digit[i] = digit[i - 1];
			digit[i - 1] = right;
			noticed &= !token_id(digit, &got);
			digit[i - 1] = digit[i];
			digit[i] = right;
		}
	}
	check(read, "a token's digits are read as they were written");
	check(noticed, "a wrong digit and swapped neighbours are noticed");
	check(repaired, "the digit that was wrong can be told, where its place is known");
}

static void
check_keys(struct arena *a)
{
	struct hash_key one = { { 1, 2 } }, other = { { 1, 3 } };
	uint64_t code = token_code(a, &one, S("Person"), S("anna"), 0);

	check(code >> 40 == 0 && code >> 32 != 0, "a code has forty bits");
	check(code != token_code(a, &other, S("Person"), S("anna"), 0), "the key decides");
	check(code != token_code(a, &one, S("City"), S("anna"), 0), "the word decides");
	check(code != token_code(a, &one, S("Person"), S("anne"), 0), "the value decides");
	check(code != token_code(a, &one, S("Person"), S("anna"), 1), "a collision decides");
	check_int((int64_t)token_code(a, &one, S("Person"), S("anna"), 0), (int64_t)code,
	    "the same makes the same");
}

static const struct {
	const char	*why, *word;
	bool		 is;
} words[] = {
	{ "a word", "Person", true }, { "of capitals", "IBAN", true }, { "two letters", "Id", true },
	{ "one letter is too short", "P", false }, { "a digit is no letter", "Line1", false },
	{ "an underscore ends a word", "Tax_id", false }, { "nothing is no word", "", false },
	{ "24 bytes are the most", "Abcdefghijklmnopqrstuvwx", true },
	{ "25 are too many", "Abcdefghijklmnopqrstuvwxy", false },
};

static const struct {
	const char	*why;
	char		 c;
	int		 exact, loose;
} digits[] = {
	{ "zero", '0', 0, 0 }, { "nine", '9', 9, 9 }, { "the first letter", 'A', 10, 10 },
	{ "the last letter", 'Z', 31, 31 }, { "a small letter", 'z', -1, 31 },
	{ "O is read as 0", 'O', -1, 0 }, { "l is read as 1", 'l', -1, 1 },
	{ "I is read as 1", 'I', -1, 1 }, { "U is none", 'U', -1, -1 }, { "u is none", 'u', -1, -1 },
	{ "an underscore is none", '_', -1, -1 }, { "another byte is none", '\xc3', -1, -1 },
};

int
main(void)
{
	struct blocks b = BLOCKS;
	char token[TOKEN_BYTES_MAX];
	bool fit = true;
	struct arena a;

	arena_init(&a, &b.memory, 1 << 20);
	for (size_t i = 0; i < COUNT_OF(canonical); i++)
		check_slice(token_canonical(&a, slice_of(canonical[i].value,
		    strlen(canonical[i].value))), slice_of(canonical[i].want,
		    strlen(canonical[i].want)), "%s", canonical[i].why);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		check(token_is_word(slice_of(words[i].word, strlen(words[i].word))) == words[i].is,
		    "%s", words[i].why);
	for (size_t i = 0; i < COUNT_OF(digits); i++)
		check(token_digit(digits[i].c, false) == digits[i].exact &&
		    token_digit(digits[i].c, true) == digits[i].loose, "%s", digits[i].why);
	check_slice(slice_of(token, token_spell(token, S("Person"), 0)), S("Person_0000000000"),
	    "a token is spelled");
	check_slice(slice_of(token, token_spell(token, S("Person"), 1)), S("Person_0000000012"),
	    "its last digit checks the others");
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		struct slice word = type_info((enum detect_type)i)->mask;

		fit &= word.len == 0 || (token_is_word(word) &&
		    !type_is_secret((enum detect_type)i));
	}
	check(fit, "the mask words of all types can begin a token, and no secret has one");
	check_digits();
	check_keys(&a);
	arena_release(&a);
	check_int((int64_t)b.out, 0, "all memory came back");
	return check_done();
}
