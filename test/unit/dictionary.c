/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dictionary.h"

#include "core/limit.h"
#include "detect/detect.h"

#include "blocks.h"
#include "check.h"

static const struct hash_key key = { { 7, 11 } };

static const char *const words[] = {
	"Project Falcon", "Falcon", "M\u00fcnchner Gl\u00fcck", "\u793e\u5185\u30b3\u30fc\u30c9", "x",
	"Falcon heavy lift rocket",
};
static const char *const values[] = { "KD-2023/00017", "77001234", "AB 12 CD 34" };

/* What stands in braces must be found, and nothing else. */
static const struct {
	const char *text, *why;
	bool value;
} cases[] = {
	{ "about {project falcon} now", "a phrase, in any case", false },
	{ "the {FALCON} flies", "a word", false },
	{ "a {falcon, heavy-lift rocket} is one", "the longest phrase", false },
	{ "{M\u00dcNCHNER GLUCK}", "without accents", false },
	{ "\u3053\u306e{\u793e\u5185\u30b3\u30fc\u30c9}\u3067\u3059", "between ideographs", false },
	{ "falcons and projects", "no parts of words", false },
	{ "order {kd-2023/00017}.", "a value", true },
	{ "order {KD 2023 00017}!", "with other separators", true },
	{ "{KD202300017}", "with none", true },
	{ "id={77001234};", "a number", true },
	{ "{AB12CD34}", "written together", true },
	{ "1{ } 77001235 KD-2023/00018 AB12CD3", "no others", true },
};

static size_t
read_text(const char *p, char *room, size_t *start, size_t *end)
{
	size_t len = 0;

	for (; *p != '\0'; p++) {
		if (*p == '{')
			*start = len;
		else if (*p == '}')
			*end = len;
		else
			room[len++] = *p;
	}
	return len;
}

static struct dictionary *
make(struct arena *a)
{
	struct dictionary *d = dictionary_new(a, key);
	uint64_t hash;

	for (size_t i = 0; i < COUNT_OF(words); i++)
		must(dictionary_add_word(d, slice_of(words[i], strlen(words[i])),
		    TYPE_listed_word) == NULL);
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		must(dictionary_hash(&key, slice_of(values[i], strlen(values[i])), &hash));
		must(dictionary_add_value(d, hash, TYPE_listed_value) == NULL);
	}
	return d;
}

static void
look(struct arena *a, const struct dictionary *d, struct slice text, struct findings *f)
{
	findings_init(f, a);
	detect_look(&(struct look){ .text = text, .arena = a, .findings = f, .dictionary = d },
	    DETECT_TERMS);
}

static void
check_cases(struct arena *a)
{
	struct dictionary *d = make(a);

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned type = cases[i].value ? TYPE_listed_value : TYPE_listed_word, seen = 0;
		size_t start = 0, end = 0;
		struct findings f;
		char room[256];
		bool good = true;

		look(a, d, slice_of(room, read_text(cases[i].text, room, &start, &end)), &f);
		for (uint32_t k = 0; k < f.count; k++) {
			if (f.at[k].type != type)
				continue;
			seen++;
			good &= f.at[k].start == start && f.at[k].end == end;
		}
		check(good && seen == (end > start + 1), "%s", cases[i].why);
	}
}

static void
check_refusals(struct arena *a)
{
	struct dictionary *d = dictionary_new(a, key);
	uint64_t hash = 0, other = 0;

	check(dictionary_add_word(d, S(" -- "), TYPE_listed_word) != NULL, "nothing is no word");
	check(dictionary_add_word(d, S("a b c d e f g h i j k l m n o p q"),
	    TYPE_listed_word) != NULL,
	    "too many words");
	check(!dictionary_hash(&key, S("kowalska"), &hash), "a value has a digit");
	check(!dictionary_hash(&key, S("a-1"), &hash), "and is no shorter than five");
	check(!dictionary_hash(&key, S("a-1-b-2-c-3"), &hash), "and has four parts");
	check(dictionary_hash(&key, S("ab-1234"), &hash) &&
	    dictionary_hash(&(struct hash_key){ { 7, 12 } }, S("ab-1234"), &other) &&
	    hash != other, "another key makes another hash");
	check(dictionary_hash(&key, S("AB1234"), &other) && hash == other, "spelling makes none");
}

/* As many entries as there may be; each is found, and others are not. */
static void
check_many(struct arena *a)
{
	struct dictionary *d = dictionary_new(a, key);
	unsigned found = 0, alarms = 0;
	char room[24];
	uint64_t hash;

	for (unsigned i = 0; i < DICTIONARY_MAX; i++) {
		for (int k = 0; k < 5; k++)
			room[k] = (char)('a' + (i >> 4 * k & 15));
		memcpy(room + 5, " club 1", 7);
		if (dictionary_add_word(d, slice_of(room, 10), TYPE_listed_word) != NULL)
			check(false, "entry %u", i);
		room[5] = '7';
		must(dictionary_hash(&key, slice_of(room, 6), &hash));
		must(dictionary_add_value(d, hash, TYPE_listed_value) == NULL);
	}
	check(dictionary_add_word(d, S("more"), TYPE_listed_word) != NULL, "there is a ceiling");
	for (unsigned i = 0; i < DICTIONARY_MAX; i += 97) {
		struct findings f;

		for (int k = 0; k < 5; k++)
			room[k] = (char)('a' + (i >> 4 * k & 15));
		memcpy(room + 5, " club", 5);
		look(a, d, slice_of(room, 10), &f);
		found += f.count == 1 && f.at[0].end == 10;
		memcpy(room + 5, " klub", 5);
		look(a, d, slice_of(room, 10), &f);
		alarms += f.count;
	}
	check_int(found, (DICTIONARY_MAX + 96) / 97, "each of very many is found");
	check_int(alarms, 0, "and no other");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 28);
	check_cases(&a);
	check_refusals(&a);
	check_many(&a);
	arena_release(&a);
	return check_done();
}
