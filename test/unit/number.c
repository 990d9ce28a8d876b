/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Validators of numbers: every row accepts its own example, and notices as many
 * changes of one digit as it says; and what a table says of single ones.
 *
 * More valid numbers than the one example are made from it: several digits are
 * changed at random until the row accepts the result again, and so on from there.
 */
#include "number/number.h"

#include "check.h"
#include "random.h"

#define VALID_WANTED	40
#define TRIES		20000

struct seen {
	unsigned	changes, refused;
};

/* Every change of one digit into another. */
static void
count_changes(enum number number, struct slice valid, struct seen *seen)
{
	char bytes[2 * NUMBER_BYTES_MAX];

	memcpy(bytes, valid.ptr, valid.len);
	for (size_t i = 0; i < valid.len; i++) {
		char was = bytes[i];

		if (was < '0' || was > '9')
			continue;
		for (char c = '0'; c <= '9'; c++) {
			bytes[i] = c;
			if (c == was)
				continue;
			seen->changes++;
			seen->refused += !number_is_valid(number, slice_of(bytes, valid.len));
		}
		bytes[i] = was;
	}
}

/* Two to five digits of it are others. */
static void
change_some(struct random *random, char *bytes, size_t len)
{
	for (size_t i = 2 + random_below(random, 4); i > 0; i--) {
		size_t at = random_below(random, len);

		if (bytes[at] >= '0' && bytes[at] <= '9')
			bytes[at] = (char)('0' + random_below(random, 10));
	}
}

static void
test_changes(enum number number)
{
	static const char *const words[] = { "all", "most", "none" };
	struct number_info info = number_info(number);
	struct random random = { number };
	struct seen seen = { 0 };
	char last[2 * NUMBER_BYTES_MAX];
	unsigned valid = 1;
	bool right = true;

	memcpy(last, info.example.ptr, info.example.len);
	count_changes(number, info.example, &seen);
	for (unsigned i = 0; i < TRIES && valid < VALID_WANTED; i++) {
		char bytes[2 * NUMBER_BYTES_MAX];

		memcpy(bytes, last, info.example.len);
		change_some(&random, bytes, info.example.len);
		if (memcmp(bytes, last, info.example.len) != 0 &&
		    number_is_valid(number, slice_of(bytes, info.example.len))) {
			memcpy(last, bytes, info.example.len);
			count_changes(number, slice_of(bytes, info.example.len), &seen);
			valid++;
		}
	}
	if (info.catches == NUMBER_CATCHES_ALL)
		right = seen.refused == seen.changes;
	else if (info.catches == NUMBER_CATCHES_MOST)
		right = seen.refused * 2 > seen.changes;
	check(right, "%.*s: %s of the changes of one digit are noticed", (int)info.name.len,
	    info.name.ptr, words[info.catches]);
	if (!right)
		printf("#   %u of %u, over %u valid ones\n", seen.refused, seen.changes, valid);
}

static void
test_row(enum number number)
{
	struct number_info info = number_info(number);
	char padded[2 * NUMBER_BYTES_MAX + 2] = " ";

	check(number_of(info.name) == number, "%.*s: found by its name", (int)info.name.len,
	    info.name.ptr);
	check(number_is_valid(number, info.example), "%.*s: its example is valid",
	    (int)info.name.len, info.name.ptr);
	memset(padded, 'Q', sizeof padded);
	check(!number_is_valid(number, slice_of(padded, sizeof padded)) &&
	    !number_is_valid(number, S("")), "%.*s: neither nothing nor too much is valid",
	    (int)info.name.len, info.name.ptr);
}

static const struct {
	const char	*why;
	enum number	 number;
	struct slice	 written;
	bool		 valid;
} cases[] = {
	{ "separators as the issuer writes them", NUMBER_iban, S("GB82 WEST 1234 5698 7654 32"), true },
	{ "small letters", NUMBER_iban, S("gb82west12345698765432"), true },
	{ "a structure that is not its country's", NUMBER_iban, S("DE8937040044053201300"), false },
	{ "a country without an IBAN", NUMBER_iban, S("US12345678901234567890"), false },
	{ "an area that was never given out", NUMBER_us_ssn, S("666-12-3456"), false },
	{ "9xx is no SSN", NUMBER_us_ssn, S("912-90-3456"), false },
	{ "a number that was printed as a sample", NUMBER_us_ssn, S("078-05-1120"), false },
	{ "no separators at all", NUMBER_us_ssn, S("123456789"), true },
	{ "spaces between the groups", NUMBER_us_ssn, S("123 45 6789"), true },
	{ "two kinds of separators", NUMBER_us_ssn, S("123-45 6789"), false },
	{ "separators at the wrong places", NUMBER_us_ssn, S("1234-5-6789"), false },
	{ "a bank that there is not", NUMBER_us_rtn, S("130000008"), false },
	{ "a prefix may stand there", NUMBER_de_vat, S("DE 136695976"), true },
	{ "or not", NUMBER_de_vat, S("136695976"), true },
	{ "another country's prefix", NUMBER_de_vat, S("AT136695976"), false },
	{ "a letter in place of a digit", NUMBER_de_vat, S("13669597O"), false },
	{ "no digit twice", NUMBER_de_idnr, S("12345678903"), false },
	{ "typographers' dashes", NUMBER_gb_nhs, S("943\xe2\x80\x93" "476\xe2\x80\x93" "5919"), true },
	{ "no-break spaces", NUMBER_gb_nhs, S("943\xc2\xa0" "476\xc2\xa0" "5919"), true },
	{ "digits of Arabic", NUMBER_gb_nhs,
	    S("\xd9\xa9\xd9\xa4\xd9\xa3\xd9\xa4\xd9\xa7\xd9\xa6"
	    "\xd9\xa5\xd9\xa9\xd9\xa1\xd9\xa9"), true },
	{ "no character, and a space", NUMBER_gb_nhs, S("943476591\xb9 "), false },
	{ "half a character at the end", NUMBER_gb_nhs, S("943476591\xd9"), false },
	{ "one digit everywhere", NUMBER_br_cpf, S("111.111.111-11"), false },
	{ "a month that there is not", NUMBER_fi_hetu, S("131352-308T"), false },
	{ "29 February of a year that has none", NUMBER_no_fodselsnummer, S("29029900157"), false },
	{ "the same backwards", NUMBER_in_aadhaar, S("222222222222"), false },
	{ "FIN of the series M", NUMBER_sg_nric, S("M1234567K"), true },
	{ "FIN of the series G", NUMBER_sg_nric, S("G1234567X"), true },
	{ "letters in the new CNPJ", NUMBER_br_cnpj, S("12.ABC.345/01DE-35"), true },
	{ "Bech32, BIP 173", NUMBER_bitcoin, S("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), true },
	{ "Bech32m, BIP 350", NUMBER_bitcoin,
	    S("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"), true },
	{ "version 1 with the check of version 0", NUMBER_bitcoin,
	    S("bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qe"
	    "jxtdg4y5r3zarvary0c5xw7k7grplx"), false },
	{ "large and small letters in one address", NUMBER_bitcoin,
	    S("bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"), false },
	{ "an identity card, three lines", NUMBER_icao_mrz,
	    S("I<UTOD231458907<<<<<<<<<<<<<<<\n"
	    "7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"), true },
	{ "a visa-sized document, two lines", NUMBER_icao_mrz,
	    S("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
	    "D231458907UTO7408122F1204159<<<<<<<6"), true },
	{ "a group address", NUMBER_mac, S("01:00:5e:00:00:fb"), false },
	{ "dots between octets", NUMBER_mac, S("00.00.5e.00.53.01"), false },
	{ "a dot in an octet", NUMBER_mac, S("00-00-5e-00-53-.1"), false },
	{ "three groups with dots", NUMBER_mac, S("0012.3456.789A"), true },
	{ "two kinds of separators in one address", NUMBER_mac, S("00:00-5e:00:53:01"), false },
	{ "a sample of 49 CFR 565", NUMBER_vin, S("1M8GDM9AXKP042788"), true },
	{ "the letter O in a VIN", NUMBER_vin, S("1M8GDM9AXKPO42788"), false },
	{ "Monaco in the French VAT", NUMBER_mc_tva, S("FR53000004605"), true },
};

int
main(void)
{
	for (unsigned i = 0; i < NUMBER_COUNT; i++) {
		test_row((enum number)i);
		test_changes((enum number)i);
	}
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check(number_is_valid(cases[i].number, cases[i].written) == cases[i].valid, "%s",
		    cases[i].why);
	check(number_of(S("no.such")) == NUMBER_COUNT, "a name that there is not");
	check(number_of(S("in_.pan")) == NUMBER_in_pan && number_of(S("jp.in_")) == NUMBER_jp_in,
	    "names as in Python");
	return check_done();
}
