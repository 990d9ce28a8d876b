/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/seed.h"

#include "core/text.h"

/* The text of the file, from the root of the tree, where everything is compiled. */
__asm__(".pushsection .rodata\n"
    "seed_text: .incbin \"src/tariff/seed.txt\"\n"
    "seed_text_end:\n"
    ".popsection\n");
extern const char seed_text[] __attribute__((visibility("hidden")));
extern const char seed_text_end[] __attribute__((visibility("hidden")));

/* Takes what stands before the next `mark`, or the rest; false at the end. */
static bool
take(struct slice *rest, struct slice mark, struct slice *out)
{
	size_t end = slice_find(*rest, mark);

	if (rest->len == 0)
		return false;
	*out = slice_cut(*rest, 0, end);
	*rest = slice_cut(*rest, end + (end < rest->len), rest->len);
	return true;
}

static bool
take_line(struct slice *rest, struct slice *line)
{
	return take(rest, S("\n"), line);
}

static bool
take_word(struct slice *line, struct slice *word)
{
	return take(line, S(" "), word);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
fits_byte(char pattern, char c)
{
	return pattern == '#' ? c >= '0' && c <= '9' : lower(pattern) == lower(c);
}

/* With the last `*` behind it the rest is tried one byte further on, again and again. */
static bool
fits(struct slice pattern, struct slice id)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

	while (i < id.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.len && fits_byte(pattern.ptr[p], id.ptr[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

bool
seed_matches(struct slice patterns, struct slice id)
{
	struct slice each;

	while (take(&patterns, S("|"), &each))
		if (fits(each, id))
			return true;
	return false;
}

/* NAME=AMOUNT of a kind of tokens; false if it is none. */
static bool
read_kind(struct slice name, struct slice amount, struct price_tier *tier, uint32_t *said)
{
	static const struct slice names[PRICE_KINDS] = {
#define PRICE(NAME, count, side, otherwise, key)	{ #count, sizeof(#count) - 1 },
#include "core/price.tbl"
#undef PRICE
	};

	for (unsigned i = 0; i < PRICE_KINDS; i++) {
		if (!slice_eq(names[i], name))
			continue;
		must(price_read(amount, &tier->at[i]));
		*said |= UINT32_C(1) << i;
		return true;
	}
	return false;
}

/* The prices of a line; false where it has none. */
static bool
read_prices(struct slice line, struct price *out)
{
	struct price_tier *tier = out->tier;
	struct slice word, name;
	uint32_t said = 0;

	*out = (struct price){ .tiers = 1, .percent = { 100, 100, 0 }, .tool_calls = 1,
	    .parallel = 1 };
	while (take_word(&line, &word)) {
		must(take(&word, S("="), &name));
		out->known = true;
		if (read_kind(name, word, tier, &said))
			continue;
		if (slice_eq(name, S("request"))) {
			must(price_read_usd(word, &out->request));
		} else if (slice_eq(name, S("tool"))) {
			must(price_read_usd(word, &out->tool));
			out->tool_known = true;
		} else {
			must(slice_eq(name, S("above")) && out->tiers < PRICE_TIERS);
			price_complete(tier, said);
			said = 0;
			tier = &out->tier[out->tiers++];
			must(slice_number(word, &tier->above));
		}
	}
	price_complete(tier, said);
	return out->known;
}

enum found { FOUND_NOTHING, FOUND_NONE, FOUND_PRICE };

/* Of one vendor: whether there is a line, and whether it has a price. */
static enum found
find_there(struct slice vendor, struct slice id, struct price *out)
{
	struct slice text = slice_of(seed_text, (size_t)(seed_text_end - seed_text));
	struct slice line, whose, patterns;

	while (take_line(&text, &line)) {
		if (!slice_starts(line, vendor) || !take_word(&line, &whose) ||
		    !slice_eq(whose, vendor) || !take_word(&line, &patterns))
			continue;
		if (seed_matches(patterns, id))
			return read_prices(line, out) ? FOUND_PRICE : FOUND_NONE;
	}
	return FOUND_NOTHING;
}

/* What a line begins with these two words says behind them. */
static bool
find_line(struct slice first, struct slice second, struct slice *out)
{
	struct slice text = slice_of(seed_text, (size_t)(seed_text_end - seed_text));
	struct slice word;

	while (take_line(&text, out))
		if (take_word(out, &word) && slice_eq(word, first) &&
		    (second.len == 0 || (take_word(out, &word) && slice_eq(word, second))))
			return true;
	return false;
}

/* There, or at those whose models this vendor sells. */
static enum found
find_anywhere(struct slice vendor, struct slice id, struct price *out)
{
	enum found found = find_there(vendor, id, out);
	struct slice others, other;

	if (found != FOUND_NOTHING || !find_line(S(":else"), vendor, &others))
		return found;
	while (found == FOUND_NOTHING && take_word(&others, &other))
		found = find_there(other, id, out);
	return found;
}

#define DATE_BYTES	9	/* -YYYYMMDD */
#define ID_BYTES_MAX	128

/* An id that ends in -YYYYMMDD, as -YYYY-MM-DD. */
static bool
with_dashes(struct slice id, struct text *out)
{
	size_t at = id.len - DATE_BYTES;

	if (id.len < DATE_BYTES || id.len > ID_BYTES_MAX ||
	    !fits(S("-20######"), slice_cut(id, at, id.len)))
		return false;
	text_put(out, slice_cut(id, 0, at + 5));
	text_put(out, S("-"));
	text_put(out, slice_cut(id, at + 5, at + 7));
	text_put(out, S("-"));
	text_put(out, slice_cut(id, at + 7, id.len));
	return true;
}

bool
seed_find(struct slice vendor, struct slice id, struct price *out)
{
	enum found found = find_anywhere(vendor, id, out);
	char room[ID_BYTES_MAX + 2];
	struct text dashed;

	text_init(&dashed, room, sizeof room);
	if (found == FOUND_NOTHING && with_dashes(id, &dashed))
		found = find_anywhere(vendor, text_slice(&dashed), out);
	return found == FOUND_PRICE;
}

struct slice
seed_source(void)
{
	struct slice source;

	must(find_line(S(":source"), slice_of(NULL, 0), &source));
	return source;
}
