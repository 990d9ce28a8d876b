/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/seed.h"

#include "check.h"

static const struct {
	const char	*why;
	const char	*patterns, *id;
	bool		 want;
} matches[] = {
	{ "the same", "gpt-4o", "gpt-4o", true },
	{ "a longer id", "gpt-4o", "gpt-4o-mini", false },
	{ "a shorter id", "gpt-4o", "gpt-4", false },
	{ "capitals", "gpt-4o", "GPT-4o", true },
	{ "one of several", "a|b|c", "b", true },
	{ "none of several", "a|b|c", "d", false },
	{ "the last of several", "a|b|c", "c", true },
	{ "a beginning", "gpt-*", "gpt-4o", true },
	{ "a beginning alone", "gpt-*", "gpt-", true },
	{ "another beginning", "gpt-*", "xgpt-4", false },
	{ "an end", "*-latest", "gpt-latest", true },
	{ "an end that is found late", "*aab", "aaaab", true },
	{ "another end", "*-latest", "gpt-latest-1", false },
	{ "in the middle", "*claude-v2*", "anthropic.claude-v2:1", true },
	{ "not in the middle", "*claude-v2*", "anthropic.claude-v1:1", false },
	{ "digits", "m-####-##", "m-2026-07", true },
	{ "letters are none", "m-####-##", "m-202x-07", false },
	{ "fewer digits", "m-####", "m-123", false },
	{ "a star that may be long, and none", "a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false },
	{ "nothing", "gpt-4o", "", false },
	{ "no patterns", "", "gpt-4o", false },
};

static const struct {
	const char	*why;
	const char	*vendor, *id;
	pico_usd	 input, output;	/* -1: there is no price */
} prices[] = {
	{ "a model", "openai", "gpt-4o-mini", 150000, 600000 },
	{ "of a dated id", "openai", "gpt-4o-2024-08-06", 2500000, 10000000 },
	{ "whose date has no dashes", "openai", "gpt-4o-20240806", 2500000, 10000000 },
	{ "that somebody else sells", "azure", "gpt-4o", 2500000, 10000000 },
	{ "of somebody who does not sell it", "groq", "gpt-4o", -1, -1 },
	{ "an embedding has no answer", "openai", "text-embedding-3-small", 20000, 0 },
	{ "one whose price cannot be said", "openai", "whisper-1", -1, -1 },
	{ "one that nobody knows", "openai", "no-such-model", -1, -1 },
	{ "no id", "openai", "", -1, -1 },
	{ "a vendor that has none", "ollama", "gpt-4o", -1, -1 },
	{ "part of a vendor's name", "open", "gpt-4o", -1, -1 },
	{ "words of the file that are no vendors", "source", "genai-prices", -1, -1 },
	{ "nor these", "else", "azure", -1, -1 },
};

static struct slice
text(const char *s)
{
	return slice_of(s, strlen(s));
}

/* A line of the file: an id that its first pattern fits has a price, or none, and no mistake. */
static void
try_line(const char *line, unsigned *priced)
{
	char vendor[64], pattern[512], id[512];
	struct price price;
	size_t n = 0;

	if (line[0] == '#' || sscanf(line, "%63s %511s", vendor, pattern) != 2 ||
	    line[0] == ':')
		return;
	for (const char *p = pattern; *p != '\0' && *p != '|'; p++)
		if (*p != '*')
			id[n++] = *p == '#' ? '7' : *p;
	if (!seed_find(text(vendor), slice_of(id, n), &price))
		return;
	++*priced;
	if (!price.known || price.tiers == 0 || price.percent[SERVICE_USUAL] != 100 ||
	    (price.tiers > 1 && price.tier[1].above == 0))
		check(false, "the price of %s is whole", line);
}

static void
test_all_lines(void)
{
	FILE *file = fopen("src/tariff/seed.txt", "r");
	unsigned priced = 0;
	char line[4096];

	check_or_stop(file != NULL, "the file is there");
	while (fgets(line, sizeof line, file) != NULL)
		try_line(line, &priced);
	fclose(file);
	check(priced > 500, "its lines can be read, and most have a price (%u)", priced);
}

int
main(void)
{
	struct price price;

	for (size_t i = 0; i < COUNT_OF(matches); i++)
		check(seed_matches(text(matches[i].patterns), text(matches[i].id)) ==
		    matches[i].want, "match: %s", matches[i].why);
	for (size_t i = 0; i < COUNT_OF(prices); i++) {
		bool known = seed_find(text(prices[i].vendor), text(prices[i].id), &price);

		check(known == (prices[i].input >= 0), "price: %s", prices[i].why);
		check_int(known ? price.tier[0].at[PRICE_INPUT] : -1, prices[i].input,
		    "  of a token in: %s", prices[i].why);
		check_int(known ? price.tier[0].at[PRICE_OUTPUT] : -1, prices[i].output,
		    "  of a token out: %s", prices[i].why);
	}
	check_or_stop(seed_find(S("openai"), S("gpt-5.4"), &price) && price.tiers == 2,
	    "a model with tiers");
	check_int((int64_t)price.tier[1].above, 271999, "its longer prompts");
	check_int(price.tier[1].at[PRICE_CACHED], 500000, "cost more, from a cache too");
	check_int(price.tool, 10000000, "its hosted tools have a price");
	check(slice_starts(seed_source(), S("genai-prices ")) &&
	    slice_find(seed_source(), S(" of 20")) < seed_source().len,
	    "their source says its day");
	test_all_lines();
	return check_done();
}
