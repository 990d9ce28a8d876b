/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/metric.h"

#include <stdlib.h>

static const nanos bounds[METRIC_BUCKETS] = {
	5000, 10000, 20000, 50000, 100000, 200000, 500000,
	1000000, 2000000, 5000000, 10000000, 20000000, 50000000,
	100000000, 200000000, 500000000, 1000000000, 2000000000,
	5000000000, 10000000000, 30000000000, 120000000000,
};

const nanos *
metric_bounds(void)
{
	return bounds;
}

void
metric_init(struct metric *m)
{
	memset(m, 0, sizeof *m);
}

void
metric_release(struct metric *m)
{
	while (m->models != NULL) {
		struct metric_model *next = m->models->next;

		free(m->models);
		m->models = next;
	}
}

struct metric_model *
metric_model(struct metric *m, struct slice name)
{
	struct metric_model **at = &m->models;

	while (*at != NULL && !slice_eq((*at)->name, name))
		at = &(*at)->next;
	if (*at == NULL && (*at = calloc(1, sizeof **at + name.len)) != NULL) {
		char *own = (char *)(*at + 1);

		memcpy(own, name.ptr, name.len);
		(*at)->name = slice_of(own, name.len);
	}
	return *at;
}

void
metric_observe(struct histogram *h, nanos value)
{
	unsigned low = 0, high = METRIC_BUCKETS;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (value <= bounds[middle])
			high = middle;
		else
			low = middle + 1;
	}
	h->bucket[low]++;
	h->count++;
	h->sum += value > 0 ? (uint64_t)value : 0;
}

void
metric_record(struct metric *m, struct metric_model *model, const struct record *r)
{
	model->outcome[r->err]++;
	m->watched += r->watched;
	m->masked += r->masked;
	m->restored += r->restored;
	m->unresolved += r->unresolved;
	metric_observe(&m->overhead, record_overhead(r));
	if (model == &m->nobody)
		return;
	metric_observe(&model->duration, r->ended - r->began);
	if (r->first_byte != 0)
		metric_observe(&model->first_token, r->first_byte - r->began);
	model->events += r->events;
	if (r->usage.known) {
		model->tokens_input += r->usage.input;
		model->tokens_output += r->usage.output;
	}
	if (r->cost_known)
		model->cost_nano_usd += (uint64_t)r->cost;
}

static void
add_histogram(struct histogram *sum, const struct histogram *part)
{
	for (unsigned i = 0; i <= METRIC_BUCKETS; i++)
		sum->bucket[i] += part->bucket[i];
	sum->count += part->count;
	sum->sum += part->sum;
}

static void
add_model(struct metric_model *sum, const struct metric_model *part)
{
#define COUNTER(field, name, help)
#define GAUGE(field, name, help)
#define HISTOGRAM(field, name, help)
#define OUTCOME(field, name, help)						\
	for (unsigned i = 0; i < ERR_COUNT; i++)				\
		sum->field[i] += part->field[i];
#define FINDINGS(field, name, help)
#define LIMITED(field, name, help)
#define MODEL_COUNTER(field, name, help)	sum->field += part->field;
#define MODEL_HISTOGRAM(field, name, help)	add_histogram(&sum->field, &part->field);
#include "watch/metric.tbl"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
#undef OUTCOME
#undef FINDINGS
#undef LIMITED
#undef MODEL_COUNTER
#undef MODEL_HISTOGRAM
}

void
metric_own_name(struct metric *m, enum detect_type type, struct slice name)
{
	struct metric_own *own = &m->own[type - TYPE_OWN];

	must(name.len <= sizeof own->name);
	if (slice_eq(slice_of(own->name, own->len), name))
		return;
	if (name.len > 0)
		memcpy(own->name, name.ptr, name.len);
	own->len = name.len;
	m->findings[type] = 0;
}

enum err
metric_add(struct metric *sum, const struct metric *part)
{
	memcpy(sum->own, part->own, sizeof sum->own);
#define COUNTER(field, name, help)		sum->field += part->field;
#define GAUGE(field, name, help)		sum->field += part->field;
#define HISTOGRAM(field, name, help)		add_histogram(&sum->field, &part->field);
#define OUTCOME(field, name, help)
#define FINDINGS(field, name, help)						\
	for (unsigned i = 0; i < TYPE_COUNT; i++)				\
		sum->field[i] += part->field[i];
#define LIMITED(field, name, help)						\
	for (unsigned i = 0; i < SUBJECT_COUNT * DIMENSION_COUNT; i++)		\
		sum->field[i / DIMENSION_COUNT][i % DIMENSION_COUNT] +=		\
		    part->field[i / DIMENSION_COUNT][i % DIMENSION_COUNT];
#define MODEL_COUNTER(field, name, help)
#define MODEL_HISTOGRAM(field, name, help)
#include "watch/metric.tbl"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
#undef OUTCOME
#undef FINDINGS
#undef LIMITED
#undef MODEL_COUNTER
#undef MODEL_HISTOGRAM
	add_model(&sum->nobody, &part->nobody);
	for (const struct metric_model *m = part->models; m != NULL; m = m->next) {
		struct metric_model *same = metric_model(sum, m->name);

		if (same == NULL)
			return ERR_MEMORY;
		add_model(same, m);
	}
	return ERR_OK;
}
