/* SPDX-License-Identifier: Apache-2.0 */
#include "core/label.h"

struct label
label_join(struct label a, struct label b)
{
	return (struct label){
		.kinds = a.kinds | b.kinds,
		.regions = a.regions & b.regions,
		.requires = a.requires | b.requires,
		.level = a.level > b.level ? a.level : b.level,
	};
}

enum flow
label_flow(struct label content, struct clearance place)
{
	if (content.level > place.level)
		return FLOW_LEVEL;
	if (!label_within(content.kinds, place.kinds))
		return FLOW_KIND;
	if (place.regions == 0 || !label_within(place.regions, content.regions))
		return FLOW_REGION;
	if (!label_within(content.requires, place.holds))
		return FLOW_REQUIRES;
	return FLOW_MAY;
}

bool
label_may_flow(struct label content, struct clearance place)
{
	return label_flow(content, place) == FLOW_MAY;
}
