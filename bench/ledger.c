/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ledger - how many entries a second the book writes, and how soon it is open.
 *
 * One thread turns the loop whose fiber writes, another puts entries as fast as
 * they are taken.  What is counted is on disk: the clock stops when the last
 * batch is committed.  Then the folder is opened again, as a gateway does when it
 * starts.
 *
 *	make bench-ledger ARGS='ENTRIES BYTES FOLDER'	(1000000 700 a new one below /tmp)
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/book.h"
#include "run/fiber.h"
#include "run/job.h"
#include "run/loop.h"

struct bench {
	struct book	*book;
	struct loop	 loop;
	uint64_t	 entries;
	size_t		 bytes;
	struct letter	 done;
};

static void
stop_main(struct fiber *f, void *arg)
{
	struct bench *b = arg;

	book_stop(b->book, f);
	loop_stop(&b->loop);
}

static void
all_put(struct letter *letter, struct loop *loop)
{
	struct bench *b = (struct bench *)((char *)letter - offsetof(struct bench, done));

	must(fiber_start(loop, "stop", stop_main, b) == ERR_OK);
}

/* Each is a line of its own: a number, then what fills it up. */
static void *
put(void *arg)
{
	struct bench *b = arg;
	char line[65536];
	struct text t;

	for (uint64_t i = 0; i < b->entries; i++) {
		text_init(&t, line, sizeof line);
		text_put(&t, S("{\"id\":\""));
		text_put_number(&t, i);
		text_put(&t, S("\",\"filled\":\""));
		while (t.len + 2 < b->bytes)
			text_put_char(&t, (char)('a' + t.len % 26));
		text_put(&t, S("\"}"));
		while (book_is_full(b->book))
			usleep(1000);
		must(book_append(b->book, &(struct entry){ .line = text_slice(&t) }) == ERR_OK);
	}
	loop_post(&b->loop, &b->done);
	return NULL;
}

static double
seconds(nanos since)
{
	return (double)(kernel_now() - since) / 1e9;
}

static struct book *
open_book(const char *folder)
{
	struct book_plan plan = { .folder = folder, .head_every = NANOS_PER_S };
	struct book *book = NULL;
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	if (book_open(&book, &plan, &why) != ERR_OK) {
		fprintf(stderr, "%.*s\n", (int)why.len, why.ptr);
		exit(EXIT_FAILURE);
	}
	return book;
}

static double
write_all(struct bench *b)
{
	struct jobs *jobs;
	pthread_t thread;
	nanos began;

	must(jobs_open(&jobs, 1) == ERR_OK && loop_open(&b->loop, jobs) == ERR_OK);
	must(book_start(b->book, &b->loop) == ERR_OK);
	b->done.open = all_put;
	began = kernel_now();
	must(pthread_create(&thread, NULL, put, b) == 0);
	loop_run(&b->loop);
	must(pthread_join(thread, NULL) == 0);
	loop_close(&b->loop);
	jobs_close(jobs);
	return seconds(began);
}

int
main(int argc, char **argv)
{
	char fresh[] = "/tmp/trivium-ledger-XXXXXX";
	const char *folder = argc > 3 ? argv[3] : mkdtemp(fresh);
	struct bench b = {
		.entries = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000,
		.bytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 700,
	};
	struct book_sight sight;
	double took;
	nanos began;

	if (folder == NULL || b.entries == 0 || b.bytes < 64 || b.bytes > 65000) {
		fprintf(stderr, "usage: bench-ledger [ENTRIES [BYTES [FOLDER]]]\n");
		return EXIT_FAILURE;
	}
	b.book = open_book(folder);
	took = write_all(&b);
	book_look(b.book, &sight);
	book_close(b.book);
	printf("%llu entries of %zu bytes: %.2f s, %.0f entries/s on disk, %llu batches, "
	    "%llu lost\n",
	    (unsigned long long)b.entries, b.bytes, took, (double)b.entries / took,
	    (unsigned long long)sight.batches, (unsigned long long)sight.lost);
	began = kernel_now();
	b.book = open_book(folder);
	printf("opened again, with %llu entries: %.1f ms\n", (unsigned long long)sight.entries,
	    seconds(began) * 1e3);
	book_close(b.book);
	if (argc <= 3)
		printf("in %s\n", folder);
	return EXIT_SUCCESS;
}
