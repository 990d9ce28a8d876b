/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/extract.h"
#include "core/limit.h"
#include "ledger/receipt.h"
#include "ledger/span.h"
#include "ledger/verify.h"
#include "run/file.h"
#include "run/host.h"
#include "run/job.h"
#include "run/kernel.h"

#define TELL_EVERY	(NANOS_PER_S / 4)

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

/* ---- keys and heads ---- */

static int
read_key(struct desk *d, const char *path, uint8_t out[static SIGN_PUBLIC_BYTES])
{
	struct slice pem;
	int status = desk_read(d, path, SIGN_PEM_BYTES * 4, &pem);
	bool good;

	if (status != DESK_OK)
		return status;
	good = sign_read_public(pem, out);
	file_free(pem);
	if (good)
		return DESK_OK;
	desk_complain(d, SAY(text_of(path), S(": this is no public key of Ed25519 in PEM")));
	return DESK_DATA;
}

int
audit_key(const struct ledger_call *call, uint8_t out[static SIGN_PUBLIC_BYTES], bool *found,
    bool *own)
{
	char *path;
	int status = DESK_OK;

	*found = true;
	*own = call->key == NULL;
	if (call->key != NULL)
		return read_key(call->desk, call->key, out);
	path = call->data == NULL ? NULL : file_path(call->data, S("ledger.pub"));
	*found = path != NULL && file_is_there(path);
	if (*found)
		status = read_key(call->desk, path, out);
	free(path);
	return status;
}

struct audit {
	const struct ledger_call *call;
	struct desk		*desk;
	struct digester		 digester;
	uint8_t			 key[SIGN_PUBLIC_BYTES];
	bool			 keyed, own;
	struct tree_state	*published;	/* in the desk's arena */
	size_t			 published_count;
	nanos			 began, told;
};

static int
by_size(const void *a, const void *b)
{
	const struct tree_state *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

static int
wrong_head(struct audit *a, size_t number, struct slice what)
{
	struct text *why = desk_why(a->desk);

	text_put_number(why, number);
	desk_complain(a->desk, SAY(text_of(a->call->head), S(": head "), text_slice(why), what));
	return DESK_DATA;
}

/* Notes one after another, with empty lines between them or without. */
static int
take_heads(struct audit *a, struct slice notes)
{
	size_t room = notes.len / 64 + 1;

	a->published = arena_alloc(&a->desk->arena, room * sizeof *a->published);
	if (a->published == NULL)
		return DESK_WRONG;
	for (;;) {
		struct head h;

		while (notes.len > 0 && notes.ptr[0] == '\n')
			notes = slice_cut(notes, 1, notes.len);
		if (notes.len == 0)
			break;
		if (!head_read(notes, &h, &notes))
			return wrong_head(a, a->published_count + 1, S(" cannot be read"));
		if (a->keyed && !head_check(&h, &a->digester, a->key))
			return wrong_head(a, a->published_count + 1,
			    S(" is not signed by this key"));
		must(a->published_count < room);
		if (h.state.size > 0)
			a->published[a->published_count++] = h.state;
	}
	qsort(a->published, a->published_count, sizeof *a->published, by_size);
	return DESK_OK;
}

static int
read_heads(struct audit *a)
{
	struct slice notes;
	int status;

	if (a->call->head == NULL)
		return DESK_OK;
	if ((status = desk_read(a->desk, a->call->head, HEADS_BYTES_MAX, &notes)) != DESK_OK)
		return status;
	status = take_heads(a, notes);
	file_free(notes);
	return status;
}

/* ---- the whole ledger ---- */

static void
put_range(struct text *t, const struct fault *f)
{
	bool one = f->to - f->from <= 1;

	text_put(t, one ? S("entry ") : S("entries "));
	text_put_number(t, f->from);
	if (!one) {
		text_put(t, S(" to "));
		text_put_number(t, f->to - 1);
	}
	if (f->id_len > 0) {
		text_put(t, S(" ("));
		text_put(t, slice_of(f->id, f->id_len));
		text_put(t, S(")"));
	}
}

static void
put_fault_json(struct text *t, const struct fault *f)
{
	text_put(t, S("{\"what\":"));
	text_put_json(t, trouble_name(f->what));
	text_put(t, S(",\"from\":"));
	text_put_number(t, f->from);
	text_put(t, S(",\"to\":"));
	text_put_number(t, f->to > 0 ? f->to - 1 : 0);
	text_put(t, S(",\"id\":"));
	if (f->id_len > 0)
		text_put_json(t, slice_of(f->id, f->id_len));
	else
		text_put(t, S("null"));
	text_put(t, S(",\"why\":\""));
	put_range(t, f);
	text_put(t, S(" "));
	text_put(t, trouble_words(f->what));
	text_put(t, S("\"}"));
}

static void
put_count(struct text *t, struct slice name, uint64_t n)
{
	text_put(t, name);
	text_put_number(t, n);
}

static void
put_hex(struct text *t, const uint8_t *hash)
{
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		text_put_char(t, "0123456789abcdef"[hash[i] >> 4]);
		text_put_char(t, "0123456789abcdef"[hash[i] & 15]);
	}
}

static void
say_json(struct audit *a, const struct verify_sight *s)
{
	struct text *t = &a->desk->out;
	bool good = s->fault.what == TROUBLE_NONE;

	text_put(t, good ? S("{\"good\":true") : S("{\"good\":false"));
	put_count(t, S(",\"entries\":"), s->size);
	put_count(t, S(",\"verified\":"), s->done);
	put_count(t, S(",\"bytes\":"), s->bytes);
	put_count(t, S(",\"pruned\":"), s->pruned);
	put_count(t, S(",\"heads\":"), s->heads);
	put_count(t, S(",\"published\":"), s->published);
	text_put(t, !a->keyed ? S(",\"key\":null") : a->own ? S(",\"key\":\"own\"") :
	    S(",\"key\":\"given\""));
	put_count(t, S(",\"ms\":"), (uint64_t)((kernel_now() - a->began) / NANOS_PER_MS));
	if (good) {
		text_put(t, S(",\"root\":\""));
		put_hex(t, s->end.root);
		text_put(t, S("\""));
	} else {
		text_put(t, S(",\"fault\":"));
		put_fault_json(t, &s->fault);
	}
	text_put(t, S("}\n"));
}

static void
say_good(struct audit *a, const struct verify_sight *s)
{
	struct text *t = &a->desk->out;

	text_put(t, a->desk->colour ? S("\033[32mgood\033[0m: ") : S("good: "));
	text_put_number(t, s->size);
	text_put(t, S(" entries, "));
	text_put_number(t, s->heads);
	text_put(t, a->keyed ? S(" signed heads") : S(" heads, of which no signature was checked"));
	if (a->call->head != NULL) {
		text_put(t, S(", "));
		text_put_number(t, s->published);
		text_put(t, S(" published heads"));
	}
	if (s->pruned > 0) {
		text_put(t, S(", "));
		text_put_number(t, s->pruned);
		text_put(t, S(" of the entries pruned"));
	}
	text_put(t, S("\nroot: "));
	put_hex(t, s->end.root);
	text_put(t, S("\n"));
	if (a->own && a->keyed)
		text_put(t, S("The key is the folder's own: who could write there could put "
		    "another one; --key FILE takes yours.\n"));
}

static void
say_bad(struct audit *a, const struct verify_sight *s)
{
	struct text *t = &a->desk->out;

	text_put(t, a->desk->colour ? S("\033[1;31mbad\033[0m: ") : S("bad: "));
	put_range(t, &s->fault);
	text_put(t, S(" "));
	text_put(t, trouble_words(s->fault.what));
	text_put(t, S("\n"));
}

static void
tell(struct audit *a, const struct verify_sight *s, bool last)
{
	nanos now = kernel_now();

	if (!host_is_terminal(fileno(stderr)) || (!last && now - a->told < TELL_EVERY))
		return;
	a->told = now;
	fputs("\r\033[K", stderr);
	if (!last && s->size > 0)
		fprintf(stderr, "%" PRIu64 " of %" PRIu64 " entries, %" PRIu64 "%%", s->done,
		    s->size, s->done * 100 / s->size);
}

static int
verify_all(struct audit *a)
{
	struct verify_plan plan = {
		.folder = a->call->data,
		.key = a->keyed ? a->key : NULL,
		.published = a->published,
		.published_count = a->published_count,
		.threads = (unsigned)a->call->threads,
	};
	const struct verify_sight *sight;
	struct verify *v = NULL;
	struct text *why = desk_why(a->desk);
	bool more = true;
	enum err e = verify_open(&v, &plan, why);

	if (e != ERR_OK)
		return desk_store(a->desk, e, why);
	sight = verify_look(v);
	while (more && (e = verify_step(v, &more, why)) == ERR_OK)
		tell(a, sight, !more);
	if (e != ERR_OK) {
		verify_close(v);
		return desk_store(a->desk, e, why);
	}
	if (a->desk->json)
		say_json(a, sight);
	else if (sight->fault.what == TROUBLE_NONE)
		say_good(a, sight);
	else
		say_bad(a, sight);
	more = sight->fault.what != TROUBLE_NONE;
	verify_close(v);
	return more ? DESK_DIFFERS : DESK_OK;
}

/* ---- receipts ---- */

/* Is the receipt's head one of those that are known?  Or of a tree that one of them is too. */
static bool
is_published(const struct audit *a, const struct receipt *r)
{
	struct slice rest;
	struct head h;

	if (a->call->head == NULL)
		return true;
	if (!head_read(r->note, &h, &rest))
		return false;
	for (size_t i = 0; i < a->published_count; i++)
		if (a->published[i].size == h.state.size)
			return memcmp(a->published[i].root, h.state.root, DIGEST_BYTES) == 0;
	return false;
}

static int
check_receipt(struct audit *a, struct slice json)
{
	struct receipt *r = arena_alloc(&a->desk->arena, sizeof *r);
	struct text *why = desk_why(a->desk), *t = &a->desk->out;
	struct slice path = text_of(a->call->proof);
	enum err e = r == NULL ? ERR_MEMORY : receipt_read(&a->desk->arena, json, r, why);
	bool good;

	if (e != ERR_OK) {
		desk_complain(a->desk, SAY(path, S(": "),
		    e == ERR_MEMORY ? err_info(e)->text : text_slice(why)));
		return DESK_DATA;
	}
	good = receipt_check(r, &a->digester, a->key, why);
	if (good && !is_published(a, r)) {
		good = false;
		text_put(why, S("its head is not one of those in the file of --head; "
		    "ask for a receipt under one of them: trivium ledger prove --head FILE"));
	}
	if (a->desk->json) {
		text_put(t, good ? S("{\"good\":true,\"seq\":") : S("{\"good\":false,\"seq\":"));
		text_put_number(t, r->seq);
		text_put(t, S(",\"why\":"));
		text_put_json(t, text_slice(why));
		text_put(t, S("}\n"));
	} else if (good) {
		text_put(t, a->desk->colour ? S("\033[32mgood\033[0m: entry ") :
		    S("good: entry "));
		text_put_number(t, r->seq);
		text_put(t, S(" is in the ledger that the head speaks of\n"));
	} else {
		text_put(t, a->desk->colour ? S("\033[1;31mbad\033[0m: ") : S("bad: "));
		text_put(t, text_slice(why));
		text_put(t, S("\n"));
	}
	return good ? DESK_OK : DESK_DIFFERS;
}

static int
verify_receipt(struct audit *a)
{
	struct slice json;
	int status = desk_read(a->desk, a->call->proof, RECEIPT_BYTES_MAX, &json);

	if (status != DESK_OK)
		return status;
	status = check_receipt(a, json);
	file_free(json);
	return status;
}

int
audit_verify(const struct ledger_call *call)
{
	struct audit a = { .call = call, .desk = call->desk, .began = kernel_now() };
	int status;

	if (call->export != NULL)
		return extract_verify(call);
	if (call->proof == NULL && call->data == NULL)
		return desk_usage(call->desk, "name the folder, --data FOLDER, or what else is "
		    "to be verified, --proof FILE or --export FILE");
	if (call->proof != NULL && call->key == NULL)
		return desk_usage(call->desk, "a proof is checked with the ledger's public key: "
		    "--key FILE");
	if (!digester_init(&a.digester))
		return DESK_WRONG;
	status = audit_key(call, a.key, &a.keyed, &a.own);
	if (status == DESK_OK)
		status = read_heads(&a);
	if (status == DESK_OK)
		status = call->proof != NULL ? verify_receipt(&a) : verify_all(&a);
	digester_release(&a.digester);
	return status;
}
