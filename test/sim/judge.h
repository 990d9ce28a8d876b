/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_JUDGE_H
#define SIM_JUDGE_H

/*
 * judge - what must be true of every history.
 *
 * Looks at the taps, the log and the gateway's counters after the end, and
 * complains of every rule that was broken.  doc/guide/simulation.md lists the
 * rules.
 */

#include "sim/evidence.h"

struct story;

/* While the gate is still there: its live counters. */
void judge_gate(struct story *);

/* When everything is closed: what the log's file refused is counted. */
void judge_log(struct story *);

/* When everything is closed, and the log has every line. */
void judge_story(struct story *);

/*
 * Its parts: answers and their records, calls and where they went, whether they
 * might, bytes and turns, sums.
 */
void judge_answers(struct evidence *);
void judge_calls(struct evidence *);
void judge_law(struct evidence *);
void judge_streams(struct evidence *);
void judge_facts(struct evidence *);
void judge_metrics(struct evidence *);
void judge_masks(struct evidence *);
void judge_book(struct evidence *);

/* What stands for each value of a request; empty: nothing does. */
struct masks {
	struct slice	token[LAW_VALUES];
	unsigned	count;
};

/* Is `sent` what was meant, with one token for each value that is masked?  What stands for what. */
bool masks_fit(const struct wish *, struct slice meant, struct slice sent, struct masks *out);

/* The same, of a call to any of the models that its record names. */
bool masks_find(struct evidence *, const struct call *, const struct account *,
    struct masks *out);

/*
 * What its conversation had come to before this request was understood, at least; false if
 * requests at the same time may have made it more.  And do two speak in the same one?
 */
bool talks_taint(const struct evidence *, const struct account *, struct law_label *out);
bool talks_same(const struct account *, const struct account *);
void judge_talks(struct evidence *);

/* Was its answer read on its way: something was masked, or somebody watched? */
bool masks_read(const struct evidence *, const struct account *);

#endif
