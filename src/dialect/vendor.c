/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/vendor.h"

#define TEXT(literal)	{ literal, sizeof(literal) - 1 }

const struct vendor vendor_row[] = {
#define VENDOR(name, alias, label, base, path, env, port, auth, quirks)			\
	{ TEXT(name), TEXT(alias), TEXT(label), TEXT(base), TEXT(path), TEXT(env),	\
	  port, AUTH_##auth, quirks },
#include "dialect/vendor.tbl"
#undef VENDOR
};

const size_t vendor_count = sizeof vendor_row / sizeof vendor_row[0];

const struct vendor *
vendor_find(struct slice name)
{
	if (name.len == 0)
		return NULL;
	for (size_t i = 0; i < vendor_count; i++)
		if (slice_eq(name, vendor_row[i].name) || slice_eq(name, vendor_row[i].alias))
			return &vendor_row[i];
	return NULL;
}
