/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/grant.h"

#define VERSION	1

_Static_assert(sizeof(struct grant_head) == 8 + KEY_ID_BYTES + 2 * MAC_BYTES + 4 * 8,
    "a head has no holes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows lie in memory as in the store");

const struct slice grant_text_name[GRANT_TEXTS] = {
#define GRANT_TEXT(name, what)	{ #name, sizeof(#name) - 1 },
#define GRANT_LIST(name, what)
#include "caller/grant.tbl"
#undef GRANT_TEXT
#undef GRANT_LIST
};

const struct slice grant_list_name[GRANT_LISTS] = {
#define GRANT_TEXT(name, what)
#define GRANT_LIST(name, what)	{ #name, sizeof(#name) - 1 },
#include "caller/grant.tbl"
#undef GRANT_TEXT
#undef GRANT_LIST
};

/* The numbers of rows in the table: texts come before lists there. */
#define NUMBER_OF_LIST(i)	(GRANT_TEXTS + (i))

static void
put_part(struct text *t, unsigned number, struct slice bytes)
{
	if (bytes.ptr == NULL)
		return;
	must(bytes.len <= UINT16_MAX);
	text_put_char(t, (char)number);
	text_put_char(t, (char)(bytes.len & 0xff));
	text_put_char(t, (char)(bytes.len >> 8));
	text_put(t, bytes);
}

void
grant_pack(const struct grant *g, struct text *t)
{
	struct grant_head head = g->head;

	head.version = VERSION;
	text_put(t, slice_of((const char *)&head, sizeof head));
	for (unsigned i = 0; i < GRANT_TEXTS; i++)
		put_part(t, i, g->text[i].len > 0 ? g->text[i] : slice_of(NULL, 0));
	for (unsigned i = 0; i < GRANT_LISTS; i++)
		put_part(t, NUMBER_OF_LIST(i), g->list[i]);
}

static bool
is_list(struct slice list)
{
	struct slice name;

	while (grant_list_next(&list, &name))
		if (name.len == 0)
			return false;
	return list.len == 0;
}

/* The part at the beginning of `rest`, which it is taken from. */
static bool
take_part(struct slice *rest, struct grant *g)
{
	unsigned number;
	size_t len;
	struct slice bytes;

	if (rest->len < 3)
		return false;
	number = (uint8_t)rest->ptr[0];
	len = (size_t)(uint8_t)rest->ptr[1] | (size_t)(uint8_t)rest->ptr[2] << 8;
	if (len > rest->len - 3)
		return false;
	bytes = slice_cut(*rest, 3, 3 + len);
	*rest = slice_cut(*rest, 3 + len, rest->len);
	if (number < GRANT_TEXTS) {
		g->text[number] = bytes;
		return true;
	}
	if (number >= NUMBER_OF_LIST(GRANT_LISTS) || !is_list(bytes))
		return false;
	g->list[number - GRANT_TEXTS] = bytes;
	return true;
}

bool
grant_unpack(struct slice packed, struct grant *g)
{
	struct slice rest;

	*g = (struct grant){ 0 };
	if (packed.len < sizeof g->head)
		return false;
	memcpy(&g->head, packed.ptr, sizeof g->head);
	rest = slice_cut(packed, sizeof g->head, packed.len);
	if (g->head.version != VERSION || g->head.owner > KEY_OPERATOR)
		return false;
	while (rest.len > 0)
		if (!take_part(&rest, g))
			return false;
	return true;
}

void
grant_list_put(struct text *t, struct slice name)
{
	must(name.len > 0 && name.len <= GRANT_NAME_MAX);
	text_put_char(t, (char)name.len);
	text_put(t, name);
}

bool
grant_list_next(struct slice *list, struct slice *name)
{
	size_t len;

	if (list->len == 0)
		return false;
	len = (uint8_t)list->ptr[0];
	if (len >= list->len)
		return false;
	*name = slice_cut(*list, 1, 1 + len);
	*list = slice_cut(*list, 1 + len, list->len);
	return true;
}

bool
grant_list_has(struct slice list, struct slice name)
{
	struct slice each;

	if (list.ptr == NULL)
		return true;
	while (grant_list_next(&list, &each))
		if (slice_eq(each, name))
			return true;
	return false;
}

enum err
grant_state(const struct grant_head *h, nanos wall)
{
	if (h->revoked != 0)
		return ERR_KEY_REVOKED;
	return h->expires != 0 && wall >= h->expires ? ERR_KEY_EXPIRED : ERR_OK;
}
