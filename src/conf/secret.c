/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/secret.h"

/*
 * secret - the bytes behind `env:NAME` and `file:PATH`.
 *
 * Messages name the variable or the file, and only if it looks like one: who
 * writes `env:sk-live-1234` has written the secret itself.
 */

#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"
#include "core/limit.h"
#include "run/host.h"
#include "run/kernel.h"

static bool
is_variable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= 'A' && c <= 'Z') || c == '_' || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return s.len > 0 && s.len <= NAME_BYTES_MAX;
}

static bool
is_path(struct slice s)
{
	return slice_starts(s, S("/")) || slice_starts(s, S("./")) || slice_starts(s, S("../")) ||
	    slice_starts(s, S("~"));
}

/* The secret goes into a header field's value: visible ASCII is all that may stand there. */
static bool
is_sendable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7f)
			return false;
	return s.len > 0 && s.len <= SECRET_BYTES_MAX;
}

static struct slice
secret_take(struct draft *d, const struct node *node, struct slice bytes)
{
	if (is_sendable(bytes))
		return arena_copy(d->arena, bytes);
	report_error(d->report, node, SAY(S("the secret behind `"), node->text,
	    bytes.len == 0 ? S("` is empty")
	    : bytes.len > SECRET_BYTES_MAX ? S("` is longer than 8192 bytes")
	    : S("` has a space, a line break or another character that no header can carry")));
	return slice_of(NULL, 0);
}

static struct slice
secret_from_environment(struct draft *d, const struct node *node, struct slice name)
{
	char room[NAME_BYTES_MAX + 1];
	const char *value;

	if (!is_variable(name)) {
		report_hide(d->report, node->line, node->end_line);
		report_error(d->report, node, SAY(S("what follows env: is not the name of a "
		    "variable (capitals, digits and _); the secret itself does not belong here")));
		return slice_of(NULL, 0);
	}
	memcpy(room, name.ptr, name.len);
	room[name.len] = '\0';
	value = getenv(room);
	if (value != NULL)
		return secret_take(d, node, slice_of(value, strlen(value)));
	report_error(d->report, node, SAY(S("the environment variable `"), name,
	    S("` is not set")));
	return slice_of(NULL, 0);
}

static void
report_unreadable(struct draft *d, const struct node *node, struct slice path, int error)
{
	const char *why = strerror(error);

	if (is_path(path)) {
		report_error(d->report, node, SAY(S("the file `"), path, S("` cannot be read: "),
		    slice_of(why, strlen(why))));
		return;
	}
	report_hide(d->report, node->line, node->end_line);
	report_error(d->report, node, SAY(S("the file that is named here cannot be read: "),
	    slice_of(why, strlen(why))));
}

static struct slice
secret_from_file(struct draft *d, const struct node *node, struct slice path)
{
	char *name = arena_bytes(&d->scratch, path.len + 1);
	char *room = arena_bytes(&d->scratch, SECRET_BYTES_MAX + 3);
	struct slice bytes;
	ssize_t n;
	int shared;

	if (name == NULL || room == NULL)
		return slice_of(NULL, 0);
	memcpy(name, path.ptr, path.len);
	name[path.len] = '\0';
	shared = host_file_is_shared(name);
	n = shared < 0 ? shared : kernel_file_read(name, room, SECRET_BYTES_MAX + 3);
	if (n < 0) {
		report_unreadable(d, node, path, (int)-n);
		return slice_of(NULL, 0);
	}
	if (shared > 0)
		report_warning(d->report, node, SAY(S("`"), is_path(path) ? path : S("this file"),
		    S("` can be read by others than its owner; chmod 600 it")));
	bytes = slice_of(room, (size_t)n);
	while (bytes.len > 0 && (bytes.ptr[bytes.len - 1] == '\n' ||
	    bytes.ptr[bytes.len - 1] == '\r'))
		bytes.len--;
	return secret_take(d, node, bytes);
}

struct slice
draft_secret(struct draft *d, const struct node *node)
{
	if (node == NULL)
		return slice_of(NULL, 0);
	return d->options->detached ? arena_copy(d->arena, node->text)
	    : draft_secret_read(d, node);
}

struct slice
draft_secret_read(struct draft *d, const struct node *node)
{
	if (slice_starts(node->text, S("env:")))
		return secret_from_environment(d, node, slice_cut(node->text, 4, node->text.len));
	return secret_from_file(d, node, slice_cut(node->text, 5, node->text.len));
}

struct slice
secret_reveal(const struct secret *secret)
{
	return secret->hidden;
}
