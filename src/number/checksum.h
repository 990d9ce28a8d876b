/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NUMBER_CHECKSUM_H
#define NUMBER_CHECKSUM_H

/*
 * checksum - the check digit algorithms that many issuers share.
 *
 * Each looks at a whole number, check digits included, and says whether they
 * are right.  Those of ISO 7064, of Verhoeff and of Damm refuse every change of
 * one character and every swap of neighbours; Luhn's refuses every change of
 * one digit and every swap but that of 0 and 9.  The characters must be those
 * of the algorithm's alphabet; nothing else is looked at.
 */

#include "core/slice.h"

/* Luhn, ISO/IEC 7812-1, annex B: digits only. */
bool checksum_luhn(struct slice digits);

/* The sum of Luhn of the digits before a check digit that stands behind them. */
unsigned checksum_luhn_digit(struct slice digits);

/* Luhn where a letter is the two digits of its value, 10 to 35 (ISO 6166). */
bool checksum_luhn_spread(struct slice alnum);

/* Luhn in base 36 (GSTIN). */
bool checksum_luhn_36(struct slice alnum);

/* Verhoeff, Error Detecting Decimal Codes, 1969. */
bool checksum_verhoeff(struct slice digits);

/* Damm, Total anti-symmetrische Quasigruppen, 2004. */
bool checksum_damm(struct slice digits);

/*
 * ISO 7064, MOD 97-10: the number, in which letters are two digits, modulo 97.
 * It is right when that is 1.
 */
unsigned checksum_mod_97(struct slice alnum);

/* ISO 7064, hybrid systems: MOD 11,10 over digits and MOD 37,36 over letters and digits. */
bool checksum_mod_11_10(struct slice digits);
bool checksum_mod_37_36(struct slice alnum);

/* ISO 7064, pure systems: MOD 11-2 with X, and MOD 37-2 with * as the last check character. */
bool checksum_mod_11_2(struct slice digits);
bool checksum_mod_37_2(struct slice alnum);

/* GS1 General Specifications 7.9: weights 3 and 1 from the right, modulo 10. */
bool checksum_gs1(struct slice digits);

/* ICAO 9303 part 3, 4.9: weights 7, 3, 1; letters are 10 to 35, < is 0.  The digit it should be. */
unsigned checksum_icao(struct slice field);

#endif
