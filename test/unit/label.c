/* SPDX-License-Identifier: Apache-2.0 */
#include "core/label.h"

#include "check.h"

static const struct {
	const char	*why;
	struct label	 content;	/* kinds, regions, requires, level */
	struct clearance place;		/* kinds, regions, holds, level */
	enum flow	 want;
} flows[] = {
	{ "public content anywhere", { 0, UINT64_MAX, 0, 0 }, { 0, 1, 0, 0 }, FLOW_MAY },
	{ "as sensitive as the place may see", { 0, 1, 0, 3 }, { 0, 1, 0, 3 }, FLOW_MAY },
	{ "more sensitive", { 0, 1, 0, 4 }, { 0, 1, 0, 3 }, FLOW_LEVEL },
	{ "a kind that is accepted", { 2, 1, 0, 0 }, { 6, 1, 0, 0 }, FLOW_MAY },
	{ "a kind that is not", { 3, 1, 0, 0 }, { 6, 1, 0, 0 }, FLOW_KIND },
	{ "a place within the regions", { 0, 6, 0, 0 }, { 0, 2, 0, 0 }, FLOW_MAY },
	{ "a place partly outside", { 0, 6, 0, 0 }, { 0, 3, 0, 0 }, FLOW_REGION },
	{ "a place that is nowhere", { 0, 6, 0, 0 }, { 0, 0, 0, 0 }, FLOW_REGION },
	{ "content that may be processed nowhere", { 0, 0, 0, 0 }, { 0, 1, 0, 0 }, FLOW_REGION },
	{ "what is required is held", { 0, 1, 5, 0 }, { 0, 1, 7, 0 }, FLOW_MAY },
	{ "what is required is not held", { 0, 1, 5, 0 }, { 0, 1, 3, 0 }, FLOW_REQUIRES },
	{ "the last bit counts", { 1ull << 63, 1, 0, 0 }, { ~(1ull << 63), 1, 0, 0 }, FLOW_KIND },
	{ "the last bit of a requirement counts", { 0, 1, 1ull << 63, 0 }, { 0, 1, ~(1ull << 63), 0 }, FLOW_REQUIRES },
	{ "the last region counts", { 0, 1, 0, 0 }, { 0, 1 | 1ull << 63, 0, 0 }, FLOW_REGION },
	{ "a place that could take more of everything", { 1, 3, 1, 1 }, { 7, 1, 7, 7 }, FLOW_MAY },
	{ "the level comes first", { 1, 0, 1, 1 }, { 0, 0, 0, 0 }, FLOW_LEVEL },
	{ "then the kind", { 1, 0, 1, 0 }, { 0, 0, 0, 0 }, FLOW_KIND },
	{ "then the region", { 0, 0, 1, 0 }, { 0, 0, 0, 0 }, FLOW_REGION },
};

static const struct {
	const char	*why;
	struct label	 a, b, want;	/* kinds, regions, requires, level */
} joins[] = {
	{ "all kinds, common regions, all requirements, the higher level", { 1, 6, 1, 2 }, { 2, 3, 4, 1 }, { 3, 2, 5, 2 } },
	{ "the higher level may be the second", { 1, 6, 1, 2 }, { 2, 3, 4, 3 }, { 3, 2, 5, 3 } },
	{ "equal levels", { 0, 1, 0, 2 }, { 0, 1, 0, 2 }, { 0, 1, 0, 2 } },
	{ "no region in common is nowhere", { 0, 1, 0, 0 }, { 0, 2, 0, 0 }, { 0, 0, 0, 0 } },
	{ "what both have is there once", { 3, 3, 3, 3 }, { 1, 1, 1, 1 }, { 3, 1, 3, 3 } },
	{ "public adds nothing", { 1, 6, 1, 2 }, { 0, UINT64_MAX, 0, 0 }, { 1, 6, 1, 2 } },
	{ "the last bits", { 1ull << 63, 1ull << 63, 0, 0 }, { 0, UINT64_MAX, 1ull << 63, 0 }, { 1ull << 63, 1ull << 63, 1ull << 63, 0 } },
};

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(flows); i++) {
		check_int(label_flow(flows[i].content, flows[i].place), flows[i].want, "%s",
		    flows[i].why);
		check(label_may_flow(flows[i].content, flows[i].place) ==
		    (flows[i].want == FLOW_MAY), "  and whether it may");
	}
	for (size_t i = 0; i < COUNT_OF(joins); i++) {
		struct label got = label_join(joins[i].a, joins[i].b), want = joins[i].want;

		check(got.kinds == want.kinds && got.regions == want.regions &&
		    got.requires == want.requires && got.level == want.level, "join: %s",
		    joins[i].why);
	}
	return check_done();
}
