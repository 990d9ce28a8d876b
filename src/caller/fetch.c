/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/fetch.h"

#include <stdlib.h>

#include "core/limit.h"
#include "http/lane.h"
#include "run/job.h"

static void
fail(struct fetched *out, struct slice why)
{
	text_put(&out->why, why);
}

static struct slice
words_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static void
take(struct slice text, struct fetched *out)
{
	const char *why = "there is no memory for them";

	if (jwks_read(text, &out->set, &why) != ERR_OK)
		fail(out, words_of(why));
}

/* ---- from a file ---- */

struct reading {
	const char	*path;
	char		*room;
	ssize_t		 n;
};

static void
read_job(void *arg)
{
	struct reading *r = arg;

	r->n = kernel_file_read(r->path, r->room, JWKS_BYTES_MAX + 1);
}

static void
read_file(struct fiber *f, const struct issuer *issuer, struct fetched *out)
{
	struct reading r = { issuer->file.ptr, malloc(JWKS_BYTES_MAX + 1), 0 };

	if (r.room == NULL || job_run(f, read_job, &r) != ERR_OK)
		fail(out, S("there is no memory for them"));
	else if (r.n < 0)
		fail(out, words_of(strerror((int)-r.n)));
	else
		take(slice_of(r.room, (size_t)r.n), out);
	free(r.room);
}

/* ---- from a server ---- */

static void
fail_status(struct fetched *out, int status)
{
	fail(out, status >= 300 && status < 400 ? S("it redirects, which is not followed: status ")
	    : S("its server answered with status "));
	text_put_number(&out->why, (uint64_t)status);
}

static enum err
ask(struct lane *l, const struct origin *origin, nanos deadline, struct fetched *out)
{
	struct slice body;
	enum err e;

	if ((e = lane_open(l, origin, deadline)) != ERR_OK ||
	    (e = lane_get(l, origin, deadline)) != ERR_OK ||
	    (e = lane_head(l, false, deadline)) != ERR_OK)
		return e;
	if (l->head.status != 200 || l->head.field[HEADER_CONTENT_ENCODING].len > 0) {
		fail_status(out, l->head.status);
		return ERR_OK;
	}
	out->fresh_s = fetch_max_age(http1_field(&l->head, S("cache-control")));
	if ((e = lane_whole(l, JWKS_BYTES_MAX, deadline, &body)) != ERR_OK)
		return e;
	take(body, out);
	return ERR_OK;
}

static void
ask_server(struct fiber *f, struct pool *pool, const struct issuer *issuer, nanos deadline,
    struct fetched *out)
{
	const struct endpoint *at = &issuer->at;
	const struct origin origin = {
		.id = at->pool_id,
		.url = &at->url,
		.tls = at->tls,
		.proxy = at->proxy.len > 0 ? &at->proxy_url : NULL,
		.allow = at->address_allow,
		/* Seldom enough that a kept connection would mostly be a closed one. */
		.fresh = true,
	};
	struct lane lane;
	enum err e;

	lane_init(&lane, f, pool);
	e = ask(&lane, &origin, deadline, out);
	lane_close(&lane, false);
	if (e != ERR_OK)
		fail(out, err_info(e)->name);
}

void
fetch_keys(struct fiber *f, struct pool *pool, const struct issuer *issuer, nanos deadline,
    struct fetched *out)
{
	*out = (struct fetched){ .fresh_s = UINT32_MAX };
	text_init(&out->why, out->room, sizeof out->room);
	if (issuer->file.len > 0)
		read_file(f, issuer, out);
	else
		ask_server(f, pool, issuer, deadline, out);
}

uint32_t
fetch_max_age(struct slice field)
{
	struct slice prefix = S("max-age=");
	uint64_t seconds;

	while (field.len > 0) {
		size_t end = slice_find(field, S(","));
		struct slice word = slice_trim(slice_cut(field, 0, end));

		if (slice_same_word(word, S("no-store")) || slice_same_word(word, S("no-cache")))
			return 0;
		if (word.len > prefix.len &&
		    slice_same_word(slice_cut(word, 0, prefix.len), prefix) &&
		    slice_number(slice_cut(word, prefix.len, word.len), &seconds))
			return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX - 1;
		field = slice_cut(field, end < field.len ? end + 1 : end, field.len);
	}
	return UINT32_MAX;
}
