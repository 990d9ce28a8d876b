/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_ASSIGN_H
#define SECRET_ASSIGN_H

/*
 * assign - a name, and the value that it is given.
 *
 * `password = "..."` is written in as many ways as there are languages: with =,
 * :, =>, :=, between the tags of XML, as an option of a command, in a URL.  Each
 * of these functions is called where such a sign stands, reads the name before
 * it and, only if the name is one of a secret (guess/hint.h), the value behind
 * it, and adds a finding if the value could be a secret (guess/value.h).  None
 * of them reads further than a bounded number of bytes.
 */

#include "find/look.h"

/* At `at` stands =, : or >. */
void assign_at(const struct look *, size_t at);

/* At `at` begins an option of a command: --token VALUE, -u NAME:PASSWORD, -p PASSWORD. */
void assign_option(const struct look *, size_t at);

/* At `at` begins the word password, or its like in another language: the password is ... */
void assign_said(const struct look *, size_t at);

/* The whole text is the value of look->key. */
void assign_whole(const struct look *);

#endif
