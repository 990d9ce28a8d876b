/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/path.h"

#include "wire/url.h"

static const struct path rows[] = {
#define PATH(text, verb, what, is_built)						\
	{ { text, sizeof(text) - 1 - (text[sizeof(text) - 2] == '*') },			\
	    { #verb, sizeof(#verb) - 1 }, OPERATION_##what,				\
	    text[sizeof(text) - 2] == '*', is_built },
#include "gate/path.tbl"
#undef PATH
};

static bool
fits(const struct path *row, struct slice path)
{
	if (row->prefix)
		return path.len > row->pattern.len && slice_starts(path, row->pattern);
	return slice_eq(path, row->pattern);
}

/* HEAD may be asked wherever GET may (RFC 9110, 9.3.2). */
static bool
takes(const struct path *row, struct slice method)
{
	return slice_eq(row->method, method) ||
	    (slice_eq(row->method, S("GET")) && slice_eq(method, S("HEAD")));
}

/*
 * What stands for a star must mean what it looks like, with one exception: names
 * of models may have slashes, which SDKs encode; that path is answered here and
 * forwarded nowhere, so the rest of it need be nothing but a name.
 */
static bool
is_plain(struct slice target)
{
	struct slice path, query;

	return url_target(target, &path, &query);
}

enum err
path_find(struct slice target, struct slice method, const struct path **out, struct slice *rest)
{
	struct slice path = slice_cut(target, 0, slice_find(target, S("?")));

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct path *row = &rows[i];

		if (!fits(row, path))
			continue;
		if (row->prefix && row->operation != OPERATION_MODELS && !is_plain(target))
			return ERR_PATH_UNKNOWN;
		*out = row;
		*rest = slice_cut(path, row->pattern.len, path.len);
		if (!takes(row, method))
			return ERR_METHOD_UNKNOWN;
		return row->built ? ERR_OK : ERR_NOT_BUILT;
	}
	return ERR_PATH_UNKNOWN;
}

bool
path_is_operation(struct slice name)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].built && slice_eq(openai_operation(rows[i].operation), name))
			return true;
	return false;
}
