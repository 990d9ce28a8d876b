/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/journal.h"

#include "gate/attempt.h"
#include "gate/request.h"
#include "gate/reserve.h"
#include "gate/share.h"

static bool
is_durable(const struct request *r)
{
	return r->decided && (r->verdict.duties >> DUTY_durable_record & 1) != 0;
}

/* A line, newline included, on disk: in the ledger, or where there is none in the log's file. */
static enum err
keep(struct request *r, enum entry_kind kind, struct slice line)
{
	struct entry entry = {
		.kind = kind,
		.id = slice_of(r->record.id, sizeof r->record.id),
		.line = slice_cut(line, 0, line.len - 1),
	};
	struct text *room;
	enum err e;

	if (r->gate->book == NULL)
		return log_durable(&r->gate->log, r->fiber, line);
	if (kind != ENTRY_OPENED) {
		entry.charged = r->record.settled;
		entry.rows = reserve_rows(r);
		entry.share = share_of(r);
	}
	if ((e = book_commit(r->gate->book, r->fiber, &entry)) != ERR_OK)
		return e;
	r->opened = kind == ENTRY_OPENED;
	room = log_room(&r->gate->log, line.len);
	if (room != NULL) {
		text_put(room, line);
		log_line(&r->gate->log);
	}
	return ERR_OK;
}

enum err
journal_open(struct request *r)
{
	struct explanation explanation = request_explanation(r);
	size_t room_bytes = 1024 + 2 * 6 * NAME_BYTES_MAX + explain_bytes(&explanation) +
	    reserve_line_bytes(r);
	struct text t;
	char *room;

	if (!is_durable(r) || r->routing)
		return ERR_OK;
	room = arena_bytes(&r->arena, room_bytes);
	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	record_put_opened(&t, &r->record, &explanation);
	return keep(r, ENTRY_OPENED, text_slice(&t));
}

bool
journal_holds(const struct request *r)
{
	return is_durable(r) && !r->routing && !r->journaled;
}

enum err
journal_close(struct request *r)
{
	struct explanation explanation = request_explanation(r);
	size_t room_bytes = request_line_bytes(r);
	struct record *record = &r->record;
	char *room = arena_bytes(&r->arena, room_bytes);
	struct text t;
	enum err e;

	if (room == NULL)
		return ERR_MEMORY;
	request_settle_usage(r);
	reserve_settle(r);
	record->status = 200;
	record->ended = kernel_now();
	attempt_note(r);
	record->answer_bytes = r->x->sent_bytes;
	record->decision = &explanation;
	text_init(&t, room, room_bytes);
	record_put(&t, record);
	e = keep(r, r->opened ? ENTRY_CLOSING : ENTRY_ALONE, text_slice(&t));
	record->decision = NULL;
	r->journaled = e == ERR_OK;
	return e;
}
