/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_ACCOUNT_H
#define SHAPE_ACCOUNT_H

/*
 * account - where money lies: cards, bank accounts, wallets.
 *
 * Each function looks at what begins at `start`, a letter or digit behind
 * something else; adds it and returns its end; 0 if nothing is there.
 */

#include "shape/eye.h"

/* A payment card (ISO/IEC 7812), in groups or not, and a whole track of its stripe (7813). */
uint32_t account_card(struct eye *, uint32_t start);

/* An IBAN (ISO 13616), in groups or not. */
uint32_t account_iban(struct eye *, uint32_t start);

/* A business identifier code (ISO 9362): all letters, so only where a word says so. */
uint32_t account_bic(struct eye *, uint32_t start);

/* An address of Bitcoin or Ethereum in [start, end). */
uint32_t account_wallet(struct eye *, uint32_t start, uint32_t end);

#endif
