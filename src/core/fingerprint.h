/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_FINGERPRINT_H
#define CORE_FINGERPRINT_H

/*
 * fingerprint - 64 bits by which bytes are known again, within one process.
 *
 * A keyed hash of multiplications whose halves are folded, four lanes wide, as
 * the fast hashes of hash tables are built; not a cryptographic one: it finds
 * mistakes of the program, not forgers, and its key never leaves the process.
 * Pieces are taken one after another; the same bytes in other pieces have
 * another fingerprint.  Costs about 60 ns for 1.5 KB.
 */

#include "core/slice.h"

struct fingerprint {
	uint64_t	state;
};

void fingerprint_init(struct fingerprint *, uint64_t key);
void fingerprint_add(struct fingerprint *, struct slice piece);

#endif
