/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/request.h"

#define SHORT_LINE_BYTES	(4096 + 6 * NAME_BYTES_MAX * (4 + CANDIDATE_MAX))

/*
 * record - one line and one count for each request.
 */
static void
write_line(struct request *r)
{
	struct explanation decision = request_explanation(r);
	struct log *log = &r->gate->log;
	struct text *line = log_room(log, request_line_bytes(r));

	r->record.decision = r->decided ? &decision : NULL;
	if (line == NULL && r->decided) {
		/* A decision over very many models is told short rather than not at all. */
		r->record.decision = NULL;
		line = log_room(log, SHORT_LINE_BYTES);
	}
	if (line != NULL) {
		record_put(line, &r->record);
		log_line(log);
	}
	r->record.decision = NULL;
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
	return ERR_OK;
}
