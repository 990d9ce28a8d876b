/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/judge.h"

#include "sim/coverage.h"
#include "sim/evidence.h"
#include "sim/file.h"
#include "sim/story.h"

void
judge_gate(struct story *s)
{
	if (s->gate.in_flight != 0)
		world_complain(
		    &s->world, "%u requests are in flight at the end", s->gate.in_flight);
	for (const struct ship *ship = s->gate.fleet.ships; ship != NULL; ship = ship->next)
		if (ship->in_flight != 0)
			world_complain(&s->world, "model %.*s has %u in flight at the end",
			    (int)ship->name.len, ship->name.ptr, ship->in_flight);
}

void
judge_log(struct story *s)
{
	const struct file *log = file_of(&s->world, "log");
	uint64_t refused = log->failed + log->unsynced;

	/* A job that has no memory is a write that did not happen. */
	if (s->refuse == REFUSE_HEAP || s->refuse == REFUSE_POOL ? s->gate.log.failed < refused
	    : s->gate.log.failed != refused)
		world_complain(&s->world, "%llu writes of the log were refused, %llu are counted",
		    (unsigned long long)refused, (unsigned long long)s->gate.log.failed);
}

void
judge_story(struct story *s)
{
	struct evidence e;

	evidence_gather(&e, s);
	judge_answers(&e);
	judge_calls(&e);
	judge_law(&e);
	judge_streams(&e);
	judge_facts(&e);
	judge_metrics(&e);
	judge_masks(&e);
	judge_book(&e);
	judge_talks(&e);
	for (const struct account *a = e.accounts; a != NULL; a = a->next)
		coverage_note(a->step, a->err);
	evidence_release(&e);
}
