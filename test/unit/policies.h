/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_POLICIES_H
#define TEST_POLICIES_H

/*
 * policies - a policy to ask, for the tests of src/study/.
 */

#include "check.h"
#include "conf/load.h"
#include "run/heap.h"
#include "study/roster.h"

static const struct hash_key policies_key = { { 7, 11 } };

static const char policies_text[] =
    "regions: {eu: [de, ie], us: [us-east]}\n"
    "kinds:\n"
    "  phi: {level: regulated, requires: [baa], duties: [no_cache]}\n"
    "  eu_only: {level: confidential, regions: [eu]}\n"
    "zones:\n"
    "  laptop: {kind: edge, operator: self, regions: [de], clearance: {level: regulated, kinds: all}}\n"
    "  vpc: {kind: private_cloud, regions: [ie], holds: [dpa],\n"
    "        clearance: {level: confidential, kinds: [pii, eu_only]}}\n"
    "  public: {kind: public_api, regions: [us-east], clearance: {level: internal}}\n"
    "tools: {web_search: {clearance: {level: internal}}}\n"
    "models:\n"
    "  small: {vendor: simulated, zone: laptop, capability: basic, context: 1000}\n"
    "  middle: {vendor: simulated, zone: vpc, capability: mid, concurrency: 3, features: [chat, tools]}\n"
    "  large: {vendor: simulated, zone: public, capability: frontier}\n"
    "groups: {best: {models: [large, middle, small], prefer: latency}, tiny: [small]}\n"
    "auto: {prefer: latency}\n"
    "roles: {guest: {ceiling: internal}}\n"
    "workloads:\n"
    "  talk: {owner: a, match: {header: {x-app: talk}}, prefer: {latency: 2, quality: 1}}\n"
    "  work: {owner: b, label: {level: internal}, needs: {capability: mid, latency_ms: 500},\n"
    "         when_down: [degrade], when_refused: [degrade], reroute: true}\n"
    "default_workload: talk\n"
    "keys:\n"
    "  - {id: all, secret: env:ALL}\n"
    "  - {id: few, secret: env:FEW, models: [small, middle], workloads: [work]}\n"
    "  - {id: guest, secret: env:GUEST, role: guest}\n"
    "exceptions:\n"
    "  inc: {workload: work, to: public, level: confidential, until: \"2030-01-01\", approved_by: c,\n"
    "        why: w}\n";

__attribute__((unused)) static struct snapshot *
policies_load(const char *text)
{
	struct conf_options options = { .hash_key = &policies_key, .workers = 1, .detached = true };
	struct snapshot *s = NULL;
	struct report report;
	char room[4096];
	struct text said;

	report_init(&report, S("policy"));
	text_init(&said, room, sizeof room);
	if (conf_load(slice_of(text, strlen(text)), &options, &report, &s) != ERR_OK)
		for (uint32_t i = 0; i < report.count; i++)
			report_put(&report, i, &said);
	if (said.len > 0)
		check_show("messages", text_slice(&said));
	report_release(&report);
	check_or_stop(s != NULL, "the policy loads");
	return s;
}

#endif
