/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/page.h"

#include <stdlib.h>

#include "ledger/verify.h"
#include "run/file.h"
#include "store/account.h"
#include "store/entry.h"

/* The public half of shelf.c's key. */
static const uint8_t public_key[32] = {
	0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07,
	0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07,
	0x51, 0x1a,
};

static struct slice
copy(struct world *w, struct slice s)
{
	char *room = world_alloc(w, s.len + 1);

	if (s.len > 0)
		memcpy(room, s.ptr, s.len);
	return slice_of(room, s.len);
}

/* What stands behind a name; empty: it is not there. */
static struct slice
behind(struct slice line, struct slice name)
{
	size_t at = slice_find(line, name);

	return at == line.len ? slice_of(NULL, 0) : slice_cut(line, at + name.len, line.len);
}

/* "0.0000015" as nanodollars. */
nano_usd
page_amount(struct slice line, struct slice name)
{
	struct slice s = behind(line, name);
	int decimals = -1;
	nano_usd n = 0;

	for (size_t i = 0; i < s.len && s.ptr[i] != '"'; i++) {
		if (s.ptr[i] == '.') {
			decimals = 0;
			continue;
		}
		n = n * 10 + (s.ptr[i] - '0');
		decimals += decimals >= 0;
	}
	for (int i = decimals < 0 ? 0 : decimals; i < 9; i++)
		n *= 10;
	return n;
}

bool
page_charges(struct slice line, int64_t row)
{
	struct slice s = behind(line, S(",\"rows\":["));
	size_t end = slice_find(s, S("]"));

	for (size_t at = 0; at < end; at++) {
		if (strtoll(s.ptr + at, NULL, 10) == row)
			return true;
		while (at < end && s.ptr[at] != ',')
			at++;
	}
	return false;
}

const struct page_line *
page_find(const struct page *p, struct slice id, enum page_kind kind)
{
	const struct page_line *l = p->lines;

	while (l != NULL && (l->kind != kind || !slice_eq(l->id, id)))
		l = l->next;
	return l;
}

static enum page_kind
kind_of(struct slice line)
{
	if (slice_find(line, S("{\"entry\":\"recovered\"")) == 0)
		return behind(line, S(",\"account\":")).len > 0 ? PAGE_REST : PAGE_CLOSED;
	if (slice_find(line, S("{\"time\":")) != 0)
		return PAGE_OTHER;
	return behind(line, S(",\"opened\":true,")).len > 0 ? PAGE_OPENED : PAGE_RECORD;
}

static void
add_line(struct page *p, struct world *w, struct slice text)
{
	struct page_line *l = world_alloc(w, sizeof *l);
	struct slice id;

	l->text = copy(w, text);
	l->kind = kind_of(l->text);
	id = behind(l->text, S(",\"id\":\""));
	if (l->kind <= PAGE_CLOSED)
		l->id = slice_cut(id, 0, ENTRY_ID_BYTES);
	l->settled = page_amount(l->text, S(",\"settled_usd\":\""));
	world_say(w, "entry: %.*s", (int)text.len, text.ptr);
	*p->lines_tail = l;
	p->lines_tail = &l->next;
}

static enum err
read_lines(struct page *p, struct world *w, struct store *s)
{
	struct entry_row row;
	bool found = true;
	enum err e = entry_seek(s, 0, INT64_MAX);

	while (e == ERR_OK && found)
		if ((e = entry_next(s, &row, &found)) == ERR_OK && found)
			add_line(p, w, row.line);
	if (e == ERR_OK)
		e = entry_open_first(s, &row, &p->open);
	return e;
}

static enum err
read_accounts(struct page *p, struct world *w, struct store *s)
{
	struct account_row row = { 0 };
	bool found = true;
	enum err e = ERR_OK;

	while (e == ERR_OK && found) {
		struct page_account *a;

		if ((e = account_next(s, row.id, &row, &found)) != ERR_OK || !found)
			break;
		a = world_alloc(w, sizeof *a);
		*a = (struct page_account){
			.row = row.id, .name = copy(w, row.name),
			.spent = row.spent, .ceiling = row.ceiling,
		};
		*p->accounts_tail = a;
		p->accounts_tail = &a->next;
	}
	return e;
}

static void
verify(struct world *w, const char *folder)
{
	struct verify_plan plan = { .folder = folder, .key = public_key, .threads = 1 };
	struct verify *v = NULL;
	char room[512];
	struct text why;
	bool more = true;
	enum err e;

	text_init(&why, room, sizeof room);
	e = verify_open(&v, &plan, &why);
	while (e == ERR_OK && more)
		e = verify_step(v, &more, &why);
	if (e != ERR_OK)
		world_complain(w, "%s: the ledger cannot be verified: %.*s", folder, (int)why.len,
		    why.ptr);
	else if (verify_look(v)->fault.what != TROUBLE_NONE)
		world_complain(w, "%s: the ledger does not verify: %.*s", folder,
		    (int)trouble_words(verify_look(v)->fault.what).len,
		    trouble_words(verify_look(v)->fault.what).ptr);
	if (v != NULL)
		verify_close(v);
}

void
page_read(struct page *p, struct world *w, const char *folder)
{
	struct store *s = NULL;
	char room[512];
	struct text why;
	enum err e;

	*p = (struct page){ .lines = NULL };
	p->lines_tail = &p->lines;
	p->accounts_tail = &p->accounts;
	text_init(&why, room, sizeof room);
	e = store_open(&s, folder, STORE_READ, &why);
	if (e == ERR_OK)
		e = read_lines(p, w, s);
	if (e == ERR_OK)
		e = read_accounts(p, w, s);
	if (e != ERR_OK)
		world_complain(w, "%s: cannot be read: %.*s", folder, (int)why.len, why.ptr);
	store_close(s);
	verify(w, folder);
}
