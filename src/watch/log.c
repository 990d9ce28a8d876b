/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/log.h"

#include <stdlib.h>

#include "core/limit.h"
#include "run/fiber.h"
#include "run/job.h"

#define BUFFER_BYTES	(2 * (size_t)LOG_BATCH_BYTES)

static void fire(struct timer *, nanos);

enum err
log_open(struct log *l, struct loop *loop, int fd, bool owns)
{
	*l = (struct log){ .loop = loop, .fd = fd, .owns_fd = owns, .timer = { .fire = fire } };
	char *first = malloc(BUFFER_BYTES), *second = malloc(BUFFER_BYTES);

	if (first == NULL || second == NULL) {
		free(first);
		free(second);
		return ERR_MEMORY;
	}
	text_init(&l->filling, first, BUFFER_BYTES);
	text_init(&l->writing, second, BUFFER_BYTES);
	return ERR_OK;
}

/* Writes a buffer whole; false where the file took no more. */
static bool
write_all(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = kernel_file_write(fd, bytes);

		if (n <= 0)
			return false;
		bytes = slice_cut(bytes, (size_t)n, bytes.len);
	}
	return true;
}

static void
write_job(void *arg)
{
	struct log *l = arg;

	if (l->fd >= 0 && !write_all(l->fd, text_slice(&l->writing)))
		l->failed++;
}

/* Lines that wait go to the new one. */
static void
adopt_next(struct log *l)
{
	if (!l->switching || l->durable > 0)
		return;
	if (l->owns_fd)
		kernel_close(l->fd);
	l->fd = l->next_fd;
	l->owns_fd = l->next_owns;
	l->switching = false;
}

static void
write_main(struct fiber *f, void *arg)
{
	struct log *l = arg;

	if (job_run(f, write_job, l) != ERR_OK)
		write_job(l);
	text_init(&l->writing, l->writing.ptr, BUFFER_BYTES);
	l->busy = false;
	adopt_next(l);
	if (l->filling.len > 0 &&
	    timer_set(&l->loop->timers, &l->timer,
	    l->loop->now + LOG_BATCH_MS * NANOS_PER_MS) != ERR_OK)
		l->failed++;
}

static void
start_write(struct log *l)
{
	struct text full = l->filling;

	if (l->busy || full.len == 0)
		return;
	l->filling = l->writing;
	l->writing = full;
	l->busy = true;
	timer_clear(&l->loop->timers, &l->timer);
	if (fiber_start(l->loop, "log", write_main, l) == ERR_OK)
		return;
	/* Not one fiber is left: it is written here and now. */
	write_job(l);
	text_init(&l->writing, l->writing.ptr, BUFFER_BYTES);
	l->busy = false;
}

static void
fire(struct timer *t, nanos now)
{
	(void)now;
	start_write((struct log *)((char *)t - offsetof(struct log, timer)));
}

struct text *
log_room(struct log *l, size_t bytes)
{
	if (l->fd < 0)
		return NULL;
	if (l->filling.cap - l->filling.len < bytes) {
		start_write(l);
		if (l->filling.cap - l->filling.len < bytes) {
			l->dropped++;
			return NULL;
		}
	}
	return &l->filling;
}

void
log_line(struct log *l)
{
	must(!text_overflowed(&l->filling));
	l->lines++;
	if (l->busy)
		return;
	if (l->filling.len >= LOG_BATCH_BYTES)
		start_write(l);
	else if (l->timer.place == 0 && timer_set(&l->loop->timers, &l->timer,
	    l->loop->now + LOG_BATCH_MS * NANOS_PER_MS) != ERR_OK)
		start_write(l);
}

struct durable {
	int		 fd;
	struct slice	 line;
	bool		 good;
};

static void
durable_job(void *arg)
{
	struct durable *d = arg;

	d->good = write_all(d->fd, d->line) && kernel_file_sync(d->fd) == 0;
}

enum err
log_durable(struct log *l, struct fiber *f, struct slice line)
{
	struct durable d = { .fd = l->fd, .line = line };

	if (l->fd < 0)
		return ERR_RECORD_FAILED;
	l->durable++;
	if (job_run(f, durable_job, &d) != ERR_OK)
		d.good = false;
	l->durable--;
	if (!l->busy)
		adopt_next(l);
	if (d.good)
		l->lines++;
	else
		l->failed++;
	return d.good ? ERR_OK : ERR_RECORD_FAILED;
}

void
log_switch(struct log *l, int fd, bool owns)
{
	if (l->switching && l->next_owns)
		kernel_close(l->next_fd);
	l->next_fd = fd;
	l->next_owns = owns;
	l->switching = true;
	if (!l->busy && l->durable == 0)
		adopt_next(l);
}

void
log_close(struct log *l)
{
	/* Not from a fiber: a write that is under way is waited for by turning the loop. */
	while (l->busy || l->durable > 0)
		loop_turn(l->loop, NANOS_NEVER);
	timer_clear(&l->loop->timers, &l->timer);
	if (l->fd >= 0 && !write_all(l->fd, text_slice(&l->filling)))
		l->failed++;
	if (l->owns_fd)
		kernel_close(l->fd);
	free(l->filling.ptr);
	free(l->writing.ptr);
}

void
log_event(struct log *l, struct slice level, struct slice event, struct slice detail)
{
	struct text *t = log_room(l, 256 + level.len + event.len + 6 * detail.len);

	if (t == NULL)
		return;
	text_put(t, S("{\"time\":\""));
	text_put_time(t, kernel_wall());
	text_put(t, S("\",\"level\":"));
	text_put_json(t, level);
	text_put(t, S(",\"event\":"));
	text_put_json(t, event);
	text_put(t, S(",\"detail\":"));
	text_put_json(t, detail);
	text_put(t, S("}\n"));
	log_line(l);
}
