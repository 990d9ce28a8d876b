/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_LOGIN_H
#define SECRET_LOGIN_H

/*
 * login - addresses that let one in.
 *
 * A URL may hold a name and a password before its host (RFC 3986, 3.2.1; that
 * it is deprecated has stopped nobody), and some are themselves all that one needs: a
 * webhook takes messages from whoever knows its address.
 */

#include "find/look.h"

/* At `at` stands ://. */
void login_at(const struct look *, size_t at);

#endif
