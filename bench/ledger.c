/* SPDX-License-Identifier: Apache-2.0 */

/*
 * ledger - how many entries a second the book writes, what one costs, and how
 * soon it is open.
 *
 * One thread turns the loop whose fiber writes, another puts entries as fast as
 * they are taken, or at a rate: a busy gateway's batches have hundreds of them, not
 * hundreds of thousands.  An entry has a record's size and the share of one.  What is
 * counted is on disk: the clock stops when the last batch is committed.  CPU time is of
 * all threads but the one that puts.  Then the folder is opened again, as a gateway
 * does when it starts.
 *
 *	make bench-ledger ARGS='ENTRIES BYTES RATE FOLDER'	(1000000 800 0 a new one below /tmp)
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger/book.h"
#include "ledger/share.h"
#include "run/fiber.h"
#include "run/heap.h"
#include "run/job.h"
#include "run/loop.h"

#define SUBJECTS	64	/* callers that entries are of */

struct bench {
	struct book	*book;
	struct loop	 loop;
	uint64_t	 entries;
	size_t		 bytes;
	uint64_t	 rate;		/* entries a second; 0: as many as are taken */
	struct slice	 share[SUBJECTS];
	double		 put_seconds;	/* CPU time of who puts */
	struct letter	 done;
};

static double
cpu_seconds(clockid_t clock)
{
	struct timespec t;

	must(clock_gettime(clock, &t) == 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

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

static void
make_shares(struct bench *b, struct arena *a)
{
	char name[32];
	struct share share = {
		.figure = { [FIGURE_requests] = 1, [FIGURE_duration_us] = 1500 },
		.hour = 3600 * INT64_C(500000),
		.name = { [ROLLUP_TENANT] = S("acme"), [ROLLUP_WORKLOAD] = S("triage"),
		    [ROLLUP_MODEL] = S("mistral-small"), [ROLLUP_ZONE] = S("lab"),
		    [ROLLUP_LABEL] = S("internal") },
	};

	for (unsigned i = 0; i < SUBJECTS; i++) {
		share.name[ROLLUP_KEY] = slice_of(name,
		    (size_t)snprintf(name, sizeof name, "caller-%u", i));
		b->share[i] = share_pack(a, &share);
		must(b->share[i].ptr != NULL);
	}
}

/* Each is a line of its own: a number, then what fills it up. */
static void
put_one(struct bench *b, uint64_t number, char *line)
{
	struct entry entry = { .share = b->share[number % SUBJECTS] };
	struct text t;

	text_init(&t, line, b->bytes);
	text_put(&t, S("{\"id\":\""));
	text_put_number(&t, number);
	text_put(&t, S("\",\"filled\":\""));
	while (t.len + 2 < b->bytes)
		text_put_char(&t, (char)('a' + t.len % 26));
	text_put(&t, S("\"}"));
	entry.line = text_slice(&t);
	must(book_append(b->book, &entry) == ERR_OK);
}

/* A millisecond's worth at a time. */
static void *
put(void *arg)
{
	struct bench *b = arg;
	static char line[65536];
	nanos began = kernel_now();

	for (uint64_t i = 0; i < b->entries; i++) {
		while (book_is_full(b->book) || (b->rate > 0 &&
		    i >= (uint64_t)(kernel_now() - began) / 1000 * b->rate / 1000000))
			usleep(1000);
		put_one(b, i, line);
	}
	b->put_seconds = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
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

static void
tell(struct bench *b, double took, double cpu)
{
	struct book_sight sight;
	double each = 1e6 / (double)b->entries;

	book_look(b->book, &sight);
	printf("%llu entries of %zu bytes: %.2f s, %.0f entries/s on disk, %llu batches, "
	    "%llu lost; %.2f us CPU an entry\n",
	    (unsigned long long)b->entries, b->bytes, took, (double)b->entries / took,
	    (unsigned long long)sight.batches, (unsigned long long)sight.lost,
	    (cpu - b->put_seconds) * each);
}

int
main(int argc, char **argv)
{
	char fresh[] = "/tmp/trivium-ledger-XXXXXX";
	const char *folder = argc > 4 ? argv[4] : mkdtemp(fresh);
	struct bench b = {
		.entries = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000,
		.bytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 800,
		.rate = argc > 3 ? strtoull(argv[3], NULL, 10) : 0,
	};
	struct book_sight sight;
	struct arena shares;
	double cpu, took;
	nanos began;

	if (folder == NULL || b.entries == 0 || b.bytes < 64 || b.bytes > 65000) {
		fprintf(stderr, "usage: bench-ledger [ENTRIES [BYTES [RATE [FOLDER]]]]\n");
		return EXIT_FAILURE;
	}
	arena_init(&shares, heap_memory(), 1 << 20);
	make_shares(&b, &shares);
	b.book = open_book(folder);
	cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
	took = write_all(&b);
	tell(&b, took, cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	book_close(b.book);
	began = kernel_now();
	b.book = open_book(folder);
	book_look(b.book, &sight);
	printf("opened again, with %llu entries: %.1f ms\n", (unsigned long long)sight.entries,
	    seconds(began) * 1e3);
	book_close(b.book);
	arena_release(&shares);
	if (argc <= 4)
		printf("in %s\n", folder);
	return EXIT_SUCCESS;
}
