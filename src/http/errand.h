/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_ERRAND_H
#define HTTP_ERRAND_H

/*
 * errand - one request of a command to a running gateway, and its answer.
 *
 * For commands, which have no loop and nothing else to do: it blocks, with a time
 * limit for the whole.  Plain HTTP alone; a gateway's admin port is on loopback
 * unless somebody moved it, and who put it behind TLS has a client for that.
 */

#include "core/arena.h"
#include "core/err.h"
#include "core/must.h"
#include "core/text.h"

struct errand {
	struct slice	url;		/* http://host[:port][/path]: where the gateway is */
	struct slice	bearer;		/* the key; borrowed, and wiped nowhere */
	struct slice	method, path;	/* the path is put behind the URL's */
	struct slice	body;		/* JSON; or empty */
	int		status;		/* of the answer */
	struct slice	answer;		/* its body, in the arena */
};

/* ERR_CONF: the URL is no good; ERR_IO: nobody answered, or not as HTTP; with *why.  ERR_MEMORY. */
must_use enum err errand_run(struct errand *, struct arena *, struct text *why);

#endif
