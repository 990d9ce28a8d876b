/* SPDX-License-Identifier: Apache-2.0 */

/* vendor - the table of vendors means what it says, row by row. */

#include "dialect/vendor.h"

#include "check.h"
#include "wire/url.h"

static const struct {
	struct slice	name;
	struct slice	found;		/* the row's own name; empty: none */
	const char	*why;
} finds[] = {
	{ { "openai", 6 }, { "openai", 6 }, "a name" },
	{ { "llama.cpp", 9 }, { "llama_cpp", 9 }, "an alias" },
	{ { "OpenAI", 6 }, { "", 0 }, "capitals are another name" },
	{ { "opena", 5 }, { "", 0 }, "a prefix is not the name" },
	{ { "openaix", 7 }, { "", 0 }, "a longer word is not the name" },
	{ { "", 0 }, { "", 0 }, "nothing is no vendor, though most have no alias" },
};

/* One row: its default URL can be used, and what the columns say fits together. */
static void
check_row(const struct vendor *v)
{
	int len = (int)v->name.len;
	const char *name = v->name.ptr, *why = "";
	struct url url;

	check(vendor_find(v->name) == v, "%.*s: found by its name", len, name);
	check(v->alias.len == 0 || vendor_find(v->alias) == v, "%.*s: found by its alias", len,
	    name);
	check(v->label.len > 0, "%.*s: has a label", len, name);
	if (v->base_url.len > 0) {
		check(url_read(v->base_url, &url, &why) && url.tls, "%.*s: its URL is https", len,
		    name);
		check_slice(url.path, v->path, "%.*s: its URL ends with its path", len, name);
		check(v->auth != AUTH_NONE && v->key_env.len > 0, "%.*s: wants a key", len, name);
	}
	if ((v->quirks & QUIRK_LOCAL) != 0)
		check(v->port != 0 && v->base_url.len == 0, "%.*s: local, so it has a port and no "
		    "URL", len, name);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(finds); i++) {
		const struct vendor *v = vendor_find(finds[i].name);

		check_slice(v == NULL ? S("") : v->name, finds[i].found, "%s", finds[i].why);
	}
	for (size_t i = 0; i < vendor_count; i++)
		check_row(&vendor_row[i]);
	return check_done();
}
