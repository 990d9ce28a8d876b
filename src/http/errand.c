/* SPDX-License-Identifier: Apache-2.0 */
#include "http/errand.h"

#include <errno.h>
#include <stdlib.h>

#include "core/limit.h"
#include "run/kernel.h"
#include "wire/url.h"

#define WAIT		(30 * NANOS_PER_S)
#define ADDRESSES	4
#define HEAD_ROOM	4096
#define ANSWER_ROOM	(4 << 20)

struct trip {
	int		 poll, fd;
	nanos		 until;
	struct text	*why;
};

static enum err
complain(struct text *why, enum err e, struct slice what)
{
	text_put(why, what);
	return e;
}

/* False when the time is over, or waiting itself fails. */
static bool
wait_event(const struct trip *t)
{
	nanos left = t->until - kernel_now();
	struct kernel_event event;

	return left > 0 && kernel_poll_wait(t->poll, &event, 1, left) > 0;
}

static bool
connect_to(struct trip *t, const struct address *address)
{
	t->fd = kernel_connect(address);
	if (t->fd < 0)
		return false;
	if (kernel_poll_add(t->poll, t->fd, t) >= 0 && wait_event(t) &&
	    kernel_connect_result(t->fd) >= 0)
		return true;
	kernel_close(t->fd);
	t->fd = -1;
	return false;
}

static enum err
open_trip(struct trip *t, const struct url *url)
{
	char host[HOST_BYTES_MAX + 1];
	struct address address[ADDRESSES];
	int count;

	if (url->host.len >= sizeof host)
		return complain(t->why, ERR_CONF, S("the URL's host is too long"));
	memcpy(host, url->host.ptr, url->host.len);
	host[url->host.len] = '\0';
	count = kernel_resolve(host, url->port, address, ADDRESSES);
	for (int i = 0; i < count; i++)
		if (connect_to(t, &address[i]))
			return ERR_OK;
	return complain(t->why, ERR_IO, S("no gateway answers there"));
}

static enum err
send_all(struct trip *t, struct iovec *piece, int count)
{
	while (count > 0) {
		ssize_t n = kernel_write(t->fd, piece, count);

		if (n == -EAGAIN && wait_event(t))
			continue;
		if (n < 0)
			return complain(t->why, ERR_IO, S("the connection broke"));
		for (; count > 0 && (size_t)n >= piece->iov_len; piece++, count--)
			n -= (ssize_t)piece->iov_len;
		if (count > 0) {
			piece->iov_base = (char *)piece->iov_base + n;
			piece->iov_len -= (size_t)n;
		}
	}
	return ERR_OK;
}

/* Until the other side ends: it was told to close. */
static enum err
read_all(struct trip *t, char *room, size_t *len)
{
	*len = 0;
	while (*len < ANSWER_ROOM) {
		ssize_t n = kernel_read(t->fd, room + *len, ANSWER_ROOM - *len);

		if (n == 0)
			return ERR_OK;
		if (n == -EAGAIN && wait_event(t))
			continue;
		if (n < 0)
			return complain(t->why, ERR_IO, S("the answer did not come whole"));
		*len += (size_t)n;
	}
	return complain(t->why, ERR_IO, S("the answer is too large"));
}

static enum err
take_answer(struct errand *e, struct slice all, struct text *why)
{
	size_t end = slice_find(all, S("\r\n\r\n"));
	uint64_t status;

	if (end == all.len || all.len < 12 || !slice_starts(all, S("HTTP/1.")) ||
	    !slice_number(slice_cut(all, 9, 12), &status))
		return complain(why, ERR_IO, S("what answers there is no gateway"));
	e->status = (int)status;
	e->answer = slice_cut(all, end + 4, all.len);
	return ERR_OK;
}

static struct iovec
piece_of(struct slice s)
{
	return (struct iovec){ (char *)(uintptr_t)s.ptr, s.len };
}

static enum err
converse(struct trip *t, struct errand *e, const struct url *url, struct arena *arena)
{
	char *room = arena_bytes(arena, ANSWER_ROOM), *head = arena_bytes(arena, HEAD_ROOM);
	struct text h;
	size_t len;
	enum err err;

	if (room == NULL || head == NULL)
		return ERR_MEMORY;
	text_init(&h, head, HEAD_ROOM);
	text_put(&h, e->method);
	text_put_char(&h, ' ');
	text_put(&h, url->path);
	text_put(&h, e->path);
	text_put(&h, S(" HTTP/1.1\r\nHost: "));
	text_put(&h, url->authority);
	text_put(&h, S("\r\nConnection: close\r\nContent-Type: application/json\r\n"
	    "Content-Length: "));
	text_put_number(&h, e->body.len);
	text_put(&h, S("\r\nAuthorization: Bearer "));
	text_put(&h, e->bearer);
	text_put(&h, S("\r\n\r\n"));
	if (text_overflowed(&h))
		return complain(t->why, ERR_CONF, S("URL and key are too long together"));
	struct iovec piece[] = { piece_of(text_slice(&h)), piece_of(e->body) };

	err = send_all(t, piece, e->body.len > 0 ? 2 : 1);
	explicit_bzero(head, HEAD_ROOM);
	if (err == ERR_OK)
		err = read_all(t, room, &len);
	return err == ERR_OK ? take_answer(e, slice_of(room, len), t->why) : err;
}

enum err
errand_run(struct errand *e, struct arena *arena, struct text *why)
{
	struct trip trip = { .fd = -1, .until = kernel_now() + WAIT, .why = why };
	const char *wrong = "";
	struct url url;
	enum err err;

	if (!url_read(e->url, &url, &wrong))
		return complain(why, ERR_CONF, slice_of(wrong, strnlen(wrong, 128)));
	if (url.tls)
		return complain(why, ERR_CONF, S("this command speaks plain http to the admin "
		    "port; where that has TLS, use curl with the API of doc/guide/keys.md"));
	if ((trip.poll = kernel_poll_open()) < 0)
		return complain(why, ERR_IO, S("there are no descriptors left"));
	err = open_trip(&trip, &url);
	if (err == ERR_OK)
		err = converse(&trip, e, &url, arena);
	if (trip.fd >= 0)
		kernel_close(trip.fd);
	kernel_close(trip.poll);
	return err;
}
