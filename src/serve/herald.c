/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/herald.h"

#include "core/base64.h"
#include "ledger/book.h"
#include "run/fiber.h"
#include "run/host.h"
#include "run/job.h"
#include "serve/courier.h"
#include "store/entry.h"

#define WAIT		(10 * NANOS_PER_S)	/* for a witness */
#define LAST_WAIT	NANOS_PER_S		/* the same when the gateway ends */

static enum err
read_news(struct store *s, void *arg)
{
	struct herald_news *n = arg;
	struct entry_head head = { 0 };
	bool found = false;
	enum err e = entry_head_last(s, &head, &found);

	n->size = 0;
	if (e != ERR_OK || !found || head.note.len > sizeof n->note)
		return e;
	n->size = head.size;
	n->len = head.note.len;
	memcpy(n->note, head.note.ptr, head.note.len);
	return ERR_OK;
}

/* ---- places ---- */

struct errand {
	const char		*path;
	struct herald_news	*news;
	int			 error;
};

static struct slice
note_of(const struct herald_news *n)
{
	return slice_of(n->note, n->len);
}

/* With an empty line behind it, as verify --head reads them; on disk before it counts. */
static void
append_job(void *arg)
{
	struct errand *e = arg;
	struct text t;
	ssize_t n;
	int fd = kernel_file_append(e->path);

	text_init(&t, e->news->line, sizeof e->news->line);
	text_put(&t, note_of(e->news));
	text_put(&t, S("\n"));
	if ((e->error = fd) < 0)
		return;
	n = kernel_file_write(fd, text_slice(&t));
	e->error = n < 0 ? (int)n : (size_t)n < t.len ? -1 : kernel_file_sync(fd);
	kernel_close(fd);
}

static void
syslog_job(void *arg)
{
	struct errand *e = arg;
	struct text t;

	text_init(&t, e->news->line, sizeof e->news->line);
	text_put(&t, S("head "));
	base64_put(&t, note_of(e->news));
	e->error = host_syslog(text_slice(&t));
}

static enum err
run_errand(struct fiber *f, const char *path, struct herald_news *n, void (*work)(void *))
{
	struct errand errand = { .path = path, .news = n };
	enum err e = job_run(f, work, &errand);

	return e == ERR_OK && errand.error < 0 ? ERR_IO : e;
}

static enum err
post(struct herald *h, struct fiber *f, struct herald_news *n)
{
	const struct lane_note note = {
		.type = S("text/plain; charset=utf-8"),
		.body = note_of(n),
	};

	return courier_bring(f, h->pool, &h->snapshot->publish.at, &note,
	    fiber_loop(f)->now + (h->stopper == NULL ? WAIT : LAST_WAIT));
}

/* ---- the rounds ---- */

static bool
is_named(const struct herald *h, enum herald_place place)
{
	const struct publish *p = &h->snapshot->publish;

	return place == HERALD_FILE ? p->file.len > 0 : place == HERALD_URL ? p->url.len > 0 :
	    p->syslog;
}

static struct slice
name_of(const struct herald *h, enum herald_place place)
{
	return place == HERALD_FILE ? h->snapshot->publish.file :
	    place == HERALD_URL ? h->snapshot->publish.url : S("syslog");
}

/* Once when it begins to fail, and once when it does not any more. */
static void
tell(struct herald *h, enum herald_place place, enum err e)
{
	char room[1024];
	struct text t;

	if ((e != ERR_OK) == h->failing[place])
		return;
	h->failing[place] = e != ERR_OK;
	text_init(&t, room, sizeof room);
	text_put(&t, name_of(h, place));
	text_put(&t, S(": "));
	text_put(&t, e == ERR_OK ? S("heads are published again") : err_info(e)->name);
	log_event(h->log, e == ERR_OK ? S("info") : S("error"),
	    e == ERR_OK ? S("publish_well") : S("publish_failed"), text_slice(&t));
}

static void
bring(struct herald *h, struct fiber *f, enum herald_place place, struct herald_news *n)
{
	enum err e;

	if (!is_named(h, place) || h->brought[place] == n->size)
		return;
	if (place == HERALD_URL)
		e = post(h, f, n);
	else
		e = run_errand(f, h->snapshot->publish.file.ptr, n,
		    place == HERALD_FILE ? append_job : syslog_job);
	if (e == ERR_OK)
		h->brought[place] = n->size;
	tell(h, place, e);
}

static void
herald_main(struct fiber *f, void *arg)
{
	struct herald *h = arg;
	bool last;

	h->fiber = f;
	do {
		if (h->stopper == NULL)
			(void)!fiber_park(f, fiber_loop(f)->now + h->snapshot->publish.every);
		last = h->stopper != NULL;
		if (book_read(h->book, f, read_news, &h->news) != ERR_OK || h->news.size == 0)
			continue;
		for (unsigned place = 0; place < HERALD_PLACES; place++)
			bring(h, f, place, &h->news);
	} while (!last);
	snapshot_unref(h->snapshot);
	h->fiber = NULL;
	fiber_wake(h->stopper);
}

enum err
herald_start(struct herald *h, struct snapshot *snapshot, struct loop *loop)
{
	h->snapshot = snapshot;
	if (is_named(h, HERALD_FILE) || is_named(h, HERALD_URL) || is_named(h, HERALD_SYSLOG))
		return fiber_start(loop, "herald", herald_main, h);
	snapshot_unref(snapshot);
	return ERR_OK;
}

void
herald_stop(struct herald *h, struct fiber *f)
{
	if (h->fiber == NULL)
		return;
	h->stopper = f;
	fiber_wake(h->fiber);
	while (h->fiber != NULL)
		(void)!fiber_park(f, NANOS_NEVER);
}
