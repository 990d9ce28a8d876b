/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

#include "secret/code.h"
#include "detect/decode.h"
#include "detect/dictionary.h"
#include "secret/infra.h"
#include "detect/name.h"
#include "find/normal.h"
#include "secret/secret.h"
#include "shape/structure.h"
#include "term/term.h"

/* Base64 in base64: whatever is deeper is not looked for. */
#define DEPTH_MAX	2

/* Things in one run that are told apart; each needs some characters of it. */
#define RUN_TYPES_MAX	4

/* Every detector, in any order; a line for each. */
static void
look_once(const struct look *l, unsigned parts)
{
	if (parts & DETECT_STRUCTURE)
		structure_look(l);
	if (parts & DETECT_SECRETS) {
		secret_look(l);
		infra_look(l);
		code_look(l);
	}
	if (l->dictionary != NULL)
		dictionary_look(l->dictionary, l);
	if (parts & DETECT_TERMS)
		term_look(l);
	if (parts & DETECT_NAMES)
		name_look(l);
}

/*
 * What was found in a run stands for all of it, and where that is several things, they share it:
 * settling would leave only one of those that lie upon each other, and lose what the others mean.
 */
static void
add_run(struct findings *to, const struct decoded *run, const struct findings *found)
{
	uint32_t count = 0, bytes = run->end - run->start;
	struct finding kept[RUN_TYPES_MAX];

	for (uint32_t i = 0; i < found->count; i++) {
		const struct finding *one = &found->at[i];
		uint32_t at = 0;

		while (at < count && kept[at].type != one->type)
			at++;
		if (at == RUN_TYPES_MAX) {
			to->cut = true;
		} else if (at == count) {
			kept[count++] = *one;
		} else {
			kept[at].score = kept[at].score > one->score ? kept[at].score : one->score;
			kept[at].evidence |= one->evidence;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		kept[i].start = run->start + bytes / count * i;
		kept[i].end = i + 1 < count ? kept[i].start + bytes / count : run->end;
		kept[i].evidence |= EVIDENCE_DECODED;
		findings_add(to, kept[i]);
	}
}

/* Normalised, looked at, and what it hides looked at; settled, in offsets of l->text. */
static void
look_deep(const struct look *l, unsigned parts, unsigned depth)
{
	struct look inner = *l;
	struct normal normal;
	struct decode decode;
	struct decoded run;

	normal_make(l->arena, l->text, l->wide, &normal);
	inner.text = normal.text;
	look_once(&inner, parts);
	decode_init(&decode, l->arena, normal.text, l->wide);
	while (depth < DEPTH_MAX && decode_next(&decode, &run)) {
		struct findings found;

		findings_init(&found, l->arena);
		inner.text = run.text;
		inner.findings = &found;
		look_deep(&inner, parts, depth + 1);
		add_run(l->findings, &run, &found);
		l->findings->cut |= found.cut;
	}
	l->findings->cut |= normal.cut | decode.cut;
	findings_settle(l->findings, normal.text);
	for (uint32_t i = 0; i < l->findings->count; i++) {
		struct finding *f = &l->findings->at[i];

		if (normal_span(&normal, &f->start, &f->end))
			f->evidence |= EVIDENCE_DECODED;
	}
}

void
detect_look(const struct look *l, unsigned parts)
{
	look_deep(l, parts, 0);
}
