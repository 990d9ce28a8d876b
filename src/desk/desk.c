/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/show.h"
#include "core/limit.h"
#include "run/file.h"
#include "run/heap.h"
#include "run/host.h"
#include "run/kernel.h"

/* More than the longest thing that is built at once; pages that are not used cost nothing. */
#define OUT_BYTES	((size_t)64 << 20)

static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return host_is_terminal(fileno(stdout)) && (no == NULL || no[0] == '\0') &&
	    terminal != NULL && strcmp(terminal, "dumb") != 0;
}

bool
desk_open(struct desk *d, const char *command)
{
	char *room = malloc(OUT_BYTES + CONF_MESSAGE_BYTES);

	*d = (struct desk){ .command = command, .colour = wants_colour() };
	text_init(&d->out, room, room == NULL ? 0 : OUT_BYTES);
	text_init(&d->why, room == NULL ? NULL : room + OUT_BYTES, CONF_MESSAGE_BYTES);
	arena_init(&d->arena, heap_memory(), CONF_ARENA_MAX);
	arena_init(&d->work, heap_memory(), CONF_ARENA_MAX);
	kernel_random(&d->hash_key, sizeof d->hash_key);
	if (room == NULL)
		desk_complain(d, SAY(S("there is not enough memory")));
	return room != NULL;
}

void
desk_close(struct desk *d)
{
	desk_flush(d);
	free(d->out.ptr);
	arena_release(&d->arena);
	arena_release(&d->work);
}

void
desk_flush(struct desk *d)
{
	must(!text_overflowed(&d->out));
	fwrite(d->out.ptr, 1, d->out.len, stdout);
	d->out.len = 0;
}

struct text *
desk_why(struct desk *d)
{
	d->why.len = 0;
	d->why.overflowed = false;
	return &d->why;
}

/* A line of text, with what a terminal would obey left out. */
static void
put_error(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		fputc((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f ? '?' : s.ptr[i], stderr);
}

void
desk_complain(const struct desk *d, const struct slice *words, size_t count)
{
	fprintf(stderr, "trivium %s: ", d->command);
	for (size_t i = 0; i < count; i++)
		put_error(words[i]);
	fputc('\n', stderr);
}

int
desk_usage(const struct desk *d, const char *why)
{
	if (why != NULL)
		fprintf(stderr, "trivium %s: %s\n", d->command, why);
	fprintf(stderr, "try: trivium %s --help\n", d->command);
	return DESK_WRONG;
}

static int
load(struct desk *d, struct slice yaml, bool lists, struct desk_policy *out)
{
	struct conf_options options = { .hash_key = &d->hash_key, .detached = true,
		.lists = lists };
	const char *path = out->path;
	struct report report;
	enum err e;

	report_init(&report, slice_of(path, strlen(path)));
	e = conf_load(yaml, &options, &report, &out->snapshot);
	if (e == ERR_CONF)
		show_report(&report, yaml);
	report_release(&report);
	if (e == ERR_OK)
		e = roster_build(&out->roster, &d->arena, out->snapshot);
	if (e == ERR_OK)
		return DESK_OK;
	if (e == ERR_MEMORY)
		desk_complain(d, SAY(S("there is not enough memory for this policy")));
	snapshot_unref(out->snapshot);
	return DESK_WRONG;
}

static int
load_file(struct desk *d, const char *path, bool lists, struct desk_policy *out)
{
	struct slice yaml;
	int status = desk_read(d, path, CONF_BYTES_MAX, &yaml);

	*out = (struct desk_policy){ .path = path };
	if (status != DESK_OK)
		return status;
	status = load(d, yaml, lists, out);
	file_free(yaml);
	return status;
}

int
desk_store(const struct desk *d, enum err e, const struct text *why)
{
	desk_complain(d, SAY(why->len > 0 ? text_slice(why) : err_info(e)->text));
	return e == ERR_STORE_BROKEN ? DESK_DIFFERS : DESK_UNREADABLE;
}

int
desk_load(struct desk *d, const char *path, struct desk_policy *out)
{
	return load_file(d, path, false, out);
}

int
desk_load_lists(struct desk *d, const char *path, struct desk_policy *out)
{
	return load_file(d, path, true, out);
}

void
desk_unload(struct desk_policy *p)
{
	snapshot_unref(p->snapshot);
	p->snapshot = NULL;
}

/* The hash comes from a record, and becomes a name of a file: digits and letters alone. */
static bool
is_hash(struct slice hash)
{
	for (size_t i = 0; i < hash.len; i++)
		if (memchr("0123456789abcdef", hash.ptr[i], 16) == NULL)
			return false;
	return hash.len == SNAPSHOT_HASH_BYTES;
}

int
desk_load_archived(struct desk *d, const char *folder, struct slice hash, struct desk_policy *out)
{
	size_t bytes = strlen(folder) + hash.len + 16;
	char *path = arena_bytes(&d->arena, bytes);
	struct text t;

	if (!is_hash(hash)) {
		desk_complain(d, SAY(S("the record's policy `"), hash, S("` is no hash")));
		return DESK_DATA;
	}
	if (path == NULL)
		return DESK_WRONG;
	text_init(&t, path, bytes - 1);
	text_put(&t, slice_of(folder, strlen(folder)));
	text_put_char(&t, '/');
	text_put(&t, hash);
	text_put(&t, S(".yaml"));
	path[t.len] = '\0';
	return desk_load(d, path, out);
}

int
desk_read(struct desk *d, const char *path, size_t bytes_max, struct slice *out)
{
	struct text *why = desk_why(d);

	if (file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, bytes_max, out, why) == ERR_OK)
		return DESK_OK;
	desk_complain(d, SAY(text_slice(why)));
	return DESK_UNREADABLE;
}

void
desk_complain_at(const struct desk *d, const char *path, struct slice text, uint32_t offset,
    struct slice why)
{
	uint32_t line = 1;

	for (size_t i = 0; i < offset && i < text.len; i++)
		line += text.ptr[i] == '\n';
	fprintf(stderr, "trivium %s: %s:%u: ", d->command, path, line);
	put_error(why);
	fputc('\n', stderr);
}

int64_t
desk_now(void)
{
	return kernel_wall() / NANOS_PER_S;
}
