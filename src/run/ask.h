/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_ASK_H
#define RUN_ASK_H

/*
 * ask - a function that runs on another loop while its asker waits.
 *
 * What belongs to a loop is touched on that loop only; whoever wants to know
 * something of it sends a question there.  The asker cannot be cancelled while
 * the question is out, because the answer is written into its memory.
 */

#include "core/must.h"
#include "run/loop.h"

struct fiber;

/* Runs work(arg) on `there`'s thread, between two turns of fibers.  May suspend. */
void ask_loop(struct fiber *, struct loop *there, void (*work)(void *arg), void *arg);

#endif
