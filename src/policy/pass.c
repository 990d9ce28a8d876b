/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pass.h"

#include "policy/verdict.h"

static uint64_t
seal_of(const struct pass *p, const struct fingerprint_key *key)
{
	uint64_t words[] = {
		p->origin, p->fingerprint, p->label.kinds, p->label.regions, p->label.requires,
		p->label.level, p->model,
	};
	struct fingerprint f;

	fingerprint_init(&f, key, false);
	fingerprint_add(&f, slice_of((const char *)words, sizeof words));
	return f.state;
}

enum reason
pass_mint(const struct policy *policy, const struct facts *facts, const struct sealed *s,
    struct pass *out)
{
	enum reason reason = verdict_forbids(policy, facts, s->model);

	if (reason != REASON_NONE)
		return reason;
	*out = (struct pass){
		.origin = s->origin,
		.fingerprint = s->fingerprint,
		.label = s->label,
		.model = s->model,
	};
	out->seal = seal_of(out, s->key);
	return REASON_NONE;
}

bool
pass_admits(const struct pass *p, const struct fingerprint_key *key, uint64_t origin,
    uint64_t fingerprint)
{
	return p->seal == seal_of(p, key) && p->origin == origin && p->fingerprint == fingerprint;
}
