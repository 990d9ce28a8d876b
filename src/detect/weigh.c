/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/weigh.h"

void
weigh_add(struct census *t, const struct rules *r, struct slice text, const struct findings *f)
{
	(void)text;
	for (uint32_t i = 0; i < f->count; i++)
		if (weigh_counts(r, &f->at[i]))
			t->count[f->at[i].type]++;
}

struct label
weigh_label(const struct census *t, const struct rules *r, const uint64_t *ignored)
{
	struct label label = LABEL_PUBLIC;

	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (t->count[i] > 0 && (ignored == NULL || !weigh_has(ignored, i)))
			label = label_join(label, r->type[i].label);
	return label;
}
