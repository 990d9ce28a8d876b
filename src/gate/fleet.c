/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/fleet.h"

#include <stdlib.h>

void
fleet_init(struct fleet *f, struct metric *metric, struct turns *turns)
{
	*f = (struct fleet){ .metric = metric, .turns = turns };
}

static struct ship *
ship_of(struct fleet *f, const struct model *m)
{
	struct slice name = m->name;
	struct ship *s = f->ships;

	while (s != NULL && !slice_eq(s->name, name))
		s = s->next;
	if (s != NULL)
		return s;
	s = calloc(1, sizeof *s + name.len);
	if (s == NULL)
		return NULL;
	memcpy(s + 1, name.ptr, name.len);
	s->name = slice_of((char *)(s + 1), name.len);
	s->metric = metric_model(f->metric, name);
	s->queue = turns_queue(f->turns, m->number);
	if (s->metric == NULL || s->queue == NULL) {
		free(s);
		return NULL;
	}
	s->next = f->ships;
	f->ships = s;
	return s;
}

enum err
fleet_bind(struct fleet *f, struct snapshot *snapshot)
{
	struct binding *b = calloc(1, sizeof *b + snapshot->model_count * sizeof b->ship[0]);

	if (b == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < snapshot->model_count; i++) {
		b->ship[i] = ship_of(f, &snapshot->model[i]);
		if (b->ship[i] == NULL) {
			free(b);
			return ERR_MEMORY;
		}
	}
	for (uint32_t i = 0; i < snapshot->model_count; i++)
		turn_allow(b->ship[i]->queue, snapshot->model[i].limits.concurrency);
	b->snapshot = snapshot;
	b->requests = 1;
	if (f->current != NULL)
		binding_drop(f->current);
	f->current = b;
	return ERR_OK;
}

struct binding *
fleet_hold(struct fleet *f)
{
	f->current->requests++;
	return f->current;
}

void
binding_drop(struct binding *b)
{
	must(b->requests > 0);
	if (--b->requests > 0)
		return;
	snapshot_unref(b->snapshot);
	free(b);
}

void
fleet_release(struct fleet *f)
{
	if (f->current != NULL) {
		must(f->current->requests == 1);
		binding_drop(f->current);
	}
	while (f->ships != NULL) {
		struct ship *next = f->ships->next;

		free(f->ships);
		f->ships = next;
	}
}

/* A quarter of the way to each new value: a few answers tell, one does not. */
void
ship_note_latency(struct ship *s, nanos value)
{
	s->latency = s->latency == 0 ? value : s->latency + (value - s->latency) / 4;
}
