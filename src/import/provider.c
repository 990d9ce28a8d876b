/* SPDX-License-Identifier: Apache-2.0 */
/* provider - provider.tbl and guess.tbl as rows. */
#include "import/work.h"

#define TEXT(literal)	{ literal, sizeof(literal) - 1 }

static const struct provider rows[] = {
#define PROVIDER(name, vendor, key_env, base_env, base, text)			\
	{ TEXT(name), TEXT(vendor), TEXT(key_env), TEXT(base_env), TEXT(base), TEXT(text) },
#include "import/provider.tbl"
#undef PROVIDER
};

static const struct {
	struct slice	begins, provider;
} guesses[] = {
#define GUESS(begins, provider)	{ TEXT(begins), TEXT(provider) },
#include "import/guess.tbl"
#undef GUESS
};

const struct provider *
provider_find(struct slice name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (slice_eq(rows[i].name, name))
			return &rows[i];
	return NULL;
}

const struct provider *
provider_guess(struct slice model)
{
	for (size_t i = 0; i < sizeof guesses / sizeof guesses[0]; i++)
		if (slice_starts(model, guesses[i].begins))
			return provider_find(guesses[i].provider);
	return NULL;
}
