/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GATE_DUTY_H
#define GATE_DUTY_H

/*
 * duty - the obligations of a verdict, carried out.
 *
 * Before anything is sent, what the request asks for must not be against them;
 * what they need is put into the request; and the answer is held against them.
 */

#include <stdbool.h>

#include "core/err.h"
#include "core/must.h"
#include "core/slice.h"

struct model;
struct openai_edit;
struct request;

/* ERR_DUTY_REFUSED, with the field that is against a duty. */
must_use enum err duty_check(struct request *);

/* What duties and the workload's limits put into the request; in the work arena.  ERR_MEMORY. */
must_use enum err duty_edit(struct request *, const struct model *, struct openai_edit *);

/*
 * Is an answer (a JSON object, whole or the first chunk of a stream) of the
 * model's version?  ERR_UPSTREAM_VERSION where it must be and is not; flagged
 * in the request where the model is configured so.
 */
must_use enum err duty_check_answer(struct request *, const struct model *, struct slice json);

/* The same for a stream's first events, as they stand on the wire, in chunks or not. */
must_use enum err duty_check_events(struct request *, const struct model *, struct slice events);

#endif
