/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_SHARE_H
#define GATE_SHARE_H

/*
 * share - what a request's record adds to the rollups, given along with its entry.
 *
 * The same as what share_read() finds in the record's line, without reading one:
 * a member that is told of a record and counts is told here, in the same words.
 */

#include "ledger/share.h"

struct request;

/* Packed, in the request's arena; absent without memory, and the line is read instead. */
struct slice share_of(struct request *);

#endif
