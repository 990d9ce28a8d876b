/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/grant.h"

#include "caller/purse.h"

/* A grant as people see it: in answers of the API, and in entries that tell of changes. */

static void
put_name(struct text *t, struct slice name)
{
	text_put(t, S(",\""));
	text_put(t, name);
	text_put(t, S("\":"));
}

static void
put_time(struct text *t, struct slice name, nanos wall)
{
	if (wall == 0)
		return;
	put_name(t, name);
	text_put_char(t, '"');
	text_put_time(t, wall);
	text_put_char(t, '"');
}

static void
put_list(struct text *t, struct slice list)
{
	struct slice name;
	bool first = true;

	text_put_char(t, '[');
	while (grant_list_next(&list, &name)) {
		text_put(t, first ? S("") : S(","));
		text_put_json(t, name);
		first = false;
	}
	text_put_char(t, ']');
}

/* {"requests_per_minute":60}: each is a name and its number. */
static void
put_limits(struct text *t, struct slice list)
{
	struct slice each;
	bool first = true;

	text_put_char(t, '{');
	while (grant_list_next(&list, &each)) {
		size_t at = slice_find(each, S("="));

		text_put(t, first ? S("") : S(","));
		text_put_json(t, slice_cut(each, 0, at));
		text_put_char(t, ':');
		text_put(t, slice_cut(each, at + 1, each.len));
		first = false;
	}
	text_put_char(t, '}');
}

/* [{"usd":"100","per":"month",…}]; what this program does not understand is not shown. */
static void
put_budget(struct text *t, struct slice list)
{
	struct slice each;
	struct budget b;
	bool first = true;

	text_put_char(t, '[');
	while (grant_list_next(&list, &each)) {
		if (!purse_read(each, &b))
			continue;
		text_put(t, first ? S("") : S(","));
		purse_put_json(t, &b);
		first = false;
	}
	text_put_char(t, ']');
}

static struct slice
state_of(const struct grant_head *h, nanos wall)
{
	switch (grant_state(h, wall)) {
	case ERR_KEY_REVOKED:
		return S("revoked");
	case ERR_KEY_EXPIRED:
		return S("expired");
	default:
		return S("active");
	}
}

void
grant_put_json(const struct grant *g, nanos wall, struct text *t)
{
	char room[KEY_NAME_MAX];

	text_put(t, S("\"id\":"));
	text_put_json(t, key_name((enum key_owner)g->head.owner, &g->head.id, room));
	put_name(t, S("state"));
	text_put_json(t, state_of(&g->head, wall));
	for (enum grant_text i = 0; i < GRANT_TEXTS; i++) {
		if (g->text[i].len == 0)
			continue;
		put_name(t, grant_text_name[i]);
		if (i == GRANT_metadata)
			text_put(t, g->text[i]);
		else
			text_put_json(t, g->text[i]);
	}
	for (enum grant_list i = 0; i < GRANT_LISTS; i++) {
		if (g->list[i].ptr == NULL)
			continue;
		put_name(t, grant_list_name[i]);
		if (i == GRANT_limits)
			put_limits(t, g->list[i]);
		else if (i == GRANT_budget)
			put_budget(t, g->list[i]);
		else
			put_list(t, g->list[i]);
	}
	put_time(t, S("created"), g->head.created);
	put_time(t, S("expires"), g->head.expires);
	put_time(t, S("revoked"), g->head.revoked);
	put_time(t, S("previous_until"), g->head.before_until);
}
