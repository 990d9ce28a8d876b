/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/name.h"

#include "name/names.h"

static const uint16_t types[FOUND_COUNT] = {
	[FOUND_PERSON] = TYPE_person,
	[FOUND_PLACE] = TYPE_location,
	[FOUND_FIRM] = TYPE_organization,
	[FOUND_STREET] = TYPE_street_address,
	[FOUND_CODE] = TYPE_postcode,
	[FOUND_NATION] = TYPE_nationality,
	[FOUND_TITLE] = TYPE_title,
	[FOUND_SEX] = TYPE_sex,
	[FOUND_KIN] = TYPE_relative,
};

static uint8_t
evidence_of(unsigned how)
{
	static const struct {
		enum found_how		how;
		enum finding_evidence	evidence;
	} same[] = {
		{ FOUND_BY_TAGGER, EVIDENCE_NAME }, { FOUND_BY_LIST, EVIDENCE_LIST },
		{ FOUND_BY_LABEL, EVIDENCE_CONTEXT }, { FOUND_BY_SHAPE, EVIDENCE_SHAPE },
	};
	unsigned evidence = 0;

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		evidence |= (how & same[i].how) != 0 ? same[i].evidence : 0;
	return (uint8_t)evidence;
}

void
name_look(const struct look *l)
{
	struct founds founds;

	founds_init(&founds, l->arena);
	names_find(&founds, l->text, l->key);
	for (uint32_t i = 0; i < founds.count; i++) {
		const struct found *f = &founds.at[i];

		findings_add(l->findings, (struct finding){ f->start, f->end, types[f->what],
		    f->score, evidence_of(f->how) });
	}
	l->findings->cut |= founds.cut;
}
