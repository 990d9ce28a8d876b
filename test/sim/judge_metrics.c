/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/evidence.h"
#include "sim/file.h"
#include "sim/judge.h"
#include "sim/story.h"

/*
 * Sums: the metrics say what the records say.
 */

struct sum {
	uint64_t	outcome[ERR_COUNT];
	uint64_t	attempts, failed, input, output, events;
	/* Records that were on disk before their end, which came out otherwise */
	uint64_t	cut;
};

static void
add(struct sum *s, const struct account *a, struct slice model)
{
	for (int i = 0; i < a->attempts; i++)
		if (slice_eq(a->attempt[i].model, model)) {
			s->attempts++;
			s->failed += a->attempt[i].err != ERR_OK;
		}
	if (!slice_eq(a->model, model))
		return;
	s->outcome[a->err]++;
	s->cut += a->cut;
	if (model.len == 0)
		return;
	s->events += a->events;
	s->input += a->usage_known ? a->input : 0;
	s->output += a->usage_known ? a->output : 0;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void
compare(struct evidence *e, const struct metric_model *m)
{
	struct world *w = &e->story->world;
	struct sum sum = { .attempts = 0 };
	const struct { const char *what; uint64_t said, counted; } row[] = {
		{ "attempts", m->attempts, 0 }, { "failed attempts", m->attempts_failed, 0 },
		{ "input tokens", m->tokens_input, 0 }, { "output tokens", m->tokens_output, 0 },
		{ "events", m->events, 0 },
	};
	uint64_t counted[5];

	for (const struct account *a = e->accounts; a != NULL; a = a->next)
		add(&sum, a, m->name);
	counted[0] = sum.attempts;
	counted[1] = sum.failed;
	counted[2] = sum.input;
	counted[3] = sum.output;
	counted[4] = sum.events;
	for (int i = 0; i < ERR_COUNT; i++)
		if (distance(m->outcome[i], sum.outcome[i]) > sum.cut)
			world_complain(w, "metric of '%.*s' has %llu %.*s, the log %llu",
			    (int)m->name.len, m->name.ptr, (unsigned long long)m->outcome[i],
			    (int)err_info((enum err)i)->name.len, err_info((enum err)i)->name.ptr,
			    (unsigned long long)sum.outcome[i]);
	for (int i = 0; i < 5; i++)
		if (row[i].said != counted[i] &&
		    distance(row[i].said, counted[i]) > (i == 1 ? sum.cut : 0))
			world_complain(w, "metric of '%.*s' has %llu %s, the log %llu",
			    (int)m->name.len, m->name.ptr, (unsigned long long)row[i].said,
			    row[i].what, (unsigned long long)counted[i]);
}

/* Room is made only where there is none, and by one connection for each refused request. */
static void
judge_room(struct evidence *e)
{
	struct story *s = e->story;
	uint64_t overloaded = 0;

	for (const struct account *a = e->accounts; a != NULL; a = a->next)
		overloaded += a->err == ERR_OVERLOADED && slice_eq(a->step, S("read"));
	if (overloaded > s->metrics.shed)
		world_complain(&s->world, "%llu requests made room, %llu connections did",
		    (unsigned long long)overloaded, (unsigned long long)s->metrics.shed);
	if (s->metrics.shed > 0 && !s->crowded && s->world.accepts_refused == 0 &&
	    s->refuse != REFUSE_HEAP && s->refuse != REFUSE_POOL)
		world_complain(&s->world, "%llu connections made room where there was some",
		    (unsigned long long)s->metrics.shed);
}

void
judge_metrics(struct evidence *e)
{
	struct metric *m = &e->story->metrics;
	uint64_t lines = e->lines - file_of(&e->story->world, "log")->unsynced;

	judge_room(e);
	compare(e, &m->nobody);
	for (const struct metric_model *model = m->models; model != NULL; model = model->next)
		compare(e, model);
	if (m->log_dropped != 0 || m->log_lines != lines)
		world_complain(&e->story->world, "%llu lines were given to the log, %llu are in it",
		    (unsigned long long)m->log_lines, (unsigned long long)lines);
	if (m->connections != 0 || m->in_flight != 0)
		world_complain(&e->story->world, "%llu connections and %llu requests at the end",
		    (unsigned long long)m->connections, (unsigned long long)m->in_flight);
}
