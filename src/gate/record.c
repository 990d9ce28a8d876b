/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core/limit.h"
#include "gate/request.h"
#include "gate/reserve.h"
#include "gate/share.h"

#define SHORT_LINE_BYTES	(4096 + 6 * NAME_BYTES_MAX * (4 + CANDIDATE_MAX))

/*
 * record - one entry, one line and one count for each request.
 */

/* Who is not known is counted, not entered: nobody without a key may fill a ledger. */
static bool
is_entered(const struct request *r)
{
	return r->gate->book != NULL && r->identified && !r->journaled;
}

/* Where a line for the ledger alone is put together; NULL without memory. */
static struct text *
own_room(struct gate *g, size_t bytes)
{
	char *more;

	g->line.len = 0;
	if (bytes <= g->line.cap)
		return &g->line;
	if ((more = realloc(g->line.ptr, bytes)) == NULL)
		return NULL;
	text_init(&g->line, more, bytes);
	return &g->line;
}

/* The line with its newline, put where the log gathers, if there is one; absent: no room. */
static struct slice
put_line(struct request *r, size_t bytes)
{
	struct text *room = log_room(&r->gate->log, bytes);
	bool logged = room != NULL;
	size_t from;

	if (!logged && is_entered(r))
		room = own_room(r->gate, bytes);
	if (room == NULL)
		return slice_of(NULL, 0);
	from = room->len;
	record_put(room, &r->record);
	return slice_of(room->ptr + from, room->len - from);
}

/* The bytes of line and entry are the same, and made once. */
static void
enter(struct request *r, struct slice line)
{
	struct entry entry = {
		.line = slice_cut(line, 0, line.len - 1),
		.charged = r->record.settled,
		.rows = reserve_rows(r),
		.share = share_of(r),
	};

	if (r->opened) {
		entry.kind = ENTRY_CLOSING;
		entry.id = slice_of(r->record.id, sizeof r->record.id);
	}
	/* One that is lost is counted, and told by the book's metrics. */
	(void)!book_append(r->gate->book, &entry);
}

static void
write_line(struct request *r)
{
	struct explanation decision = request_explanation(r);
	struct log *log = &r->gate->log;
	uint64_t dropped = log->dropped;
	struct slice line;

	r->record.decision = r->decided ? &decision : NULL;
	line = put_line(r, request_line_bytes(r));
	if (line.len == 0 && r->decided) {
		/* A decision over very many models is told short rather than not at all. */
		r->record.decision = NULL;
		line = put_line(r, SHORT_LINE_BYTES + r->record.standing.len +
		    reserve_line_bytes(r));
	}
	if (line.len > 0 && is_entered(r))
		enter(r, line);
	r->record.decision = NULL;
	if (line.len > 0 && log->fd >= 0 && log->dropped == dropped)
		log_line(log);
}

enum err
gate_record(struct request *r)
{
	struct record *record = &r->record;
	struct gate *g = r->gate;
	struct metric_model *series = &g->metric.nobody;

	record->status = r->x->status != 0 ? r->x->status : err_info(record->err)->status;
	record->answer_bytes = r->x->sent_bytes;
	record->ended = kernel_now();
	/* A whole answer is offered at once. */
	if (record->first_byte == 0 && r->x->sent_bytes > 0)
		record->first_byte = record->ended;
	if (r->model != NULL)
		series = r->binding->ship[r->model->index]->metric;
	metric_record(&g->metric, series, record);
	if (!r->journaled)
		write_line(r);
	if (r->reserve.hold.count > 0)
		ceiling_release(g->ceilings, &r->reserve.hold);
	return ERR_OK;
}
