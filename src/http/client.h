/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

/*
 * client - a connection to a server, as server.c and exchange.c share it.
 *
 * The input buffer exists only while a fiber serves the connection.  Bytes
 * [from, to) of it were received and not yet used; those before `from` belong
 * to the request that is being served.
 */

#include "http/server.h"

struct client {
	struct sock		 sock;		/* must be first */
	struct server		*server;
	struct client_queue	*queue;		/* the server's, that it is in */
	struct client		*newer, *older;	/* in that */
	struct fiber		*fiber;		/* while waiting or serving, once it runs */
	bool			 shed;		/* refused for want of room */
	char			*in;
	size_t			 in_bytes;
	size_t			 from, to;
	nanos			 since;		/* idle since; or when this request began */
	struct address		 peer;
	uint8_t			 name_bytes;
	char			 name[46];	/* the peer's address as text, for every record */
};

/*
 * Gives the input buffer back, wiped: heads have keys in them, and nobody knows who has the memory
 * next, or a picture of it.
 */
static inline void
client_give_input(struct client *c)
{
	if (c->in == NULL)
		return;
	explicit_bzero(c->in, c->to);
	memory_give(c->server->memory, c->in, c->in_bytes);
	c->in = NULL;
}

/*
 * Reads as sock_read() does; meanwhile it may have to make room for others.
 * ERR_CLIENT_GONE, ERR_REQUEST_TIMEOUT, ERR_OVERLOADED.  May suspend.
 */
must_use enum err client_read(struct client *, struct iovec room, nanos deadline, size_t *got);

/*
 * Reads more input behind `to`; makes room where it must.  ERR_CLIENT_GONE,
 * ERR_REQUEST_TIMEOUT, ERR_OVERLOADED, ERR_MEMORY.  May suspend.
 */
must_use enum err client_fill(struct client *, nanos deadline);

/*
 * Writes volatile pieces; what does not fit at once is copied first.  ERR_CLIENT_GONE.  May
 * suspend.
 */
must_use enum err client_write(struct client *, struct iovec *, int count);

#endif
