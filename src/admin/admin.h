/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

/*
 * admin - the port for operators: health, metrics, what goes on now.
 *
 * One server on the first worker's loop.  What belongs to other workers is
 * asked for on their loops, so a page shows each worker as it was between two
 * of its turns.  Nothing here touches a live request.
 */

#include "caller/trust.h"
#include "core/err.h"
#include "core/must.h"
#include "http/server.h"

struct book;
struct gate;
struct keyring;

/* One worker, as the pages see it. */
struct admin_worker {
	struct loop	*loop;
	struct gate	*gate;
};

struct admin {
	struct server			 server;
	struct memory_pool		*memory;
	const struct admin_worker	*worker;
	uint32_t			 worker_count;
	struct keyring			*keyring;	/* NULL: no data folder, no API */
	struct trust			*trust;
	struct ceilings			*ceilings;	/* NULL: as keyring */
	struct book			*book;		/* the same */
};

/*
 * The caller has set memory, worker, worker_count, keyring, trust, ceilings, book.  Takes the
 * descriptor.
 */
must_use enum err admin_open(struct admin *, struct loop *, struct tls_context *, int fd);
void admin_drain(struct admin *);
void admin_close(struct admin *);

#endif
