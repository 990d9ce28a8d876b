/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_DIAL_H
#define DESK_DIAL_H

/*
 * dial - a call of a command to the gateway that runs.
 *
 * Where it is and by whose key it is asked stand in its data folder (admin.url,
 * admin.key), which is --data, TRIVIUM_DATA or ./data; --url and --admin-key-file
 * say otherwise.  What the gateway refuses is told as it says it.
 */

#include "core/json.h"
#include "desk/desk.h"

struct dial {
	const char	*data, *url, *key_file;	/* as they were said; NULL: not */
	struct slice	 method, path, body;	/* the path from /api/ on */
	struct slice	 answer;		/* JSON */
};

/* A status; where it is not DESK_OK the complaint was made, and `answer` is what was refused. */
must_use int dial_gateway(struct desk *, struct dial *);

/* A member of an answer as a text, or "-". */
struct slice dial_member(struct desk *, const struct json *, uint32_t object, struct slice name);

#endif
