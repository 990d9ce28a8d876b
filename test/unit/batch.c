/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/batch.h"

#include "check.h"
#include "ledger/share.h"
#include "run/heap.h"

static const int64_t rows[] = { 3, 4 };

static const struct {
	const char	*why;
	enum entry_kind	 kind;
	const char	*id, *line, *tenant;	/* tenant NULL: without a share */
	size_t		 rows;
} entries[] = {
	{ "a line alone", ENTRY_ALONE, "", "{}", NULL, 0 },
	{ "an empty line", ENTRY_ALONE, "", "", NULL, 0 },
	{ "an opened one", ENTRY_OPENED, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "{\"a\":1}", NULL, 0 },
	{ "what it charges", ENTRY_ALONE, "", "{}", NULL, 2 },
	{ "its share", ENTRY_ALONE, "", "{\"b\":2}", "acme", 0 },
	{ "all of it", ENTRY_CLOSING, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "{}", "", 2 },
};

static struct slice
text(const char *s)
{
	return slice_of(s, strlen(s));
}

static struct entry
make(struct arena *a, size_t i)
{
	struct share share = { .hour = 7200 };
	struct entry e = {
		.kind = entries[i].kind, .id = text(entries[i].id), .line = text(entries[i].line),
		.charged = (nano_usd)i,
		.rows = slice_of((const char *)rows, entries[i].rows * sizeof rows[0]),
	};

	if (entries[i].tenant == NULL)
		return e;
	share.figure[FIGURE_requests] = 1;
	share.name[ROLLUP_TENANT] = text(entries[i].tenant);
	e.share = share_pack(a, &share);
	check_or_stop(e.share.ptr != NULL, "a share");
	return e;
}

/* They come back as they were; of a cut one nothing comes. */
static void
test_items(struct arena *a)
{
	struct items items = { 0 };
	struct entry got;
	size_t at = 0, last = 0, cuts = 0;
	struct slice all;

	for (size_t i = 0; i < COUNT_OF(entries); i++) {
		struct entry e = make(a, i);

		check_or_stop(items_add(&items, &e) == ERR_OK, "added: %s", entries[i].why);
	}
	all = slice_of(items.ptr, items.len);
	for (size_t i = 0; i < COUNT_OF(entries); i++) {
		struct entry want = make(a, i);

		last = at;
		check_or_stop(items_next(all, &at, &got), "comes back: %s", entries[i].why);
		check(got.kind == want.kind && got.charged == want.charged &&
		    slice_eq(got.id, want.id) && slice_eq(got.rows, want.rows) &&
		    slice_eq(got.share, want.share) && slice_eq(got.line, want.line), "  whole");
	}
	check(!items_next(all, &at, &got), "and no more");
	for (size_t end = last; end < all.len; end++) {
		at = last;
		cuts += items_next(slice_cut(all, 0, end), &at, &got);
	}
	check_int((int64_t)cuts, 0, "of one that is cut nothing comes, wherever it is cut");
	items_release(&items);
}

static void
test_share(struct arena *a)
{
	struct entry e = make(a, COUNT_OF(entries) - 2);
	char bytes[256];
	struct share share;
	size_t cuts = 0;

	check_or_stop(e.share.len < sizeof bytes, "a share is small");
	for (size_t end = 0; end < e.share.len; end++)
		cuts += share_unpack(slice_cut(e.share, 0, end), &share);
	check_int((int64_t)cuts, 0, "a share that is cut is none, wherever it is cut");
	memset(bytes, 0x7f, sizeof bytes);
	check(!share_unpack(slice_of(bytes, sizeof bytes), &share), "nor are any bytes");
	memcpy(bytes, e.share.ptr, e.share.len);
	check(!share_unpack(slice_of(bytes, e.share.len + 1), &share),
	    "nor one with something behind it");
	check(share_unpack(e.share, &share) && share.hour == 7200 &&
	    share.figure[FIGURE_requests] == 1 &&
	    slice_eq(share.name[ROLLUP_TENANT], S("acme")) &&
	    share.name[ROLLUP_LABEL].len == 0, "a whole one is what was packed");
}

int
main(void)
{
	struct arena a;

	arena_init(&a, heap_memory(), 1 << 20);
	test_items(&a);
	test_share(&a);
	arena_release(&a);
	return check_done();
}
