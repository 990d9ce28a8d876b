/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/prometheus.h"

static void
put_help(struct text *t, struct slice name, struct slice help, struct slice type)
{
	text_put(t, S("# HELP "));
	text_put(t, name);
	text_put_char(t, ' ');
	text_put(t, help);
	text_put(t, S("\n# TYPE "));
	text_put(t, name);
	text_put_char(t, ' ');
	text_put(t, type);
	text_put_char(t, '\n');
}

static void
put_value(struct text *t, struct slice name, uint64_t value)
{
	text_put(t, name);
	text_put_char(t, ' ');
	text_put_number(t, value);
	text_put_char(t, '\n');
}

/* name{model="…",label="value"} value */
static void
put_labelled(struct text *t, struct slice name, struct slice model, uint64_t value)
{
	text_put(t, name);
	text_put(t, S("{model="));
	text_put_json(t, model);
	text_put(t, S("} "));
	text_put_number(t, value);
	text_put_char(t, '\n');
}

static void
put_outcomes(struct text *t, struct slice name, struct slice model, const uint64_t *outcome)
{
	for (unsigned i = 0; i < ERR_COUNT; i++) {
		if (outcome[i] == 0)
			continue;
		text_put(t, name);
		text_put(t, S("{model="));
		text_put_json(t, model);
		text_put(t, S(",err="));
		text_put_json(t, err_info((enum err)i)->name);
		text_put(t, S("} "));
		text_put_number(t, outcome[i]);
		text_put_char(t, '\n');
	}
}

static void
put_findings(struct text *t, struct slice name, const struct metric *m, const uint64_t *count)
{
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		const struct metric_own *own = i < TYPE_OWN ? NULL : &m->own[i - TYPE_OWN];

		if (count[i] == 0)
			continue;
		text_put(t, name);
		text_put(t, S("{type="));
		text_put_json(t, own != NULL && own->len > 0 ? slice_of(own->name, own->len)
		    : type_info((enum detect_type)i)->name);
		text_put(t, S("} "));
		text_put_number(t, count[i]);
		text_put_char(t, '\n');
	}
}

static void
put_limited(struct text *t, struct slice name, const uint64_t count[][DIMENSION_COUNT])
{
	for (unsigned i = 0; i < SUBJECT_COUNT * DIMENSION_COUNT; i++) {
		uint64_t n = count[i / DIMENSION_COUNT][i % DIMENSION_COUNT];

		if (n == 0)
			continue;
		text_put(t, name);
		text_put(t, S("{of="));
		text_put_json(t, allowance_subject(i / DIMENSION_COUNT));
		text_put(t, S(",what="));
		text_put_json(t, allowance_dimension(i % DIMENSION_COUNT));
		text_put(t, S("} "));
		text_put_number(t, n);
		text_put_char(t, '\n');
	}
}

/* The labels of a series of a histogram: of a model, or of nobody. */
static void
put_series(struct text *t, struct slice name, struct slice suffix, struct slice model)
{
	text_put(t, name);
	text_put(t, suffix);
	text_put_char(t, '{');
	if (model.ptr != NULL) {
		text_put(t, S("model="));
		text_put_json(t, model);
	}
}

static void
put_histogram(struct text *t, struct slice name, struct slice model, const struct histogram *h)
{
	uint64_t below = 0;

	for (unsigned i = 0; i <= METRIC_BUCKETS; i++) {
		below += h->bucket[i];
		put_series(t, name, S("_bucket"), model);
		text_put(t, model.ptr != NULL ? S(",le=\"") : S("le=\""));
		if (i < METRIC_BUCKETS)
			text_put_usd(t, metric_bounds()[i]);	/* nanoseconds as decimal seconds */
		else
			text_put(t, S("+Inf"));
		text_put(t, S("\"} "));
		text_put_number(t, below);
		text_put_char(t, '\n');
	}
	put_series(t, name, S("_sum"), model);
	text_put(t, S("} "));
	text_put_usd(t, (nano_usd)h->sum);
	text_put_char(t, '\n');
	put_series(t, name, S("_count"), model);
	text_put(t, S("} "));
	text_put_number(t, h->count);
	text_put_char(t, '\n');
}

size_t
prometheus_bytes(const struct metric *m)
{
	size_t models = 1, names = 0;

	for (const struct metric_model *one = m->models; one != NULL; one = one->next, models++)
		names += one->name.len * 6;
	return 32768 + TYPE_COUNT * (size_t)128 + OWN_COUNT * (size_t)NAME_BYTES_MAX +
	    (models + 1) * 16384 + names * 128;
}

#define EACH_MODEL(m, one)							\
	for (const struct metric_model *one = (m)->models; one != NULL; one = one->next)

void
prometheus_put(struct text *t, const struct metric *m)
{
#define COUNTER(field, title, help)						\
	put_help(t, S(title), S(help), S("counter"));				\
	put_value(t, S(title), m->field);
#define GAUGE(field, title, help)						\
	put_help(t, S(title), S(help), S("gauge"));				\
	put_value(t, S(title), m->field);
#define HISTOGRAM(field, title, help)						\
	put_help(t, S(title), S(help), S("histogram"));				\
	put_histogram(t, S(title), slice_of(NULL, 0), &m->field);
#define OUTCOME(field, title, help)						\
	put_help(t, S(title), S(help), S("counter"));				\
	put_outcomes(t, S(title), S(""), m->nobody.field);			\
	EACH_MODEL(m, one)							\
		put_outcomes(t, S(title), one->name, one->field);
#define LIMITED(field, title, help)						\
	put_help(t, S(title), S(help), S("counter"));				\
	put_limited(t, S(title), m->field);
#define FINDINGS(field, title, help)						\
	put_help(t, S(title), S(help), S("counter"));				\
	put_findings(t, S(title), m, m->field);
#define MODEL_COUNTER(field, title, help)					\
	put_help(t, S(title), S(help), S("counter"));				\
	EACH_MODEL(m, one)							\
		put_labelled(t, S(title), one->name, one->field);
#define MODEL_HISTOGRAM(field, title, help)					\
	put_help(t, S(title), S(help), S("histogram"));				\
	EACH_MODEL(m, one)							\
		put_histogram(t, S(title), one->name, &one->field);
#include "watch/metric.tbl"
}
