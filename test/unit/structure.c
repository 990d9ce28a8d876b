/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/structure.h"

#include <time.h>

#include "blocks.h"
#include "check.h"
#include "core/text.h"
#include "shape/context.h"
#include "random.h"

#define WIDE_HERE	__builtin_cpu_supports("avx2")

/* ---- words ---- */

static const struct {
	const char	*key;
} words[] = {
#define WORD(key, what, where)	{ key },
#include "shape/context.tbl"
};

static void
check_words(void)
{
	bool sorted = true, known = true;

	for (unsigned i = 0; i < COUNT_OF(words); i++) {
		size_t len = strlen(words[i].key);
		struct topic topic = context_word(slice_of(words[i].key, len));

		if (i > 0 && strcmp(words[i - 1].key, words[i].key) >= 0) {
			printf("# %s\n", words[i].key);
			sorted = false;
		}
		known &= len <= 8 && (topic.what | topic.where) != 0;
	}
	check(sorted, "the words are sorted, and there once");
	check(known, "each of them is known");
	check(context_word(S("PASAPORTE")).what == context_word(S("passport")).what,
	    "case does not matter");
	check((context_word(S("Número")).what | context_word(S("Führerschein")).what) != 0,
	    "nor do accents");
	check((context_word(S("userPassportNo")).what & CONCEPT_BIT(PASSPORT)) != 0,
	    "humps are words");
	check(context_word(S("паспорта")).what == CONCEPT_BIT(PASSPORT), "endings do not matter");
	check((context_word(S("我的护照号码是")).what & CONCEPT_BIT(PASSPORT)) != 0,
	    "words without spaces are found inside");
	check(context_word(S("passportless")).what != 0 && context_word(S("passive")).what == 0,
	    "eight letters must be the same");
}

/* ---- texts ---- */

static const struct {
	const char	*text, *key, *found, *why;	/* found: TYPE start end, or "" */
} cases[] = {
	{ "536-90-4399", "", "us_ssn", "a text that is nothing else" },
	{ "536-90-4399-1", "", "", "it goes on" },
	{ "1-536-90-4399", "", "", "it began before" },
	{ "536-90 4399", "", "", "separators differ" },
	{ "order 536904399 was sent", "", "", "nine digits need a word" },
	{ "her SSN is 536904399.", "", "us_ssn", "and have one" },
	{ "536904399", "ssn", "us_ssn", "or a key" },
	{ "536904399", "order_id", "", "not any key" },
	{ "536904399 is her social security number", "", "us_ssn", "the word may stand behind" },
	{ "SSN\n536904399", "", "us_ssn", "or in the line above" },
	{ "version 1.2.3.4", "", "", "a version is no address" },
	{ "host 1.2.3.4", "", "ip_address", "but of a host it is" },
	{ "10.0.0.256", "", "", "256 is no byte" },
	{ "v10.20.30.40", "", "", "a letter is glued to it" },
	{ "at 12:30:45 and 10:20", "", "", "times are no addresses" },
	{ "std::vector<int> a::b", "", "", "nor are names of a program" },
	{ "fe80::1%eth0", "", "ip_address", "a zone may follow" },
	{ "550e8400-e29b-41d4-a716-446655440000", "", "", "a UUID is nothing of a person" },
	{ "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "", "",
	    "nor a digest" },
	{ "1748503543012", "", "", "nor a time in milliseconds" },
	{ "ISBN 978-3-16-148410-0", "", "", "nor a book" },
	{ "it costs 1,234,567.89 or 12.50 EUR", "", "", "nor a price" },
	{ "4111111111111111", "", "credit_card", "cards for tests are cards" },
	{ "4111-1111-1111-1111", "", "credit_card", "in groups" },
	{ "4111 1111-1111 1111", "", "", "separators differ" },
	{ "4111111111111112", "card", "", "the check digit is wrong" },
	{ "a4111111111111111", "", "", "part of a token" },
	{ "DE89370400440532013000", "", "iban_code", "in one piece" },
	{ "GB82 WEST 1234 5698 7654 32", "", "iban_code", "with letters, in groups" },
	{ "GB82 WEST 1234 5698 7654 33", "", "", "mod 97 is wrong" },
	{ "jane.doe+tag@mail.example.co.uk,", "", "email_address",
	    "a mailbox ends before the comma" },
	{ "postgres://user:secret@db.example.com/x", "", "", "a password in a URL is no mailbox" },
	{ "a@b", "", "", "a host has a dot" },
	{ "@@@@ @a.b a@", "", "", "half mailboxes" },
	{ "open main.c and util.h, see foo.bar()", "", "", "files and methods are no hosts" },
	{ "+1 (415) 555-0132 ext. 12", "", "phone_number", "with all that there can be" },
	{ "(415) 555-0132", "", "phone_number", "a parenthesis" },
	{ "081109 203615 148 INFO", "", "", "a day and a time" },
	{ "16:13:38.811  2227  2318 I PhoneStatusBar", "", "", "columns beside a word" },
	{ "block blk_-4980916519894289629", "", "", "a name that a program gave" },
	{ "[SendWorker:188978561024:Manager]", "", "", "a thread of a program" },
	{ "Tel: 963 862 500", "", "phone_number", "a word says so" },
	{ "963 862 500", "", "", "nobody does" },
	{ "born 2/8/1935", "", "date_of_birth", "a date of birth" },
	{ "2024-03-15T14:30:00-05:00", "", "date_time", "with a time and a zone" },
	{ "31/31/2024", "", "", "no such month" },
	{ "It was a 2017 Polish film.", "", "date_time", "a year between an article and a capital" },
	{ "the 2048 bits of a 2048 bit key", "", "", "and nothing else" },
	{ "Mujer de 52 años", "", "age", "an age in Spanish" },
	{ "hace 5 años", "", "", "but not of a person" },
	{ "5 years of experience", "", "", "nor in English" },
	{ "[0.1234, 0.5678, 0.9012]", "", "", "a vector is no place" },
	{ "\"gps\": \"52.5200, 13.4050\"", "", "geo_coordinates", "a pair that is called one is" },
	{ "CVV: 737", "", "card_cvv", "a label in front" },
	{ "name,ssn,city\nAnna,536904399,Rome\n", "", "us_ssn", "the first line of a table names its columns" },
	{ "id;geburtsdatum;ort\n7;12.03.1980;Bonn\n", "", "date_of_birth", "with another separator, and language" },
	{ "order,count,city\n536904399,3,Rome\n", "", "", "a column that is nothing of a person" },
	{ "we saw 350 patients in 12 wards", "", "", "words near a number are no label" },
};

static void
look(struct arena *a, struct slice text, struct slice key, bool wide, struct findings *out)
{
	findings_init(out, a);
	structure_look(&(struct look){ .text = text, .key = key, .arena = a, .findings = out,
	    .wide = wide });
}

/* In a block of exactly its size, so that a sanitizer sees every step outside. */
static struct slice
exact(struct slice s)
{
	char *copy = malloc(s.len > 0 ? s.len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, s.ptr, s.len);
	return slice_of(copy, s.len);
}

static void
check_case(struct arena *a, unsigned i)
{
	struct slice text = exact(slice_of(cases[i].text, strlen(cases[i].text)));
	struct slice want = slice_of(cases[i].found, strlen(cases[i].found));
	struct findings f;
	bool ok;

	look(a, text, slice_of(cases[i].key, strlen(cases[i].key)), false, &f);
	findings_settle(&f, text);
	ok = want.len == 0 ? f.count == 0
	    : f.count == 1 && slice_eq(type_info((enum detect_type)f.at[0].type)->name, want);
	if (!check(ok, "%s: %s", cases[i].text, cases[i].why))
		for (uint32_t n = 0; n < f.count; n++)
			printf("#   %s [%u, %u) %u\n",
			    type_info((enum detect_type)f.at[n].type)->name.ptr,
			    f.at[n].start, f.at[n].end, f.at[n].score);
	free((char *)text.ptr);
	arena_reset(a);
}

/* Pieces of what is found and of what is not, in any order: both paths find the same. */
static void
check_paths(struct arena *a)
{
	static const char alphabet[] = "0123456789 -./:@ABCabcday<%+()=\n\xc3\xa9";
	struct random seed = { 11 };
	bool same = true;

	for (unsigned round = 0; round < 400 && WIDE_HERE; round++) {
		char room[600];
		struct text t;
		struct slice s;
		struct findings one, two;

		text_init(&t, room, sizeof room);
		for (unsigned n = 0; n < 8; n++) {
			size_t pick = random_next(&seed) % COUNT_OF(cases);

			text_put(&t, slice_of(cases[pick].text, strlen(cases[pick].text)));
			for (uint64_t k = random_next(&seed) % 5; k > 0; k--)
				text_put_char(&t,
				    alphabet[random_next(&seed) % (sizeof alphabet - 1)]);
		}
		s = exact(text_slice(&t));
		look(a, s, S(""), false, &one);
		look(a, s, S(""), true, &two);
		same &= one.count == two.count &&
		    (one.count == 0 || memcmp(one.at, two.at, one.count * sizeof *one.at) == 0);
		free((char *)s.ptr);
		arena_reset(a);
	}
	check(same, "thirty-two bytes at once find what sixteen find");
}

/* ---- hostile texts ---- */

static uint64_t
cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t
cost(struct arena *a, const char *piece, size_t bytes, char *room)
{
	size_t len = strlen(piece);
	struct findings f;
	uint64_t begin;

	for (size_t i = 0; i < bytes; i++)
		room[i] = piece[i % len];
	begin = cpu_now();
	look(a, slice_of(room, bytes), S(""), false, &f);
	begin = cpu_now() - begin;
	arena_reset(a);
	return begin;
}

static void
check_linear(struct arena *a)
{
	static const char *const pieces[] = {
		"1", "@", "1-", "1.", "a@", "a.b@", "1 ", "::", "a:", "1:", "(", "+1", "12/", "A1",
		    "4 ", "9.9,", "a-a-",
		"AAAAAAAA ", "SSN ", "id: 1 ", "day", "1.2.3.", "http://a.b", "11 ", "é", "P<",
		    "1a2b", "4111 ", "12 de ",
	};
	char *room = malloc(512 << 10);
	bool linear = room != NULL;

	for (unsigned i = 0; i < COUNT_OF(pieces) && linear; i++) {
		uint64_t small = cost(a, pieces[i], 16 << 10, room);
		uint64_t big = cost(a, pieces[i], 512 << 10, room);

		if (big > small * 32 * 4 + 20000000) {
			printf("# '%s': %llu ns of 16 KB, %llu of 512 KB\n", pieces[i],
			    (unsigned long long)small, (unsigned long long)big);
			linear = false;
		}
	}
	free(room);
	check(linear, "what is made to be slow costs the same for each byte, however long");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 26);
	check_words();
	for (unsigned i = 0; i < COUNT_OF(cases); i++)
		check_case(&a, i);
	check_paths(&a);
	check_linear(&a);
	arena_release(&a);
	check(blocks.out == 0, "all memory came back");
	return check_done();
}
