/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receipt - any bytes as a signed head, a receipt, the manifest of an export, a row of one.
 *
 * What an auditor is given is anybody's work.  What is accepted has one meaning: written again from
 * what was read, it says the same; a head has one spelling, or something signed could be changed.
 */
#include "ledger/receipt.h"

#include "core/base64.h"
#include "fuzz.h"
#include "ledger/parcel.h"
#include "ledger/sheet.h"

static void
check_head(struct slice s)
{
	char room[1024];
	struct slice rest;
	struct text t;
	struct head h;

	if (!head_read(s, &h, &rest))
		return;
	FUZZ_CHECK(fuzz_inside(h.origin, s) && fuzz_inside(h.time, h.text));
	FUZZ_CHECK(fuzz_inside(h.text, s) && fuzz_inside(h.signatures, s));
	FUZZ_CHECK(h.text.len + 1 + h.signatures.len + rest.len == s.len);
	text_init(&t, room, sizeof room);
	text_put(&t, h.origin);
	text_put(&t, S("\n"));
	text_put_number(&t, h.state.size);
	text_put(&t, S("\n"));
	base64_put(&t, slice_of((char *)h.state.root, DIGEST_BYTES));
	text_put(&t, S("\n"));
	FUZZ_CHECK(!text_overflowed(&t) && slice_starts(h.text, text_slice(&t)));
}

static void
check_receipt(struct arena *a, struct digester *d, struct slice s)
{
	size_t bytes = 8192 + 8 * s.len;
	struct receipt r, again;
	char room[256];
	struct text t, why;

	text_init(&why, room, sizeof room);
	if (receipt_read(a, s, &r, &why) != ERR_OK) {
		FUZZ_CHECK(why.len > 0);
		return;
	}
	text_init(&t, arena_bytes(a, bytes), bytes);
	receipt_put(&t, &r);
	FUZZ_CHECK(!text_overflowed(&t));
	FUZZ_CHECK(receipt_read(a, text_slice(&t), &again, &why) == ERR_OK);
	FUZZ_CHECK(slice_eq(r.entry, again.entry) && slice_eq(r.note, again.note));
	FUZZ_CHECK(r.seq == again.seq && r.proof.count == again.proof.count);
	FUZZ_CHECK(memcmp(r.proof.hash, again.proof.hash, r.proof.count * DIGEST_BYTES) == 0);
	(void)!receipt_check(&r, d, NULL, &why);
}

static void
check_parcel(struct arena *a, struct slice s)
{
	static struct parcel p, again;
	size_t bytes = 16384 + 8 * s.len;
	char room[256];
	struct text t, why;

	text_init(&why, room, sizeof room);
	if (parcel_read(a, s, &p, &why) != ERR_OK) {
		FUZZ_CHECK(why.len > 0);
		return;
	}
	FUZZ_CHECK(p.tree.size == p.from && p.from <= p.to);
	text_init(&t, arena_bytes(a, bytes), bytes);
	parcel_put(&t, &p);
	FUZZ_CHECK(!text_overflowed(&t));
	FUZZ_CHECK(parcel_read(a, text_slice(&t), &again, &why) == ERR_OK);
	FUZZ_CHECK(p.from == again.from && p.to == again.to && slice_eq(p.note, again.note));
}

/* An entry that was made a row is what is read of it; any row is read or refused. */
static void
check_sheet(struct arena *a, struct slice s)
{
	size_t bytes = 8192 + 64 * s.len;
	struct slice entry;
	struct text t;

	if (sheet_entry(a, s, &entry))
		FUZZ_CHECK(entry.len < s.len);
	if (s.len == 0 || s.ptr[0] != '{' || memchr(s.ptr, '\n', s.len) != NULL)
		return;
	text_init(&t, arena_bytes(a, bytes), bytes);
	FUZZ_CHECK(sheet_put(&t, a, 7, s) == ERR_OK && !text_overflowed(&t));
	FUZZ_CHECK(sheet_entry(a, slice_of(t.ptr, t.len - 1), &entry) && slice_eq(entry, s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = fuzz_exact(slice_of((const char *)data, size));
	struct digester d;
	struct arena a;

	FUZZ_CHECK(digester_init(&d));
	fuzz_arena(&a);
	check_head(s);
	check_receipt(&a, &d, s);
	check_parcel(&a, s);
	check_sheet(&a, s);
	arena_release(&a);
	digester_release(&d);
	free((char *)(uintptr_t)s.ptr);
	return 0;
}
