/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/courier.h"

#define ANSWER_BYTES	65536	/* read so that its end is seen */

static enum err
send(struct lane *l, const struct origin *origin, const struct lane_note *note, nanos deadline)
{
	struct slice body;
	enum err e;

	if ((e = lane_open(l, origin, deadline)) != ERR_OK ||
	    (e = lane_publish(l, origin, note, deadline)) != ERR_OK ||
	    (e = lane_head(l, false, deadline)) != ERR_OK)
		return e;
	if (l->head.status < 200 || l->head.status > 299)
		return ERR_UPSTREAM_REJECTED;
	return lane_whole(l, ANSWER_BYTES, deadline, &body);
}

enum err
courier_bring(struct fiber *f, struct pool *pool, const struct endpoint *at,
    const struct lane_note *note, nanos deadline)
{
	const struct origin origin = {
		.id = at->pool_id,
		.url = &at->url,
		.tls = at->tls,
		.proxy = at->proxy.len > 0 ? &at->proxy_url : NULL,
		.allow = at->address_allow,
		.fresh = true,
	};
	struct lane lane;
	enum err e;

	lane_init(&lane, f, pool);
	e = send(&lane, &origin, note, deadline);
	lane_close(&lane, false);
	return e;
}
