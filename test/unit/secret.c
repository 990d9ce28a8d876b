/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/secret.h"

#include "blocks.h"
#include "check.h"
#include "secret/code.h"
#include "secret/infra.h"
#include "secret/prefix.h"
#include "guess/entropy.h"
#include "guess/hint.h"
#include "guess/shape.h"
#include "guess/value.h"

static struct blocks blocks = BLOCKS;
static struct arena arena;

/* What is found in a text, settled, on both paths. */
static struct findings
look(struct slice text, struct slice key, bool wide)
{
	struct findings f;
	struct look l = { .text = text, .key = key, .arena = &arena, .findings = &f, .wide = wide };

	findings_init(&f, &arena);
	secret_look(&l);
	infra_look(&l);
	code_look(&l);
	findings_settle(&f, text);
	return f;
}

/* The text without its braces, and where they stood; a brace that is doubled is one. */
static struct slice
without_braces(struct slice marked, size_t *start, size_t *end)
{
	char *out = arena_bytes(&arena, marked.len + 1);
	size_t len = 0;

	*start = *end = 0;
	for (size_t i = 0; i < marked.len; i++) {
		if (marked.ptr[i] == '{' && *end == 0)
			*start = len;
		else if (marked.ptr[i] == '}' && *end == 0)
			*end = len;
		else
			out[len++] = marked.ptr[i];
	}
	return slice_of(out, len);
}

static const char *
type_at(const struct findings *f, size_t start, size_t end)
{
	for (uint32_t i = 0; i < f->count; i++) {
		if (f->at[i].start == start && f->at[i].end == end)
			return type_info((enum detect_type)f->at[i].type)->name.ptr;
	}
	return "nothing";
}

/* ---- the two texts of each row of the table ---- */

static void
test_types(void)
{
	static const enum detect_type types[] = {
#define TYPE(name, kind, level, mask, basis, yes, no)	TYPE_##name,
#include "find/credential.tbl"
#undef TYPE
	};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const struct type_info *info = type_info(types[i]);
		size_t start, end;
		struct slice text = without_braces(info->yes, &start, &end);
		struct findings f;
		bool quiet = true;

		for (int wide = 0; wide < 2; wide++) {
			f = look(text, S(""), wide == 1);
			check_slice(slice_of(type_at(&f, start, end),
			    strlen(type_at(&f, start, end))),
			    info->name, "%.*s is found, %s", (int)info->name.len, info->name.ptr,
			    wide == 1 ? "wide" : "plain");
		}
		f = look(info->no, S(""), false);
		for (uint32_t n = 0; n < f.count; n++)
			quiet &= f.at[n].type != types[i];
		check(quiet, "%.*s is not found where there is none", (int)info->name.len,
		    info->name.ptr);
		arena_reset(&arena);
	}
}

/* ---- values and their stand-ins ---- */

static const struct {
	struct slice	text;
	const char	*want;		/* type of what is between the braces */
	const char	*why;
} cases[] = {
	{ S("DB_PASSWORD={hunter2}"), "password", "a line of an env file" },
	{ S("export PGPASSWORD='{x9!kQ2}'"), "password", "an export with quotes" },
	{ S("  password: {kx72-fh2q}"), "password", "YAML" },
	{ S("[\"password\",\"\"] \"password\": \"{Tr0ub4dor&3}\""), "password",
	    "a member of JSON" },
	{ S("<password>{Zk3x9qq1}</password>"), "password", "an element of XML" },
	{ S("<add key=\"DbPassword\" value=\"{Zk3x9qq1}\"/>"), "password", "a pair of attributes" },
	{ S("\"name\": \"DB_PASSWORD\", \"value\": \"{Zk3x9qq1}\""), "password",
	    "a pair of members" },
	{ S("mysql --user root --password {Zk3x9qq1} shop"), "password", "an option of a command" },
	{ S("curl -u bob:{Zk3x9qq1} http://example.com"), "password", "curl's name and password" },
	{ S(":password => '{Zk3x9qq1}'"), "password", "a hash of Ruby" },
	{ S("password := \"{Zk3x9qq1}\""), "password", "Go" },
	{ S("String dbPassword = \"{Zk3x9qq1}\";"), "password", "Java" },
	{ S("password: str = \"{Zk3x9qq1}\""), "password", "Python with a type" },
	{ S("config['password'] = '{Zk3x9qq1}'"), "password", "an index" },
	{ S("if (password == \"{Zk3x9qq1}\")"), "password", "a comparison" },
	{ S("Das Passwort lautet {Zk3x9qq1}."), "password", "a German sentence" },
	{ S("Das Kennwort ist {Hund!Katze77}"), "password", "another German word" },
	{ S("session_id={9f8e7d6c5b4a39281706f5e4d3c2b1a0}"), "generic_secret",
	    "an id of a session" },
	{ S("sshpass -p '{S3cretPw!}' ssh x"), "password", "sshpass" },
	{ S("my wifi password is {Sunflower42!} you"), "password", "with a sign at its end" },
	{ S("my password is {Zk3x9qq1}"), "password", "an English sentence" },
	{ S("mot de passe : {Zk3x9qq1}"), "password", "French" },
	{ S("contrase\xc3\xb1" "a: {Zk3x9qq1}"), "password", "Spanish" },
	{ S("\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c: {Zk3x9qq1}"), "password",
	    "Russian" },
	{ S("\xe5\xaf\x86\xe7\xa0\x81: {Zk3x9qq1}"), "password", "Chinese" },
	{ S("redis://:{Zk3x9qq1}@cache:6379/0 is old"), "nothing",
	    "the whole address is found instead" },
	{ S("{redis://:Zk3x9qq1@cache:6379/0} is old"), "database_url",
	    "an address without a name" },
	{ S("api_key = \"{9f8e7d6c5b4a39281706f5e4d3c2b1a0}\""), "generic_secret",
	    "a key of an API" },
	{ S("\"clientSecret\": \"{q8Zr-3nVb_77LmKp2}\""), "generic_secret", "camel case" },
	{ S("?api_key={9f8e7d6c5b4a39281706f5e4d3c2b1a0}&x=1"), "generic_secret", "a query" },
	{ S("{AKIA5Q7W2ZT4XK3MB6RD}"), "aws_access_key", "twenty characters" },
	{ S("\\n{ghp_}x"), "nothing", "a beginning alone" },
	{ S("text\\n{ghs_1B4gOY3cqJs0nAZ5vdfWmRpt8Xk2Ue7HhLTa}"), "github_token",
	    "behind an escape" },
	{ S("t%3D{ghs_1B4gOY3cqJs0nAZ5vdfWmRpt8Xk2Ue7HhLTa}"), "github_token", "behind a percent" },
};

static void
test_cases(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t start, end;
		struct slice text = without_braces(cases[i].text, &start, &end);
		struct findings f = look(text, S(""), false);
		const char *got = type_at(&f, start, end);

		check_slice(slice_of(got, strlen(got)), slice_of(cases[i].want,
		    strlen(cases[i].want)),
		    "%s", cases[i].why);
		arena_reset(&arena);
	}
}

static const struct {
	struct slice	text;
	const char	*why;
} quiet[] = {
	{ S("password = os.environ['DB_PASSWORD']"), "the environment" },
	{ S("password=$DB_PASSWORD"), "a variable of a shell" },
	{ S("password: ${{ secrets.DB_PASSWORD }}"), "a template" },
	{ S("password = \"<your password here>\""), "brackets" },
	{ S("password: changeme"), "what is to be changed" },
	{ S("password: \"********\""), "stars" },
	{ S("password = getPassword();"), "a call" },
	{ S("password = user.password"), "a member" },
	{ S("password: string;"), "a type" },
	{ S("password: required"), "a word" },
	{ S("passwordLength = 12345678"), "a length" },
	{ S("password_file: /run/secrets/db"), "a path" },
	{ S("The password is required and is never shown."), "prose about passwords" },
	{ S("Many passengers were enroute to #AIDS2014 then."), "passengers" },
	{ S("Passwords expire after 90 days."), "a policy" },
	{ S("max_tokens: 4096"), "tokens of a model" },
	{ S("\"token_type\": \"bearer\""), "a type of tokens" },
	{ S("public_key = \"9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit\""), "a public key" },
	{ S("key: user_2024_01_15"), "a key of a table" },
	{ S("\"cache_key\": \"9f8e7d6c5b4a39281706f5e4d3c2b1a0\""), "a key of a cache" },
	{ S("sha256: 9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0"),
	    "a digest" },
	{ S("commit 9f8e7d6c5b4a39281706f5e4d3c2b1a012345678"), "a commit" },
	{ S("https://example.com:8080/a?b=c@d"), "a port, and an @ behind the host" },
	{ S("the responsibilities-of-all-interdepartmental-committees"), "long words" },
	{ S("a_function_with_a_long_name_and_words(token)"), "an identifier" },
	{ S("std::vector<std::pair<int, int>> tokens;"), "scopes" },
	{ S("AKIA5Q7W2ZT4XK3MB6R"), "one character too few" },
	{ S("AKIA5Q7W2ZT4XK3MB6RDX"), "one character too many" },
	{ S("xAKIA5Q7W2ZT4XK3MB6RD"), "a letter before it" },
	{ S("AKIA5Q7W2ZT4 XK3MB6RD"), "a space in it" },
	{ S("ghp_1B4gOY3cqJs0nAZ5vdfWmRpt8Xk2Ue7HhLT"), "thirty-five characters" },
};

static void
test_quiet(void)
{
	for (size_t i = 0; i < COUNT_OF(quiet); i++) {
		struct findings f = look(quiet[i].text, S(""), true);

		if (!check_int(f.count, 0, "nothing is found in %s", quiet[i].why))
			check_slice(f.count > 0 ? type_info((enum detect_type)f.at[0].type)->name
			    : S(""), S(""), "...");
		arena_reset(&arena);
	}
}

/* ---- wherever it stands ---- */

static void
test_places(void)
{
	static const struct slice token = S("ghp_16C7e42F292c6912E7710c838347Ae178B4a");
	char text[256];
	bool found = true;

	for (size_t before = 0; before < 160; before++) {
		for (int wide = 0; wide < 2; wide++) {
			struct findings f;

			memset(text, ' ', sizeof text);
			memcpy(text + before, token.ptr, token.len);
			f = look(slice_of(text, before + token.len), S(""), wide == 1);
			found &= f.count == 1 && f.at[0].start == before &&
			    f.at[0].end == before + token.len && f.at[0].type == TYPE_github_token;
			arena_reset(&arena);
		}
	}
	check(found, "a token is found at each place of a block, and at the end of the text");
}

static void
test_key(void)
{
	struct findings f = look(S("correct9horse"), S("db_password"), false);

	check(f.count == 1 && f.at[0].type == TYPE_password && f.at[0].start == 0 &&
	    f.at[0].end == 13, "a text whose key says password is one");
	f = look(S("correct9horse"), S("password_hint"), false);
	check_int(f.count, 0, "but not where the key says that it is about one");
	f = look(S("correct9horse"), S("title"), false);
	check_int(f.count, 0, "nor where it says something else");
	arena_reset(&arena);
}

/* GitHub's last six characters are a checksum: it proves, but its absence refutes nothing. */
static void
test_checksum(void)
{
	static const struct slice right = S("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");
	char wrong[64];
	struct findings f;

	memcpy(wrong, right.ptr, right.len);
	f = look(right, S(""), false);
	check(f.count == 1 && (f.at[0].evidence & EVIDENCE_VALID) != 0 && f.at[0].score == 99,
	    "a token with the right checksum is valid");
	for (size_t i = 4; i < right.len; i++) {
		bool found;

		wrong[i] = right.ptr[i] == 'q' ? 'r' : 'q';
		f = look(slice_of(wrong, right.len), S(""), false);
		found = f.count == 1 && (f.at[0].evidence & EVIDENCE_VALID) == 0;
		wrong[i] = right.ptr[i];
		if (!found)
			check(false, "character %zu changed is found, and is not valid", i);
	}
	check(true, "each character changed was looked at");
	arena_reset(&arena);
}

/* ---- what they are made of ---- */

static void
test_shapes(void)
{
	static const struct {
		struct slice	text, shape;
		size_t		want;
		const char	*why;
	} t[] = {
		{ S("0123456789ab"), S("x12"), 12, "as many as it says" },
		{ S("0123456789a"), S("x12"), 0, "one too few" },
		{ S("0123456789abc"), S("x12"), 0, "one too many" },
		{ S("0123456789ab-"), S("x12"), 12, "then something else" },
		{ S("0123456789abz"), S("x12"), 0, "then a letter of another set" },
		{ S("ab-cd"), S("l2-l2"), 5, "a sign between" },
		{ S("abXcd"), S("l2-l2"), 0, "another sign between" },
		{ S("abcA"), S("l2-8\\A"), 4, "a range, and a letter that stands for itself" },
		{ S("abcdef"), S("l2+"), 6, "at least" },
		{ S("ab=="), S("l2=0-2"), 4, "a sign that may be missing" },
		{ S("ab"), S("l2=0-2"), 2, "and is" },
	};

	for (size_t i = 0; i < COUNT_OF(t); i++)
		check_int((int64_t)shape_match(t[i].text, t[i].shape), (int64_t)t[i].want,
		    "shape: %s", t[i].why);
}

static void
test_measures(void)
{
	check_int(entropy_bits(S("aaaaaaaa")), 0, "one byte again and again has no entropy");
	check_int(entropy_bits(S("abababab")), 16, "two have one bit");
	check_int(entropy_bits(S("0123456789abcdef")), 64, "sixteen have four");
	check(entropy_wordy(S("correcthorsebatterystaple")), "words are words");
	check(!entropy_wordy(S("qxzkvjwpqz")), "rare pairs are none");
	check(hint_is_sorted() && prefix_is_sorted(), "the tables are in order");
	check(hint_of(S("DB_PASSWORD")) == HINT_PASSWORD &&
	    (hint_of(S("apiKey")) & HINT_SECRET) != 0 &&
	    (hint_of(S("APIKey")) & HINT_SECRET) != 0 &&
	    hint_of(S("mysqlpassword1")) == HINT_PASSWORD,
	    "names are read in all their ways of joining words");
	check((hint_of(S("passwordLength")) & HINT_OTHER) != 0 && hint_of(S("monkey")) == 0 &&
	    hint_of(S("compass")) == 0 && hint_of(S("tokenizer")) == 0,
	    "and words are whole words");
	check(value_is_uuid(S("123e4567-e89b-12d3-a456-426614174000")) &&
	    !value_is_uuid(S("123e4567-e89b-12d3-a456-42661417400g")),
	    "a UUID has hexadecimal digits");
}

/* Each word of the table is found by itself: what spares the search spares none of them. */
static void
test_hints(void)
{
	enum { PASSWORD, SECRET, KEY, SESSION, BEFORE, ACCESS, PLAIN, OTHER };
	static const struct {
		struct slice	word;
		unsigned	says;
	} t[] = {
#define HINT(word, says)	{ { word, sizeof(word) - 1 }, says },
#include "guess/hint.tbl"
#undef HINT
	};
	bool all = true;

	for (size_t i = 0; i < COUNT_OF(t); i++) {
		if (t[i].says <= SESSION && hint_of(t[i].word) == 0)
			all = check(false, "%s is a hint", t[i].word.ptr);
	}
	check(all, "each word of the table that says something is a hint by itself");
}

/* ---- texts that are meant to be slow ---- */

static void
test_hostile(void)
{
	static const char *const pieces[] = {
		"_", "sk-", "a.", "AKIA", "eyJ.", "password=", ":", "=>", "-----BEGIN ", "--",
		    "$2b$",
		"https://a:b@", "'\"", "ey0aaaaaaaaaaaaaaaaaaa.", "v1.0-0123456789abcdef",
		"key=key=", "<a>", "ss", "password is ",
	};
	enum { BYTES = 1 << 17 };
	char *text = malloc(BYTES);

	if (text == NULL)
		abort();
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		size_t len = strlen(pieces[i]);
		struct findings f;

		for (size_t at = 0; at < BYTES; at++)
			text[at] = pieces[i][at % len];
		f = look(slice_of(text, BYTES), S(""), true);
		check(f.cut || f.count <= BYTES, "a text of nothing but %s ends", pieces[i]);
		arena_reset(&arena);
	}
	free(text);
}

int
main(void)
{
	arena_init(&arena, &blocks.memory, (size_t)64 << 20);
	test_types();
	test_cases();
	test_quiet();
	test_places();
	test_key();
	test_checksum();
	test_shapes();
	test_measures();
	test_hints();
	test_hostile();
	arena_release(&arena);
	return check_done();
}
