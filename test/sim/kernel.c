/* SPDX-License-Identifier: Apache-2.0 */
#include "run/kernel.h"

#include <errno.h>

#include "sim/end.h"
#include "sim/file.h"
#include "sim/tap.h"
#include "sim/thing.h"

/*
 * kernel - the door to the operating system, played by the world that is here.
 *
 * Every call takes a little time, in which things may happen; every call and
 * its result is part of the history.
 */

#define CALL_TIME_MAX	(2 * NANOS_PER_US)
#define SLOW_MS_MAX	30

static struct world *
enter(void)
{
	struct world *w = world_here();

	w->calls++;
	world_pass(w, (nanos)dice_below(&w->dice, CALL_TIME_MAX));
	return w;
}

static int
leave(struct world *w, const char *call, int fd, ssize_t result)
{
	world_note(w, (uint64_t)(unsigned char)call[0] << 8 | (unsigned char)call[1], (uint64_t)fd,
	    (uint64_t)result);
	world_say(w, "%s(%d) = %zd", call, fd, result);
	return (int)result;
}

nanos
kernel_now(void)
{
	return world_here()->now;
}

nanos
kernel_wall(void)
{
	return world_here()->now + world_here()->wall;
}

void
kernel_random(void *out, size_t bytes)
{
	struct world *w = world_here();
	unsigned char *p = out;

	for (size_t i = 0; i < bytes; i++)
		p[i] = (unsigned char)dice_word(&w->entropy);
}

/* Every other history goes the portable way, whatever the machine can. */
bool
kernel_is_wide(void)
{
#if WIDE_IS_THERE
	return world_here()->seed % 2 == 0 && __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("bmi");
#else
	return false;
#endif
}

/* ---- poll sets and bells ---- */

int
kernel_poll_open(void)
{
	struct world *w = enter();

	return leave(
	    w, "poll", -1, thing_open(w, world_alloc(w, sizeof(struct thing)), THING_POLL));
}

int
kernel_poll_add(int poll, int fd, void *data)
{
	struct world *w = enter();
	struct thing *set = thing_of(w, poll, THING_POLL), *t;

	must(fd >= 0 && fd < w->thing_room && w->thing[fd] != NULL);
	t = w->thing[fd];
	must(t->poll == NULL && t->kind != THING_POLL && t->kind != THING_FILE);
	if (t->kind != THING_BELL && dice_permille(&w->dice, w->weather.watch_fails))
		return leave(w, "watch", fd, -ENOMEM);
	t->poll = set;
	t->data = data;
	if (thing_mask(t) != 0)
		thing_edge(t);
	return leave(w, "watch", fd, 0);
}

static int
harvest(struct thing *poll, struct kernel_event *out, int max)
{
	struct world *w = poll->world;
	int n = 0;

	if (dice_permille(&w->dice, w->weather.small_batches))
		max = (int)dice_between(&w->dice, 1, 3);
	while (n < max && poll->ready_head != NULL) {
		struct thing *t = poll->ready_head;
		unsigned mask;

		poll->ready_head = t->next_ready;
		if (poll->ready_head == NULL)
			poll->ready_tail = &poll->ready_head;
		t->queued = false;
		mask = thing_mask(t);
		if (mask == 0)
			continue;
		out[n++] = (struct kernel_event){ t->data, mask };
		if (t->kind == THING_END)
			tap_event(((struct end *)t)->tap, mask);
		world_note(w, 'E', (uint64_t)t->fd, mask);
		world_say(w, "event fd %d:%s%s%s", t->fd, mask & READY_READ ? " read" : "",
		    mask & READY_WRITE ? " write" : "", mask & READY_HANGUP ? " hangup" : "");
	}
	return n;
}

/* An edge that says nothing new: Linux gives such now and then. */
static void
stir(struct world *w)
{
	int fd = (int)dice_below(&w->dice, (uint64_t)w->thing_room);

	if (w->thing[fd] != NULL && w->thing[fd]->kind == THING_END)
		thing_edge(w->thing[fd]);
}

int
kernel_poll_wait(int poll, struct kernel_event *out, int max, nanos timeout)
{
	struct world *w = enter();
	struct thing *set = thing_of(w, poll, THING_POLL);
	nanos until = timeout > NANOS_NEVER - w->now ? NANOS_NEVER : w->now + timeout;
	int n;

	if (dice_permille(&w->dice, w->weather.slow_turns))
		world_pass(w, (nanos)dice_wide(&w->dice, 0, SLOW_MS_MAX) * NANOS_PER_MS);
	if (dice_permille(&w->dice, w->weather.spurious))
		stir(w);
	n = harvest(set, out, max);
	while (n == 0 && w->now < until && !w->heard) {
		nanos next = world_next(w);

		/* Who waits for ever where nothing will ever happen has lost a wake. */
		must(next != NANOS_NEVER || until != NANOS_NEVER);
		world_pass(w, (next < until ? next : until) - w->now);
		n = harvest(set, out, max);
	}
	w->heard = false;
	return n;
}

int
kernel_bell_open(void)
{
	struct world *w = enter();

	return leave(
	    w, "bell", -1, thing_open(w, world_alloc(w, sizeof(struct thing)), THING_BELL));
}

void
kernel_bell_ring(int fd)
{
	struct world *w = world_here();
	struct thing *t = thing_of(w, fd, THING_BELL);

	t->rung = true;
	thing_edge(t);
}

void
kernel_bell_hush(int fd)
{
	thing_of(world_here(), fd, THING_BELL)->rung = false;
}

/* ---- sockets ---- */

int
kernel_listen(const struct address *a, bool share_port)
{
	struct world *w = enter();
	struct listener *l = world_alloc(w, sizeof *l);
	int fd = thing_open(w, &l->thing, THING_LISTENER);

	(void)share_port;
	l->address = *a;
	if (l->address.port == 0)
		l->address.port = w->next_port++;
	l->tail = &l->head;
	return leave(w, "listen", fd, fd);
}

void
kernel_unlisten(int fd)
{
	struct world *w = enter();

	listener_stop((struct listener *)thing_of(w, fd, THING_LISTENER));
	leave(w, "unlisten", fd, 0);
}

int
kernel_local_address(int fd, struct address *out)
{
	struct world *w = world_here();

	must(fd >= 0 && fd < w->thing_room && w->thing[fd] != NULL);
	if (w->thing[fd]->kind == THING_END)
		*out = ((struct end *)w->thing[fd])->local;
	else
		*out = ((struct listener *)thing_of(w, fd, THING_LISTENER))->address;
	return 0;
}

int
kernel_accept(int fd, struct address *peer)
{
	static const int errors[] = { -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM };
	struct world *w = enter();
	struct listener *l = (struct listener *)thing_of(w, fd, THING_LISTENER);
	struct end *e;
	int s;

	if (l->head != NULL && dice_permille(&w->dice, w->weather.accept_fails)) {
		w->accepts_refused++;
		return leave(w, "accept", fd, errors[dice_below(&w->dice, 4)]);
	}
	if (w->open >= w->weather.descriptors_max)
		return leave(w, "accept", fd, -EMFILE);
	e = listener_take(l);
	if (e == NULL)
		return leave(w, "accept", fd, -EAGAIN);
	if (dice_permille(&w->dice, w->weather.accept_aborts)) {
		end_reset(e);
		return leave(w, "accept", fd, -ECONNABORTED);
	}
	s = thing_open(w, &e->thing, THING_END);
	*peer = e->remote;
	return leave(w, "accept", fd, s);
}

int
kernel_connect(const struct address *a)
{
	static const int errors[] = { -EMFILE, -ENOBUFS, -ENETUNREACH, -EADDRNOTAVAIL };
	struct world *w = enter();
	struct end *e;
	int fd;

	if (dice_permille(&w->dice, w->weather.connect_fails))
		return leave(w, "connect", -1, errors[dice_below(&w->dice, 4)]);
	e = world_alloc(w, sizeof *e);
	fd = thing_open(w, &e->thing, THING_END);
	if (fd >= 0)
		end_connect(e, a);
	return leave(w, "connect", fd, fd);
}

int
kernel_connect_result(int fd)
{
	struct world *w = enter();
	struct end *e = (struct end *)thing_of(w, fd, THING_END);
	int error = e->error;

	e->error = 0;
	return leave(w, "result", fd, e->connecting ? -EINPROGRESS : -error);
}

/*
 * What has arrived counts as acknowledged at once: the less often it is unacknowledged, the
 * stricter.
 */
ssize_t
kernel_unacked(int fd)
{
	struct world *w = enter();
	struct end *e = (struct end *)thing_of(w, fd, THING_END);
	ssize_t n = e->peer == NULL ? 0 : (ssize_t)(e->peer->in.sent - e->peer->in.arrived);

	return leave(w, "unacked", fd, n);
}

ssize_t
kernel_read(int fd, void *out, size_t bytes)
{
	struct world *w = enter();
	ssize_t n = end_read((struct end *)thing_of(w, fd, THING_END), out, bytes);

	if (n > 0)
		world_note_bytes(w, out, (size_t)n);
	leave(w, "read", fd, n);
	return n;
}

ssize_t
kernel_write(int fd, const struct iovec *piece, int count)
{
	struct world *w = enter();
	struct end *e = (struct end *)thing_of(w, fd, THING_END);
	ssize_t n;

	/* Only the gateway's writes are tapped, and only they are refused. */
	if (w->fail_write_at > 0 && e->tap != NULL && --w->fail_write_at == 0)
		return leave(w, "write", fd, -ENOBUFS);
	n = end_write(e, piece, count);
	leave(w, "write", fd, n);
	return n;
}

void
kernel_shutdown(int fd)
{
	struct world *w = enter();

	end_shutdown((struct end *)thing_of(w, fd, THING_END));
	leave(w, "shutdown", fd, 0);
}

void
kernel_close(int fd)
{
	struct world *w = enter();
	struct thing *t;

	must(fd >= 0 && fd < w->thing_room && w->thing[fd] != NULL);
	t = w->thing[fd];
	leave(w, "close", fd, 0);
	if (t->kind == THING_LISTENER) {
		listener_close((struct listener *)t);
		return;
	}
	if (t->kind == THING_END)
		end_close((struct end *)t);
	thing_close(t);
}

void
kernel_reset_on_close(int fd)
{
	((struct end *)thing_of(world_here(), fd, THING_END))->rude = true;
}

/* ---- names and files ---- */

int
kernel_resolve(const char *host, uint16_t port, struct address *out, int max)
{
	struct world *w = enter();

	return leave(w, "resolve", 0, name_resolve(w, host, port, out, max));
}

/*
 * What lies in a folder is on the disk, which may lose it; a file without one is the log, whose
 * troubles are the weather's.
 */
static bool
is_in_folder(const char *path)
{
	return strchr(path, '/') != NULL;
}

int
kernel_file_append(const char *path)
{
	struct world *w = enter();
	struct thing *t = world_alloc(w, sizeof *t);
	int fd = thing_open(w, t, THING_FILE);

	if (is_in_folder(path))
		t->on = disk_make(&w->disk, path);
	else
		t->file = file_of(w, path);
	return leave(w, "append", fd, fd);
}

ssize_t
kernel_file_write(int fd, struct slice bytes)
{
	struct world *w = enter();
	struct thing *t = thing_of(w, fd, THING_FILE);
	ssize_t n;

	if (t->on == NULL)
		n = file_append(w, t->file, bytes);
	else
		n = disk_write(&w->disk, t->on, t->on->len, bytes.ptr, bytes.len);
	if (t->on != NULL && n == 0)
		n = (ssize_t)bytes.len;
	leave(w, "log", fd, n);
	return n;
}

int
kernel_file_sync(int fd)
{
	struct world *w = enter();
	struct thing *t = thing_of(w, fd, THING_FILE);
	int error;

	if (t->on != NULL)
		error = disk_sync(&w->disk, t->on);
	else
		error = file_sync(w, t->file) ? 0 : -EIO;
	return leave(w, "sync", fd, error);
}

ssize_t
kernel_file_read(const char *path, char *out, size_t bytes)
{
	struct disk *d = &world_here()->disk;
	struct disk_file *f = disk_find(d, path);

	if (f == NULL)
		return -ENOENT;
	return f->len > bytes ? -EFBIG : disk_read(d, f, 0, out, f->len);
}

int
kernel_file_reserve(int fd, size_t bytes)
{
	struct thing *t = thing_of(world_here(), fd, THING_FILE);

	return t->on == NULL ? 0 : disk_reserve(&t->world->disk, t->on, bytes);
}

int
kernel_file_cut(int fd, size_t bytes)
{
	struct thing *t = thing_of(world_here(), fd, THING_FILE);

	if (t->on != NULL)
		return disk_cut(&t->world->disk, t->on, bytes);
	if (bytes < t->file->len)
		t->file->len = bytes;
	return 0;
}

int
kernel_folder_make(const char *path)
{
	(void)path;
	return 0;
}

/* There is one process in a history. */
int
kernel_file_lock(const char *path)
{
	return kernel_file_append(path);
}

const char *
kernel_vfs(void)
{
	return world_here()->vfs;
}
