/* SPDX-License-Identifier: Apache-2.0 */
#include "study/train.h"

#include "blocks.h"
#include "check.h"
#include "study/lists.h"

/* The lexicon as it lies in the tree, from whose root tests are made. */
__asm__(".pushsection .rodata\n"
    "lexicon_txt: .incbin \"src/name/lexicon.txt\"\n"
    "lexicon_txt_end: .byte 0\n"
    ".popsection\n");
extern const char lexicon_txt[], lexicon_txt_end[];

#define FILE_BYTES	((size_t)1 << 20)

static const char corpus[] =
	"Mira\tB-PER\nsaw\tO\nGdansk\tB-LOC\n.\tO\n\n"
	"\xc2\xb6\tO\nOlaf\tB-person\nVinter\tI-person\nof\tO\nAcme\tB-ORG\nInc.\tI-ORG\n"
	"saw\tO\nMira\tB-PER\n\n"
	"The\tO\nred\tB-MISC\nbook\tI-MISC\n\n";

static const struct {
	const char	*corpus, *why;
	uint32_t	 line;
} faults[] = {
	{ "a\tO\nb O\n", "a line without a tab", 2 },
	{ "a\tO\n\nb\tX-PER\n", "a label that is none", 3 },
	{ "a\tB-\n", "a label without a name", 1 },
};

static void
train(struct arena *a, unsigned epochs, char *room, struct text *out, uint32_t *mistakes)
{
	static const struct train_options options = { .margin = 5, .forget = 10 };
	struct train t;

	arena_reset(a);
	check_or_stop(train_init(&t, a) == ERR_OK, "there is memory");
	check_or_stop(train_read(&t, slice_of(corpus, sizeof corpus - 1)) == ERR_OK, "it reads");
	check_int(t.count, 3, "an empty line ends a text");
	for (unsigned i = 0; i < epochs; i++)
		train_epoch(&t, &options);
	*mistakes = t.mistakes;
	text_init(out, room, FILE_BYTES);
	train_put(&t, out);
}

static void
check_names(struct arena *a, char *room, char *other)
{
	struct text first, second;
	uint32_t mistakes;

	train(a, 10, room, &first, &mistakes);
	check_int(mistakes, 0, "what is seen ten times is learned");
	check_int((int64_t)first.len, 8 + TAGGER_ROWS * TAG_COUNT + TAGGER_PAD, "its length");
	train(a, 10, other, &second, &mistakes);
	check(slice_eq(text_slice(&first), text_slice(&second)),
	    "the same texts give the same file");
	train(a, 1, other, &second, &mistakes);
	check(mistakes > 0 && !slice_eq(text_slice(&first), text_slice(&second)),
	    "one look is not ten");
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		struct train t;

		arena_reset(a);
		check_or_stop(train_init(&t, a) == ERR_OK, "there is memory");
		check(train_read(&t, slice_of(faults[i].corpus, strlen(faults[i].corpus))) ==
		    ERR_CONF && t.line == faults[i].line, "%s is refused, and told where",
		    faults[i].why);
	}
}

static void
check_lists(struct arena *a, char *room, char *other)
{
	struct text first, second;
	struct lists l;

	arena_reset(a);
	text_init(&first, room, FILE_BYTES);
	text_init(&second, other, FILE_BYTES);
	check(lists_init(&l, a) == ERR_OK &&
	    lists_read(&l, S("Anna\nNew York\tUS\nMarie Curie Sklodowska of Paris and Warsaw\n"),
	    IS_FIRST) == ERR_OK && lists_read(&l, S("anna,x\n"), IS_LAST) == ERR_OK &&
	    lists_read_lexicon(&l, S("# none\nSTREET: calle, gran v\xc3\xad" "a\n")) == ERR_OK,
	    "lists are read");
	check_int(l.count, 6, "a word is counted once, the first word of a phrase too");
	check(lists_put(&l, &first) == ERR_OK, "and written");
	check(lists_init(&l, a) == ERR_OK && lists_keep(&l, text_slice(&first), 0xffff) == ERR_OK &&
	    lists_put(&l, &second) == ERR_OK && first.len == second.len,
	    "what is kept of another file is all of it");
	check(lists_init(&l, a) == ERR_OK &&
	    lists_keep(&l, text_slice(&first), IS_LAST) == ERR_OK && l.count == 1, "or some of it");
	check(lists_keep(&l, slice_cut(text_slice(&first), 0, first.len - 1), IS_LAST) == ERR_CONF,
	    "a file that is cut is refused");
	check(lists_read_lexicon(&l, S("STREET: calle\nSTREAT: rue\n")) == ERR_CONF && l.line == 2,
	    "a role that is none is refused, and told where");
}

/* Every word of the lexicon has its role in the program: who changes one file makes the other. */
static void
check_lexicon(struct arena *a)
{
	struct slice lexicon = slice_of(lexicon_txt, (size_t)(lexicon_txt_end - lexicon_txt));
	unsigned wrong = 0, words = 0;
	struct lists l;

	arena_reset(a);
	check_or_stop(lists_init(&l, a) == ERR_OK && lists_read_lexicon(&l, lexicon) == ERR_OK,
	    "the lexicon is read");
	for (uint32_t i = 0; i < l.room; i++) {
		if (l.at[i].is < IS_ROLE)
			continue;
		words++;
		wrong += gazetteer_role(gazetteer_look(l.at[i].hash)) != gazetteer_role(l.at[i].is);
	}
	check(words > 1000, "the lexicon has words");
	check_int(wrong, 0, "they have their roles in gazetteer.bin (see doc/guide/names.md)");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	char *room = malloc(FILE_BYTES), *other = malloc(FILE_BYTES);
	struct arena a;

	arena_init(&a, &blocks.memory, (size_t)1 << 28);
	check_names(&a, room, other);
	check_lists(&a, room, other);
	check_lexicon(&a);
	arena_release(&a);
	check_int((int64_t)blocks.out, 0, "all memory came back");
	free(room);
	free(other);
	return check_done();
}
