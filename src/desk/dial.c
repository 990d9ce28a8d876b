/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/dial.h"

#include <stdlib.h>
#include <string.h>

#include "core/limit.h"
#include "http/errand.h"
#include "run/file.h"

#define PATH_BYTES	1024

static const char *
data_folder(const struct dial *call)
{
	const char *said = getenv("TRIVIUM_DATA");

	return call->data != NULL ? call->data : said != NULL && said[0] != '\0' ? said : "data";
}

/* The first line of a file, or of one in the data folder. */
static int
read_line(struct desk *d, const struct dial *call, const char *path, const char *name,
    struct slice *out)
{
	const char *last = path != NULL ? path : name;
	char room[PATH_BYTES];
	struct slice bytes;
	struct text t;

	text_init(&t, room, sizeof room - 1);
	if (path == NULL) {
		text_put(&t, slice_of(data_folder(call), strlen(data_folder(call))));
		text_put_char(&t, '/');
	}
	text_put(&t, slice_of(last, strlen(last)));
	room[t.len] = '\0';
	if (file_read(room, SECRET_BYTES_MAX, &bytes, desk_why(d)) != ERR_OK) {
		desk_complain(d, SAY(text_slice(&d->why), path != NULL ? S("") :
		    S("; say --data FOLDER, the data folder of a gateway that runs")));
		return DESK_UNREADABLE;
	}
	*out = arena_copy(&d->arena, slice_cut(bytes, 0, slice_find(bytes, S("\n"))));
	file_free(bytes);
	return DESK_OK;
}

struct slice
dial_member(struct desk *d, const struct json *j, uint32_t object, struct slice name)
{
	uint32_t at = json_member(j, object, name);

	if (at == 0)
		return S("-");
	return json_type(j, at) == JSON_STRING ? json_string(&d->arena, j, at) : json_raw(j, at);
}

static int
refused(struct desk *d, const struct errand *e)
{
	struct json_fault fault;
	struct json j;
	uint32_t error = 0;
	struct slice param;

	if (json_parse(&d->arena, e->answer, 0, &j, &fault) == ERR_OK)
		error = json_member(&j, 0, S("error"));
	if (error == 0) {
		desk_complain(d, SAY(S("what answers at "), e->url, S(" is no API of Trivium")));
		return DESK_DIFFERS;
	}
	param = dial_member(d, &j, error, S("param"));
	if (slice_eq(param, S("null")))
		desk_complain(d, SAY(dial_member(d, &j, error, S("message"))));
	else
		desk_complain(d, SAY(param, S(": "), dial_member(d, &j, error, S("message"))));
	return DESK_DIFFERS;
}

int
dial_gateway(struct desk *d, struct dial *call)
{
	struct errand e = { .method = call->method, .body = call->body };
	char path[PATH_BYTES];
	struct text t;
	int status;
	enum err err;

	if (call->url != NULL)
		e.url = slice_of(call->url, strlen(call->url));
	else if ((status = read_line(d, call, NULL, "admin.url", &e.url)) != DESK_OK)
		return status;
	if ((status = read_line(d, call, call->key_file, "admin.key", &e.bearer)) != DESK_OK)
		return status;
	text_init(&t, path, sizeof path);
	text_put(&t, S("/api/"));
	text_put(&t, call->path);
	if (text_overflowed(&t))
		return desk_usage(d, "that is too long");
	e.path = text_slice(&t);
	if ((err = errand_run(&e, &d->arena, desk_why(d))) != ERR_OK) {
		desk_complain(d, SAY(e.url, S(": "), text_slice(&d->why)));
		return err == ERR_CONF ? DESK_WRONG : DESK_UNREADABLE;
	}
	call->answer = e.answer;
	return e.status >= 300 ? refused(d, &e) : DESK_OK;
}
