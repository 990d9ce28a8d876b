/* SPDX-License-Identifier: Apache-2.0 */
#include "core/limit.h"
#include "gate/request.h"

/*
 * A line holds names of bounded length, some of them escaped, at most CANDIDATE_MAX attempts,
 * and the decision.
 */
#define LINE_BYTES	(4096 + 6 * NAME_BYTES_MAX * (4 + CANDIDATE_MAX))

/*
 * record - one line and one count for each request.
 */
enum err
gate_record(struct request *r)
{
	struct record *record = &r->record;
	struct gate *g = r->gate;
	struct metric_model *series = &g->metric.nobody;
	struct explanation decision = request_explanation(r);
	size_t line_bytes = LINE_BYTES;
	struct text *line;

	if (r->decided) {
		record->decision = &decision;
		line_bytes += explain_bytes(&decision);
	}

	record->status = r->x->status != 0 ? r->x->status : err_info(record->err)->status;
	record->answer_bytes = r->x->sent_bytes;
	record->ended = kernel_now();
	/* A whole answer is offered at once. */
	if (record->first_byte == 0 && r->x->sent_bytes > 0)
		record->first_byte = record->ended;
	if (r->model != NULL)
		series = r->binding->ship[r->model->index]->metric;
	metric_record(&g->metric, series, record);
	line = log_room(&g->log, line_bytes);
	if (line == NULL && r->decided) {
		/* A decision over very many models is told short rather than not at all. */
		record->decision = NULL;
		line = log_room(&g->log, LINE_BYTES);
	}
	if (line != NULL) {
		record_put(line, record);
		log_line(&g->log);
	}
	record->decision = NULL;
	return ERR_OK;
}
