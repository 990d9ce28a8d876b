/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_PROOF_H
#define CONF_PROOF_H

/*
 * proof - what policy/prove found, in words and as a request that one can send.
 *
 * conf_load() proves each invariant of a file; one that is broken is a mistake
 * at its line, so the file is refused and a running gateway keeps what it has.
 * `trivium prove` shows the same cases at length.  A request is one line for
 * a shell, with $KEY for the secret of the key that it names: it is accepted,
 * as it stands, by a gateway that runs the refused file.
 */

#include "conf/snapshot.h"
#include "core/text.h"
#include "policy/prove.h"

/* Room enough for either of these. */
#define PROOF_TEXT_BYTES	16384

/* "a request of workload `w` with key `k`, labelled regulated, phi, reaches model `m` in …". */
void proof_put_case(struct text *, const struct snapshot *, const struct prove_case *);

/* curl … */
void proof_put_request(struct text *, const struct snapshot *, const struct prove_case *);

/* The same in parts: its path, and its body. */
struct slice proof_path(const struct prove_case *);
void proof_put_body(struct text *, const struct snapshot *, const struct prove_case *);

/* The first key with that bound; NULL: the gateway is open. */
const struct key *proof_key(const struct snapshot *, const struct prove_case *);

/* True in a build that loads files whatever they break: for tests of the proof alone. */
bool proof_is_skipped(void);

#endif
