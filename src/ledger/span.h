/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_SPAN_H
#define LEDGER_SPAN_H

/*
 * span - which entries a day, a time or a request's id means.
 *
 * An entry has no time of its own that is ordered: requests end in another order than
 * they begin.  Its place is: the heads around it say between which times the
 * ledger took it, to a second.  So times are looked up among heads, in a few steps.
 */

#include "store/entry.h"

/*
 * The number of the first entry that no head before that time speaks of.  ERR_IO,
 * ERR_STORE_BROKEN.
 */
must_use enum err span_at(struct store *, nanos wall, uint64_t *seq);

/*
 * The number of the entry that closed the request of that id, or else of one that opened it; a
 * number stands for itself.  *found is false if there is none.
 */
must_use enum err span_find(struct store *, struct slice id, uint64_t *seq, bool *found);

#endif
