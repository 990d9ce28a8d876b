/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

/*
 * server - HTTP/1.1 for whoever connects to one listener of one loop.
 *
 * An idle connection is a struct of some 200 bytes and no fiber.  When bytes
 * come a fiber is started for them; it reads a head, calls `serve` with an
 * exchange, and goes on with the next request as long as one is already there,
 * so that pipelined requests are answered in order; then the connection is
 * idle again.  Where descriptors, connections or fibers run out, whoever has been
 * idle longest is closed, and whoever has been silent longest in the middle of a
 * request is refused, for who comes.  Framing errors, timeouts and too large heads
 * are answered here and close the connection.  serve() must answer or give up; what
 * it leaves unread of a body or unsaid of an answer closes the connection too.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/unit.h"
#include "http/exchange.h"
#include "run/memory.h"
#include "run/net.h"

struct client;

/* Connections in the order in which they came to it. */
struct client_queue {
	struct client	*head, *tail;
};

struct server_limits {
	nanos		header_wait;
	nanos		idle_wait;
	uint64_t	body_bytes_max;
	uint32_t	connections_max;
};

/* What an error that was found before `serve` could be called is answered with. */
typedef void server_refuse(struct exchange *, enum err);

struct server {
	struct loop		*loop;
	struct memory_pool	*memory;
	struct tls_context	*tls;		/* NULL: plain */
	void			(*serve)(struct exchange *);
	server_refuse		*refuse;	/* NULL: a plain text answer */
	void			*owner;		/* for serve */
	struct server_limits	 limits;

	struct sock		 listener;
	struct client_queue	 idle;
	struct client_queue	 hungry;	/* idle, with input, but there was no fiber */
	struct client_queue	 waiting;	/* with a fiber, for the client's bytes */
	struct client_queue	 serving;	/* with a fiber */
	struct timer		 sweep;
	struct timer		 again;		/* for the hungry, and who is not accepted yet */
	uint32_t		 connections;	/* open now */
	uint64_t		 accepted;
	uint64_t		 shed;		/* made room for others */
	bool			 draining;
	nanos			 date_second;	/* of the wall clock, for date */
	size_t			 date_bytes;
	char			 date[40];	/* "Date: …\r\n" */
	/* Where the head of an answer is built; volatile */
	char			 head_room[2048];
};

/*
 * Begins to serve what a listening descriptor accepts; the fields from loop to
 * limits are set by the caller.  Takes the descriptor.
 */
must_use enum err server_open(struct server *, int fd);

/* Accepts nothing more and closes idle connections; busy ones end with their answer. */
void server_drain(struct server *);

/* After the last connection ended: gives the server's timer back. */
void server_close(struct server *);

/* Cancels every fiber that serves a connection. */
void server_cancel(struct server *);

/* True when the last connection is closed. */
bool server_is_empty(const struct server *);

#endif
