/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/restore.h"

#include "blocks.h"
#include "check.h"
#include "core/limit.h"
#include "core/text.h"

static struct blocks blocks = BLOCKS;
static struct arena arena;
static struct vault vault;
static struct slice anna;		/* its token */

static struct slice
slice(const char *s)
{
	return slice_of(s, strlen(s));
}

static struct slice
digits(void)
{
	return slice_cut(anna, anna.len - TOKEN_DIGITS, anna.len);
}

/* The digits, wrong in one way; d: in lower case. */
static void
put_digits(struct text *t, char how)
{
	struct slice d = digits();
	char c[TOKEN_DIGITS + 2];

	memcpy(c, d.ptr, d.len);
	switch (how) {
	case 'd':
		for (size_t i = 0; i < d.len; i++)
			c[i] = (char)(c[i] >= 'A' ? c[i] | 0x20 : c[i]);
		break;
	case 'X':		/* a wrong one */
		c[3] = c[3] == 'Z' ? 'Y' : 'Z';
		break;
	case 'U':		/* one that is none */
		c[3] = 'U';
		break;
	case 'Y':		/* two wrong ones */
		c[3] = c[3] == 'Z' ? 'Y' : 'Z';
		c[6] = c[6] == 'Z' ? 'Y' : 'Z';
		break;
	case 'S':		/* two that differ are swapped */
		for (unsigned i = 0; i + 1 < d.len; i++)
			if (d.ptr[i] != d.ptr[i + 1]) {
				c[i] = d.ptr[i + 1];
				c[i + 1] = d.ptr[i];
				break;
			}
		break;
	case 'M':		/* one is missing */
		memmove(c + 4, c + 5, d.len - 5);
		text_put(t, slice_of(c, d.len - 1));
		return;
	case 'E':		/* one is too many */
		memmove(c + 5, c + 4, d.len - 4);
		text_put(t, slice_of(c, d.len + 1));
		return;
	}
	text_put(t, slice_of(c, d.len));
}

/* A text from a template; what is no letter of it stands for itself. */
static struct slice
fill(char *room, size_t bytes, const char *template)
{
	struct text t;

	text_init(&t, room, bytes);
	for (const char *p = template; *p != 0; p++)
		if (*p == 'W')
			text_put(&t, S("Person"));
		else if (*p == 'w')
			text_put(&t, S("pERSON"));
		else if (*p == 'V')
			text_put(&t, S("Persom"));
		else if (*p == 'F')
			text_put(&t, S("K7QX2MB40R"));
		else if (strchr("DdXUYSME", *p) != NULL)
			put_digits(&t, *p);
		else
			text_put_char(&t, *p);
	must(!text_overflowed(&t));
	return text_slice(&t);
}

/*
 * W is the word, w the same in another case, V with a wrong letter; D are the digits, d the same
 * in another case; the others are damaged: see put_digits(); F belongs to somebody else.
 */
static const struct {
	const char	*why;
	const char	*text;
	const char	*how;		/* restored in plain, loose, whole: y or n */
	const char	*want;		/* where it is */
	unsigned	 unresolved;	/* where it is not, in the plain mode */
} cases[] = {
	{ "as it was made", "W_D", "yyy", "Anna", 0 },
	{ "in a sentence", "so W_D, too", "yyy", "so Anna, too", 0 },
	{ "inside a word", "xW_Dy", "yyy", "xAnnay", 0 },
	{ "with a possessive", "W_D's", "yyy", "Anna's", 0 },
	{ "with a plural", "W_Ds", "yyy", "Annas", 0 },
	{ "in bold", "**W_D**", "yyy", "**Anna**", 0 },
	{ "in a link", "[W_D](http://a/W)", "yyy", "[Anna](http://a/Person)", 0 },
	{ "as code", "`W_D`", "yyy", "`Anna`", 0 },
	{ "behind half of one", "W_K7W_D", "yyy", "Person_K7Anna", 0 },
	{ "the word in another case", "w_D", "nyy", "Anna", 0 },
	{ "all in another case", "w_d", "nyy", "Anna", 0 },
	{ "the digits in another case", "W_d", "nyy", "Anna", 0 },
	{ "an escaped underscore", "W\\_D", "nyy", "Anna", 0 },
	{ "a hyphen", "W-D", "nyy", "Anna", 0 },
	{ "a space", "W D", "nyy", "Anna", 0 },
	{ "two underscores", "W__D", "nyy", "Anna", 0 },
	{ "Markdown inside", "W*_*D", "nyy", "Anna", 0 },
	{ "code inside", "W`_`D", "nyy", "Anna", 0 },
	{ "five joints are too many", "W_____D", "nnn", "", 0 },
	{ "a wrong digit", "W_X", "nny", "Anna", 1 },
	{ "a letter that is no digit", "W_U", "nny", "Anna", 0 },
	{ "swapped digits", "W_S", "nny", "Anna", 1 },
	{ "a missing digit", "W_M", "nny", "Anna", 0 },
	{ "a digit too many", "W_E", "nny", "Anna", 1 },
	{ "two wrong digits", "W_Y", "nnn", "", 1 },
	{ "a wrong letter", "V_D", "nny", "Anna", 0 },
	{ "a wrong letter and a wrong digit", "V_X", "nnn", "", 0 },
	{ "somebody else's", "W_F", "nnn", "", 1 },
	{ "somebody else's, and more", "W_Fx", "nnn", "", 1 },
	{ "no word", "_D", "nnn", "", 0 },
	{ "no joint", "WD", "nnn", "", 0 },
	{ "a word alone", "W_", "nnn", "", 0 },
	{ "snake case", "W_name", "nnn", "", 0 },
	{ "in capitals", "W_KANQKANQKA", "nnn", "", 0 },
};

static struct slice
restore(struct restore *r, struct slice text, char *room, size_t bytes)
{
	struct slice piece;
	struct text t;

	text_init(&t, room, bytes);
	restore_feed(r, text);
	while (restore_next(r, &piece))
		text_put(&t, piece);
	restore_end(r);
	while (restore_next(r, &piece))
		text_put(&t, piece);
	must(!text_overflowed(&t));
	return text_slice(&t);
}

static void
check_cases(void)
{
	static const char *const modes[] = { "plain", "loose", "whole" };
	char text[256], made[256];

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		for (unsigned mode = 0; mode < 3; mode++) {
			struct slice in = fill(text, sizeof text, cases[i].text);
			bool is = cases[i].how[mode] == 'y';
			struct restore r;

			restore_init(&r, &vault, (enum restore_mode)mode, false);
			check_slice(restore(&r, in, made, sizeof made),
			    is ? slice(cases[i].want) : in, "%s: %s", modes[mode], cases[i].why);
			if (r.restored != is || (mode == 0 && r.unresolved != cases[i].unresolved))
				check(false, "%s is counted: %llu restored, %llu unresolved",
				    cases[i].why, (unsigned long long)r.restored,
				    (unsigned long long)r.unresolved);
		}
}

static const struct {
	const char	*why, *text;
	size_t		 plain, loose;		/* bytes held */
} holds[] = {
	{ "nothing of other text", "Hello", 0, 0 },
	{ "a first letter", "Hello P", 1, 1 },
	{ "a first letter in another case", "Hello p", 0, 1 },
	{ "not when the next one is another", "Hello Px", 0, 0 },
	{ "a word", "the W", 6, 6 },
	{ "a word and its underscore", "the W_", 7, 7 },
	{ "a word and a space", "the W ", 0, 7 },
	{ "an escape", "the W\\_", 0, 8 },
	{ "not five joints", "the W_____", 0, 0 },
	{ "not digits that no live token has", "W_UU", 0, 0 },
	{ "not a whole token", "W_D", 0, 0 },
	{ "what begins behind a token", "W_DPer", 3, 3 },
	{ "what begins within a broken one", "Per Person_Pers", 4, 4 },
};

static void
check_holds(void)
{
	char text[256], made[256];

	for (size_t i = 0; i < COUNT_OF(holds); i++)
		for (unsigned mode = 0; mode < 2; mode++) {
			struct slice in = fill(text, sizeof text, holds[i].text), piece;
			struct restore r;

			restore_init(&r, &vault, (enum restore_mode)mode, false);
			restore_feed(&r, in);
			while (restore_next(&r, &piece))
				;
			check_int((int64_t)restore_held(&r),
			    (int64_t)(mode == 0 ? holds[i].plain : holds[i].loose),
			    "%s is held: %s", holds[i].why, mode == 0 ? "plain" : "loose");
		}
	for (size_t n = 1; n < anna.len; n++) {
		struct restore r;

		restore_init(&r, &vault, RESTORE_PLAIN, false);
		check_slice(restore(&r, slice_cut(anna, 0, n), made, sizeof made),
		    slice_cut(anna, 0, n), "%zu bytes of a token, and an end: they come out", n);
	}
}

static void
check_json(void)
{
	struct slice token;
	char text[128], made[256];
	struct restore r;
	struct text t;

	check_or_stop(vault_mint(&vault, S("Person"), S("O\"Ne\\il\n\x01\xc3\xa9"),
	    &token) == ERR_OK, "a value that needs escapes");
	text_init(&t, text, sizeof text);
	text_put(&t, S("{\"a\":\""));
	text_put(&t, token);
	text_put(&t, S("\"}"));
	restore_init(&r, &vault, RESTORE_PLAIN, true);
	check_slice(restore(&r, text_slice(&t), made, sizeof made),
	    S("{\"a\":\"O\\\"Ne\\\\il\\n\\u0001\xc3\xa9\"}"), "inside JSON a value is escaped");
	restore_init(&r, &vault, RESTORE_PLAIN, false);
	check_slice(restore(&r, text_slice(&t), made, sizeof made),
	    S("{\"a\":\"O\"Ne\\il\n\x01\xc3\xa9\"}"), "and elsewhere it is not");
	restore_init(&r, &vault, RESTORE_LOOSE, true);
	check_slice(restore(&r, fill(text, sizeof text, "W\\\\_D"), made, sizeof made), S("Anna"),
	    "inside JSON a backslash is two");
	restore_init(&r, &vault, RESTORE_LOOSE, true);
	check_slice(restore(&r, fill(text, sizeof text, "W\\_D"), made, sizeof made),
	    fill(text, sizeof text, "W\\_D"), "and one is an escape of JSON");
}

static void
check_whole_text(void)
{
	char text[4096];
	struct slice in = S("nothing to restore"), out, token;
	struct restore r;
	struct text t;

	restore_init(&r, &vault, RESTORE_WHOLE, false);
	check(restore_text(&arena, &r, in, &out) == ERR_OK && out.ptr == in.ptr,
	    "a text without tokens is given back as it is");
	check_or_stop(vault_mint(&vault, S("Text"), S("a rather long value, longer than its token, "
	    "so that the text grows when it comes back"), &token) == ERR_OK, "a long value");
	text_init(&t, text, sizeof text);
	for (unsigned i = 0; i < 40; i++)
		text_put(&t, token);
	restore_init(&r, &vault, RESTORE_WHOLE, false);
	check(restore_text(&arena, &r, text_slice(&t), &out) == ERR_OK &&
	    out.len == 40 * vault.entry[vault.count - 1].value.len && r.restored == 40,
	    "a text may grow");
}

/* Nothing is held, or found, where there is nothing to restore. */
static void
check_empty(void)
{
	static char big[VAULT_BYTES_MAX + 1];
	struct slice token, piece;
	struct vault none;
	struct restore r;
	char made[64];

	vault_init(&none, &arena, (struct hash_key){ { 1, 2 } }, 0);
	restore_init(&r, &none, RESTORE_LOOSE, false);
	check_slice(restore(&r, anna, made, sizeof made), anna, "an empty vault restores nothing");
	check_int(vault_mint(&none, S("Person"), slice_of(big, sizeof big), &token), ERR_VAULT_FULL,
	    "a word without a token");
	restore_init(&r, &none, RESTORE_PLAIN, false);
	restore_feed(&r, S("Pers"));
	check(restore_next(&r, &piece) && piece.len == 4, "holds nothing");
}

/* Two live tokens that differ in two digits, and one between them. */
static void
check_doubt(void)
{
	char token[TOKEN_BYTES_MAX], made[64];
	unsigned char digit[TOKEN_DIGITS];
	struct restore r;
	struct vault two;
	struct slice text;
	uint32_t word;

	vault_init(&two, &arena, (struct hash_key){ { 1, 2 } }, 0);
	check_or_stop(vault_word(&two, S("Person"), &word) == ERR_OK &&
	    vault_add(&two, word, 0, S("Anna")) == ERR_OK, "one token");
	text = slice_of(token, token_spell(token, S("Person"), 0));
	token[text.len - TOKEN_DIGITS] = '7';
	restore_init(&r, &two, RESTORE_WHOLE, false);
	check_slice(restore(&r, text, made, sizeof made), S("Anna"), "a wrong digit is put right");
	for (unsigned i = 0; i < TOKEN_DIGITS; i++)
		digit[i] = i == 0 ? 7 : 0;
	check_or_stop(vault_add(&two, word, token_repair(digit, 5), S("Bob")) == ERR_OK, "two");
	restore_init(&r, &two, RESTORE_WHOLE, false);
	check_slice(restore(&r, text, made, sizeof made), text, "but not if it may be either");
}

static void
feed_twice(void)
{
	struct restore r;

	restore_init(&r, &vault, RESTORE_PLAIN, false);
	restore_feed(&r, anna);
	restore_feed(&r, anna);
}

int
main(void)
{
	arena_init(&arena, &blocks.memory, 1 << 24);
	vault_init(&vault, &arena, (struct hash_key){ { 1, 2 } }, 0);
	check_or_stop(vault_mint(&vault, S("Person"), S("Anna"), &anna) == ERR_OK, "a token");
	check_cases();
	check_holds();
	check_json();
	check_whole_text();
	check_empty();
	check_doubt();
	check_must(feed_twice, "pieces are taken before more is fed");
	arena_release(&arena);
	check_int((int64_t)blocks.out, 0, "all memory came back");
	return check_done();
}
