/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/share.h"

#include "gate/request.h"

static struct slice
workload_of(const struct explanation *e)
{
	const struct names *known = &e->vocabulary->workload;

	return e->facts->workload < known->count ? known->name[e->facts->workload]
	    : slice_of(NULL, 0);
}

struct slice
share_of(struct request *request)
{
	const struct record *r = &request->record;
	int64_t seconds = r->began_wall > 0 ? r->began_wall / NANOS_PER_S : 0;
	struct share s = {
		.hour = rollup_begin(ROLLUP_HOUR, seconds),
		.name = {
			[ROLLUP_TENANT] = r->tenant, [ROLLUP_KEY] = r->caller,
			[ROLLUP_MODEL] = r->model, [ROLLUP_ZONE] = r->zone,
			[ROLLUP_LABEL] = r->level,
		},
	};
	int64_t *figure = s.figure;

	if (r->decision != NULL)
		s.name[ROLLUP_WORKLOAD] = workload_of(r->decision);
	share_judge(&s, r->err == ERR_OK, (uint64_t)r->status, r->attempt_count);
	figure[FIGURE_masked] = r->origin.len > 0 && share_count(r->masked) > 0;
	figure[FIGURE_estimated] = r->usage.estimated;
	figure[FIGURE_unpriced] = !r->cost_known && r->attempt_count > 0;
	figure[FIGURE_spend] = r->cost_known ? r->cost : 0;
	if (r->usage.known) {
		figure[FIGURE_input] = share_count(r->usage.input);
		figure[FIGURE_output] = share_count(r->usage.output);
		figure[FIGURE_cached] = share_count(r->usage.cached);
	}
	figure[FIGURE_duration_us] = share_count((uint64_t)(r->ended - r->began) / 1000);
	return share_pack(&request->arena, &s);
}
