/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/restore.h"

#include "blocks.h"
#include "check.h"
#include "core/json.h"
#include "core/text.h"
#include "mask/mask.h"
#include "random.h"

/*
 * The laws of masking and restoring, over texts that are put together from
 * values in many ways of writing, from tokens that a caller typed, whole, cut
 * and mangled, and from what stands between.
 *
 * 1. What is masked and restored is what it was, in every mode and however the
 *    answer is cut; inside JSON strings too, where it is again JSON that means
 *    the same, and every byte outside of the masked spans stays as it was.
 * 2. In the plain mode what is held back is a proper beginning of a live token.
 * 3. What restoring makes of any text, and what it counts, does not depend on
 *    how the text is cut.
 * 4. No value that was masked stands in the masked text as a word of its own.
 *
 * An argument says how many cases; 20,000 without one.
 */

#define TEXT_BYTES	1600
#define FOUND_MAX	32
#define ROOM_BYTES	(16 * TEXT_BYTES)

static const char *const values[] = {
	"Anna Kowalska", "ANNA KOWALSKA", "anna  kowalska", "Anna\xc2\xa0Kowalska", "Anna",
	"anna@acme.io", "Anna@Acme.IO", "M\xc3\xbcller", "M\xc3\x9cLLER", "O\"Neil", "a\\b", "x\ny",
	"\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e", "\xf0\x9f\x98\x80 Bob", "DE89 3704 0044 0532 0130 00",
	"DE89370400440532013000", "4111-1111-1111-1111", "4111 1111 1111 1111", "\x01", "\\", "\"",
	"McDonald's", "Email_", "Email_K7QX2MB4", "_", "K7QX2MB40R", "Li", "\t tab \t", "\\u0041", "a",
};

static const char *const between[] = {
	" ", "  ", ", ", ".", "\n", "'s ", "\xe2\x80\x99s ", "**", "`", "_", "-", "\\", "\\_", "/", "\"",
	"Email", "Email_", "email_", "EMAIL-", "Emai", "E", "Person_", "Person_K7QX2MB40R", "K7QX",
	"and ", "x", "0", "Z", "s", "S", "{\"a\":\"", "\"}", "\xc3\xa9", "\xe4\xb8\xad", "(", ")", "<b>", "",
};

static enum detect_type types[TYPE_COUNT];
static unsigned type_count;

struct one {
	struct blocks		 blocks;
	struct arena		 arena;
	struct vault		 vault;
	struct random		 random;
	struct findings		 found;
	struct mask_types	 all;
	char			 text[TEXT_BYTES];
};

static struct slice
slice(const char *s)
{
	return slice_of(s, strlen(s));
}

/* A live token, as it is, cut, or mangled. */
static void
put_typed(struct one *o, struct text *t)
{
	struct random *r = &o->random;
	struct slice token = o->vault.entry[random_below(r, o->vault.count)].token;
	size_t from = random_below(r, 3) > 0 ? 0 : random_below(r, token.len);
	size_t to = random_below(r, 3) > 0 ? token.len :
	    from + random_below(r, token.len - from + 1);
	unsigned how = (unsigned)random_below(r, 6);

	for (size_t i = from; i < to; i++) {
		char c = token.ptr[i];

		if (c == '_' && how >= 2)
			text_put(t, slice(((const char *[]){ "-", " ", "\\_", "*_*", "`_`", "__" })
			    [random_below(r, 6)]));
		else if (how == 3 && c >= 'A' && c <= 'Z')
			text_put_char(t, (char)(c | 0x20));
		else if (how == 4 && random_below(r, 10) == 0)
			text_put_char(t, "0O1Il UuZ"[random_below(r, 9)]);
		else if (how != 5 || random_below(r, 10) > 0)
			text_put_char(t, c);
	}
}

static struct slice
make_text(struct one *o)
{
	struct random *r = &o->random;
	struct text t;

	text_init(&t, o->text, sizeof o->text - 64);
	findings_init(&o->found, &o->arena);
	for (size_t n = random_below(r, 24); n > 0; n--) {
		size_t what = random_below(r, 8);

		if (what < 3) {
			struct slice v = slice(values[random_below(r, COUNT_OF(values))]);
			uint32_t start = (uint32_t)t.len;

			text_put(&t, v);
			if (what > 0 && t.len == start + v.len)
				findings_add(&o->found, (struct finding){ .start = start,
				    .end = (uint32_t)t.len,
				    .type = (uint16_t)types[random_below(r, type_count)] });
		} else if (what < 5 && o->vault.count > 0) {
			put_typed(o, &t);
		} else {
			text_put(&t, slice(between[random_below(r, COUNT_OF(between))]));
		}
	}
	return text_slice(&t);
}

/* ---- restoring, in pieces ---- */

enum cut { CUT_BYTES, CUT_RANDOM, CUT_NONE };

struct outcome {
	struct slice	text;
	uint64_t	restored, unresolved;
	bool		holds;		/* law 2 */
};

static bool
is_live_beginning(const struct vault *v, struct slice held)
{
	for (uint32_t i = 0; i < v->count; i++)
		if (held.len < v->entry[i].token.len && slice_starts(v->entry[i].token, held))
			return true;
	return held.len == 0;
}

static void
drain(struct restore *r, struct text *t)
{
	struct slice piece;

	while (restore_next(r, &piece)) {
		must(piece.len > 0);
		text_put(t, piece);
	}
}

static struct outcome
restore_cut(struct one *o, struct slice text, enum restore_mode mode, bool json, enum cut cut)
{
	struct outcome out = { .holds = true };
	struct restore *r = arena_alloc(&o->arena, sizeof *r);
	struct text t;

	text_init(&t, arena_bytes(&o->arena, ROOM_BYTES), ROOM_BYTES);
	restore_init(r, &o->vault, mode, json);
	for (size_t at = 0, n; at < text.len; at += n) {
		char *copy;

		n = cut == CUT_BYTES ? 1 : cut == CUT_NONE ? text.len :
		    1 + random_below(&o->random, random_below(&o->random, 2) ? 9 : 200);
		n = n < text.len - at ? n : text.len - at;
		/* Exactly so long, and then gone, so that a sanitizer sees what lasts too long. */
		copy = malloc(n);
		memcpy(copy, text.ptr + at, n);
		restore_feed(r, slice_of(copy, n));
		drain(r, &t);
		if (mode == RESTORE_PLAIN)
			out.holds &= is_live_beginning(&o->vault,
			    slice_of(text.ptr + at + n - restore_held(r), restore_held(r)));
		out.holds &= restore_held(r) < SPELLING_BYTES_MAX;
		memset(copy, '#', n);
		free(copy);
	}
	restore_end(r);
	drain(r, &t);
	must(!text_overflowed(&t));
	out.text = text_slice(&t);
	out.restored = r->restored;
	out.unresolved = r->unresolved;
	return out;
}

/* Is what comes back what it was, in every mode and cut? */
static const char *
comes_back(struct one *o, struct slice masked, struct slice text)
{
	for (enum restore_mode mode = RESTORE_PLAIN; mode <= RESTORE_WHOLE; mode++)
		for (enum cut cut = CUT_BYTES; cut <= CUT_NONE; cut++) {
			struct outcome out;

			if (mode == RESTORE_WHOLE && cut != CUT_NONE)
				continue;
			out = restore_cut(o, masked, mode, false, cut);
			if (!out.holds)
				return "what is held is a proper beginning of a live token";
			if (!slice_eq(out.text, text))
				return "what was masked comes back as it was";
		}
	return NULL;
}

/* ---- inside JSON ---- */

/* A text as the inside of a JSON string, in one of the many ways. */
static struct slice
write_json(struct one *o, struct slice s)
{
	struct text t;

	text_init(&t, arena_bytes(&o->arena, 6 * s.len + 1), 6 * s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < 0x80 && (c < 0x20 || random_below(&o->random, 8) == 0)) {
			text_put(&t, c < 16 ? S("\\u000") : S("\\u00"));
			text_put_hex(&t, c);
		} else if (c == '/' && random_below(&o->random, 2) == 0) {
			text_put(&t, S("\\/"));
		} else if (c == 0xc3 && i + 1 < s.len && random_below(&o->random, 2) == 0) {
			text_put(&t, S("\\u00"));
			text_put_hex(&t, 0xc0u | ((unsigned char)s.ptr[++i] & 0x3f));
		} else if (c == 0xf0 && random_below(&o->random, 2) == 0) {
			text_put(&t, S("\\ud83d\\ude00"));
			i += 3;
		} else {
			text_put_escaped(&t, slice_of(s.ptr + i, 1));
		}
	}
	return text_slice(&t);
}

static bool
read_json(struct one *o, struct slice inside, struct slice *out)
{
	char *doc = arena_bytes(&o->arena, inside.len + 2);
	struct json_fault fault;
	struct json j;

	doc[0] = doc[inside.len + 1] = '"';
	if (inside.len > 0)
		memcpy(doc + 1, inside.ptr, inside.len);
	if (json_parse(&o->arena, slice_of(doc, inside.len + 2), JSON_DUPLICATES_KEPT, &j,
	    &fault) != ERR_OK)
		return false;
	*out = json_string(&o->arena, &j, 0);
	return true;
}

/* Are the raw bytes between the tokens those that stood there? */
static bool
keeps_raw(struct slice raw, struct slice made, const struct mask_text *t)
{
	size_t at = 0, from = 0;

	for (uint32_t i = 0; i < t->edits; i++) {
		struct slice token = t->edit[i].token;
		size_t place = slice_find(slice_cut(made, at, made.len), token) + at;
		size_t gap = place - at;

		if (place == made.len || gap > raw.len - from ||
		    memcmp(raw.ptr + from, made.ptr + at, gap) != 0)
			return false;
		at = place + token.len;
		/* However long the span was written, what follows ends the same way. */
		from = raw.len - (i + 1 == t->edits ? made.len - at : 0);
		if (i + 1 < t->edits)
			return true;
	}
	return slice_eq(slice_cut(raw, from, raw.len), slice_cut(made, at, made.len));
}

static const char *
json_comes_back(struct one *o, struct mask_text *t)
{
	struct slice means;

	t->raw = write_json(o, t->text);
	if (!read_json(o, t->raw, &means) || !slice_eq(means, t->text))
		return "the test writes JSON";
	if (mask_texts(&o->arena, &o->vault, &o->all, t, 1) != ERR_OK)
		return "a text inside JSON can be masked";
	if (!read_json(o, t->made, &means) || !slice_eq(means, t->masked))
		return "what is sent means the masked text";
	if (!keeps_raw(t->raw, t->made, t))
		return "bytes around stay as they were";
	for (enum cut cut = CUT_BYTES; cut <= CUT_NONE; cut++) {
		struct outcome out = restore_cut(o, t->made, RESTORE_PLAIN, true, cut);

		if (!read_json(o, out.text, &means) || !slice_eq(means, t->text))
			return "what was masked inside JSON means what it meant";
	}
	return NULL;
}

/* ---- any text ---- */

static const char *
cuts_are_one(struct one *o, struct slice text)
{
	for (unsigned how = 0; how < 4; how++) {
		enum restore_mode mode = how & 1 ? RESTORE_LOOSE : RESTORE_PLAIN;
		bool json = (how & 2) != 0;
		struct outcome whole = restore_cut(o, text, mode, json, CUT_NONE);

		for (enum cut cut = CUT_BYTES; cut < CUT_NONE; cut++) {
			struct outcome out = restore_cut(o, text, mode, json, cut);

			if (!out.holds)
				return "what is held is a proper beginning of a live token";
			if (!slice_eq(out.text, whole.text))
				return "what is restored does not depend on the cuts";
			if (out.restored != whole.restored || out.unresolved != whole.unresolved)
				return "what is counted does not depend on the cuts";
		}
	}
	return NULL;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool
stands_alone(struct slice text, struct slice value)
{
	for (size_t at = 0; at + value.len <= text.len; at++) {
		size_t end = at + value.len;

		if (memcmp(text.ptr + at, value.ptr, value.len) == 0 &&
		    (at == 0 || !is_alnum(text.ptr[at - 1])) &&
		    (end == text.len || !is_alnum(text.ptr[end])) &&
		    (unsigned char)value.ptr[0] < 0x80 &&
		    (unsigned char)value.ptr[value.len - 1] < 0x80 &&
		    is_alnum(value.ptr[0]) && is_alnum(value.ptr[value.len - 1]))
			return true;
	}
	return false;
}

static const char *
broken(uint64_t seed)
{
	static struct one o;
	struct mask_text t = { 0 };
	struct slice any = { 0 };
	const char *why = NULL;

	o = (struct one){ .blocks = BLOCKS, .random = { seed } };
	arena_init(&o.arena, &o.blocks.memory, 64 << 20);
	vault_init(&o.vault, &o.arena, (struct hash_key){ { seed, 1 } }, 0);
	for (unsigned i = 0; i < type_count; i++)
		mask_types_add(&o.all, types[i]);
	for (unsigned turn = 0; turn < 3 && why == NULL; turn++) {
		t = (struct mask_text){ .text = make_text(&o), .found = &o.found };
		if (mask_texts(&o.arena, &o.vault, &o.all, &t, 1) != ERR_OK)
			why = "a text can be masked";
		for (uint32_t i = 0; i < o.vault.count && why == NULL; i++) {
			struct slice value = o.vault.entry[i].value;

			/* Where a typed token is hidden, another one may be the same. */
			if (value.len >= 3 && slice_find(value, S("_")) == value.len &&
			    stands_alone(t.masked, value))
				why = "a masked value is nowhere left";
		}
		if (why == NULL)
			why = comes_back(&o, t.masked, t.text);
		if (why == NULL)
			why = json_comes_back(&o, &t);
		if (why == NULL) {
			any = make_text(&o);
			why = cuts_are_one(&o, any);
		}
	}
	if (why != NULL) {
		check_show("text", t.text);
		check_show("masked", t.masked);
		check_show("made", t.made);
		check_show("any", any);
	}
	arena_release(&o.arena);
	return why;
}

int
main(int argc, char **argv)
{
	uint64_t seed, past;
	const char *why = NULL;

	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (mask_is_possible((enum detect_type)i))
			types[type_count++] = (enum detect_type)i;
	random_seeds(argc > 1 ? strtoull(argv[1], NULL, 0) : 20000, &seed, &past);
	for (; seed < past && why == NULL; seed++)
		why = broken(seed);
	check(why == NULL, "what is masked comes back%s%s", why ? ": not so: " : "",
	    why ? why : "");
	if (why != NULL)
		printf("#   SEED=%llu\n", (unsigned long long)seed - 1);
	return check_done();
}
