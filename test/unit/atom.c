/* SPDX-License-Identifier: Apache-2.0 */
#include "name/atom.h"

#include "blocks.h"
#include "check.h"

static const struct {
	const char	*text, *words, *why;	/* words with | between them */
	const char	*shapes;		/* a letter each: l T U I X c # - */
} cases[] = {
	{ "Anna met Bob.", "Anna|met|Bob|.", "words and a full stop", "TlT-" },
	{ "J. Smith, U.S. man", "J.|Smith|,|U.S.|man", "initials with full stops", "IT-Il" },
	{ "O'Brien's", "O'Brien|'|s", "a name's apostrophe joins, a possessive's does not", "T-l" },
	{ "don't l'ami d'Ana", "don't|l|'|ami|d|'|Ana", "don't is a word, l' is one", "ll-ll-T" },
	{ "Ana-Maria x- -y", "Ana-Maria|x|-|-|y", "a hyphen between letters joins", "Tl--l" },
	{ "\xc3\x89" "cole No\xc3\xab" "l \xc3\x96", "\xc3\x89" "cole|No\xc3\xabl|\xc3\x96",
	    "letters with accents have a case", "TTI" },
	{ "\xce\x86\xce\xbd\xce\xb1 \xd0\x90\xd0\xbd\xd0\xb0",
	    "\xce\x86\xce\xbd\xce\xb1|\xd0\x90\xd0\xbd\xd0\xb0", "Greek, Cyrillic", "TT" },
	{ "12,500 1D 5th 3\xc2\xba", "12,500|1D|5th|3|\xc2\xba", "numbers", "####-" },
	{ "a@b.org, https://x.y/z?q=1.", "a@b.org|,|https://x.y/z?q=1|.", "addresses", "c-c-" },
	{ "snake_case SCREAM_X a::b @joe #tag", "snake_case|SCREAM_X|a::b|@joe|#tag",
	    "names of programs and handles", "ccccc" },
	{ "McDonald camelCase USA iPhone5", "McDonald|camelCase|USA|iPhone5", "mixed", "XXUc" },
	{ "\xe4\xbd\xa0\xef\xbc\x8c\xe4\xb8\x96", "\xe4\xbd\xa0|\xef\xbc\x8c|\xe4\xb8\x96",
	    "letters without case, and their comma", "l-l" },
	{ "a\xc3", "a|\xc3", "a character that is cut is a mark", "l-" },
	{ "", "", "nothing", "" },
};

static void
check_case(struct arena *a, size_t i)
{
	static const char letter[] = ".lTUIXc#-";
	struct slice text = slice_of(cases[i].text, strlen(cases[i].text));
	char words[200], shapes[40];
	size_t len = 0, count = 0;
	struct atoms ws;

	arena_reset(a);
	check_or_stop(atoms_init(&ws, a, text), "there is memory");
	while (atoms_read(&ws))
		for (uint32_t k = 0; k < ws.count; k++) {
			struct slice w = atoms_slice(&ws, &ws.at[k]);

			if (len > 0)
				words[len++] = '|';
			memcpy(words + len, w.ptr, w.len);
			len += w.len;
			shapes[count++] = letter[ws.at[k].shape];
		}
	check_slice(slice_of(words, len), slice_of(cases[i].words, strlen(cases[i].words)), "%s",
	    cases[i].why);
	check_slice(slice_of(shapes, count), slice_of(cases[i].shapes, strlen(cases[i].shapes)),
	    "%s: shapes", cases[i].why);
}

/* Most words are read with one look, where others stand behind them. */
static bool
is_same_before_others(struct arena *a, const char *text, const struct atom *alone)
{
	char room[256];
	struct atoms ws;
	int len = snprintf(room, sizeof room, "%s and others, so many that they fill it", text);

	return atoms_init(&ws, a, slice_of(room, (size_t)len)) && atoms_read(&ws) &&
	    ws.at[0].hash == alone->hash && ws.at[0].shape == alone->shape &&
	    ws.at[0].end == alone->end;
}

static uint32_t
hash_of(struct arena *a, const char *text)
{
	char fold[ATOM_FOLD_BYTES];
	struct atoms ws;

	arena_reset(a);
	/* What stands behind a folded word is not of it. */
	memset(fold, '#', sizeof fold);
	check_or_stop(atoms_init(&ws, a, slice_of(text, strlen(text))) && atoms_read(&ws) &&
	    ws.count == 1, "%s is one word", text);
	check(atoms_hash(slice_of(fold, atoms_fold(&ws, &ws.at[0], fold))) == ws.at[0].hash,
	    "%s: its letters have its hash", text);
	check(is_same_before_others(a, text, &ws.at[0]), "%s: and so they have among others", text);
	return ws.at[0].hash;
}

static void
check_hashes(struct arena *a)
{
	uint32_t garcia = hash_of(a, "garcia");

	check(hash_of(a, "Garc\xc3\xad" "a") == garcia, "an accent does not matter");
	check(hash_of(a, "GARC\xc3\x8d" "A") == garcia, "nor does case");
	check(hash_of(a, "garcin") != garcia, "letters do");
	check(hash_of(a, "Donaudampfschifffahrt") != hash_of(a, "Donaudampfschifffahrd"),
	    "and those at the end of a long word");
	check(hash_of(a, "NATO") == hash_of(a, "Nato") && hash_of(a, "naTo") == hash_of(a, "Nato"),
	    "capitals do not matter wherever they are");
	check(hash_of(a, "O'Brien") == hash_of(a, "OBrien"), "marks that join do not");
	check(hash_of(a, "don\xe2\x80\x99t") == hash_of(a, "don't"), "apostrophes are the same");
}

/* Blocks are the whole text, in order, whatever its lines are. */
static void
check_blocks(struct arena *a, const char *unit, const char *why)
{
	size_t n = strlen(unit), len = 100000 / n * n;
	char *text = malloc(len);
	uint32_t end = 0, blocks = 0;
	bool in_order = true;
	struct atoms ws;

	for (size_t i = 0; i < len; i += n)
		memcpy(text + i, unit, n);
	arena_reset(a);
	check_or_stop(atoms_init(&ws, a, slice_of(text, len)), "there is memory");
	while (atoms_read(&ws)) {
		blocks++;
		for (uint32_t i = 0; i < ws.count; i++) {
			in_order &= ws.at[i].start >= end && ws.at[i].end > ws.at[i].start;
			end = ws.at[i].end;
		}
		in_order &= ws.count <= ATOMS_MAX && ws.at[ws.count].shape == ATOM_NONE;
	}
	check(in_order && end >= len - n && blocks >= 1, "%s", why);
	free(text);
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, (size_t)1 << 30);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(&a, i);
	check_hashes(&a);
	check_blocks(&a, "One sentence of a few words. ", "sentences end blocks");
	check_blocks(&a, "line\n", "so do lines");
	check_blocks(&a, "word ", "and nothing does");
	check_blocks(&a, "x", "one word is long");
	check_blocks(&a, "!", "marks alone");
	arena_release(&a);
	check_int((int64_t)blocks.out, 0, "all memory came back");
	return check_done();
}
