/* SPDX-License-Identifier: Apache-2.0 */

/*
 * detect - what it costs to know what is in a text, on one core.
 *
 * Every detector, and all of them together, over texts of several kinds and
 * lengths; each with what every machine of the kind can, and with what only
 * newer ones can (core/wide.h).  Then texts that are made to be slow: what a
 * byte costs must not grow with the length.  A figure is the best of several
 * rounds, so that a noisy neighbour is not measured.
 *
 *	make bench-detect [ARGS='structure prose']
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/arena.h"
#include "core/must.h"
#include "core/text.h"
#include "detect/detect.h"

#define ROUNDS		9
#define ROUND_NS	4000000
#define ARENA_BYTES	((size_t)1 << 30)
#define KEPT		64

/* ---- memory and time ---- */

/* Blocks that were given back are given out again, as the worker's pool does. */
struct pool {
	struct memory	memory;
	void		*block[KEPT];
	size_t		 bytes[KEPT];
};

static void *
pool_take(struct memory *m, size_t *bytes)
{
	struct pool *p = (struct pool *)m;

	for (unsigned i = 0; i < KEPT; i++) {
		if (p->block[i] != NULL && p->bytes[i] == *bytes) {
			void *block = p->block[i];

			p->block[i] = NULL;
			return block;
		}
	}
	return malloc(*bytes);
}

static void
pool_give(struct memory *m, void *block, size_t bytes)
{
	struct pool *p = (struct pool *)m;

	for (unsigned i = 0; i < KEPT; i++) {
		if (p->block[i] == NULL) {
			p->block[i] = block;
			p->bytes[i] = bytes;
			return;
		}
	}
	free(block);
}

static uint64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* One measured thing: which detectors look at which text, and how. */
struct job {
	struct slice	 text;
	struct arena	*arena;
	unsigned	 parts;
	bool		 wide;
	uint64_t	 found;
};

static void
run(struct job *job)
{
	struct findings found;

	findings_init(&found, job->arena);
	detect_look(&(struct look){ .text = job->text, .arena = job->arena, .findings = &found,
	    .wide = job->wide }, job->parts);
	job->found = found.count;
	arena_reset(job->arena);
}

/* Nanoseconds, of the best round. */
static double
measure(struct job *job)
{
	double best = 1e18;
	uint64_t times = 1;

	for (unsigned round = 0; round < ROUNDS;) {
		uint64_t begin = now(), ns;

		for (uint64_t i = 0; i < times; i++)
			run(job);
		ns = now() - begin;
		if (ns < ROUND_NS && times < 1u << 20) {
			times *= 2;
			continue;
		}
		if ((double)ns / (double)times < best)
			best = (double)ns / (double)times;
		round += ns > 100000000 ? 3 : 1;
	}
	return best;
}

/* ---- texts ---- */

/* Each is repeated until a text is long enough. */
static const struct {
	const char	*name, *piece;
} kinds[] = {
	{ "prose", "The quick brown fox jumps over the lazy dog, and then it explains at some "
	    "length why a gateway that forwards bytes should not touch those that it does not "
	    "understand. Nobody had asked for this, but in 2014 there were 3 good reasons to do "
	    "so, and they have not gone away since then. " },
	{ "dense PII", "Name: Anna Kowalska, born 2/8/1935, SSN 536-90-4399, card 4111 1111 1111 "
	    "1111 exp 08/27, IBAN DE89 3704 0044 0532 0130 00, phone +49 30 1234567, "
	    "anna.kowalska@acme.io, 10.20.30.40. " },
	{ "German", "Größere Änderungen müssen künftig früher angekündigt werden, damit sich alle "
	    "Beschäftigten darauf einstellen können; das gilt auch für die Kündigungsfristen. " },
	{ "Russian", "Съешь же ещё этих мягких французских булок, да выпей чаю; потом мы "
	    "поговорим о том, что делать дальше, и как это объяснить. " },
	{ "Chinese", "我们需要在下周之前完成这个项目的所有准备工作，包括文档、测试以及与客户的沟通。" },
	{ "base64", "JVBERi0xLjQKJcfsj6IKNSAwIG9iago8PC9MZW5ndGggNiAwIFIvRmlsdGVyIC9GbGF0ZURlY2"
	    "9kZT4+CnN0cmVhb+Qp4nK1WTW/bOBC961fMrXu0S5GUSHkxSdNu0aLbGm2CYoEeaIlymVKiQlJ" },
	{ "code", "static int\nread_block(struct file *f, size_t at, char *out)\n{\n\tfor (size_t "
	    "i = 0; i < 64; i++) {\n\t\tif (f->bytes[at + i] == 0x7f)\n\t\t\treturn -1;\n\t\t"
	    "out[i] = f->bytes[at + i];\n\t}\n\treturn 0;\n}\n\n" },
	{ "JSON", "{\"id\":1044,\"name\":\"Widget\",\"price\":12.50,\"stock\":{\"here\":14,"
	    "\"there\":0},\"tags\":[\"new\",\"blue\"],\"created\":\"2024-03-15T14:30:00Z\","
	    "\"ref\":\"550e8400-e29b-41d4-a716-446655440000\"},\n" },
	{ "logs", "2024-03-15T14:30:00.123Z INFO [worker-7] request id=9f8a7b6c5d4e3f21 "
	    "path=/v1/items/8831 status=200 bytes=10233 took=12.4ms peer=10.0.3.17:53122\n" },
};

static const struct {
	const char	*name, *piece;
} hostile[] = {
	{ "digits", "1" }, { "at signs", "@" }, { "1-1-1-", "1-" }, { "1 1 1", "1 " },
	{ "1.1.1.", "1." }, { "a.a.a.", "a." }, { "a@a.a@", "a.b@" }, { "colons", "::" },
	{ "a:a:", "a:" }, { "capitals", "ABCDEFGH " }, { "parentheses", "(+1" },
	{ "SSN 1", "SSN 1 " }, { "of three", "411 " }, { "hex pairs", "0a:" }, { "dates", "1/1/" },
	{ "key=", "password=" }, { "AKIA", "AKIA" }, { "eyJ", "eyJ" }, { "percent", "%41" },
};

#define COUNT_OF(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*name;
	unsigned	 parts;
} detectors[] = {
	{ "normalise", 0 }, { "structure", DETECT_STRUCTURE }, { "secrets", DETECT_SECRETS },
	{ "terms", DETECT_TERMS }, { "names", DETECT_NAMES }, { "all", DETECT_ALL },
};

static struct slice
fill(char *room, const char *piece, size_t bytes)
{
	size_t len = strlen(piece);

	for (size_t i = 0; i < bytes; i++)
		room[i] = piece[i % len];
	return slice_of(room, bytes);
}

static bool
is_wanted(int argc, char **argv, const char *detector, const char *kind)
{
	return (argc < 2 || strcmp(argv[1], detector) == 0) &&
	    (argc < 3 || strcmp(argv[2], kind) == 0);
}

static void
print_kind(struct job *job, const char *detector, const char *kind, const char *piece, char *room)
{
	static const size_t bytes[] = { 1 << 10, 4 << 10, 64 << 10, 8 << 20 };

	printf("%-10s %-10s", detector, kind);
	for (unsigned i = 0; i < COUNT_OF(bytes); i++) {
		double wide, plain;

		job->text = fill(room, piece, bytes[i]);
		job->wide = true;
		wide = measure(job);
		job->wide = false;
		plain = measure(job);
		if (i < 2)
			printf("  %7.2f %7.2f us", wide / 1e3, plain / 1e3);
		else
			printf("  %6.3f %6.3f ns/B", wide / (double)bytes[i],
			    plain / (double)bytes[i]);
		fflush(stdout);
	}
	putchar('\n');
}

static void
print_hostile(struct job *job, const char *name, const char *piece, char *room)
{
	static const size_t bytes[] = { 1 << 10, 64 << 10, 8 << 20 };

	printf("%-10s %-14s", "hostile", name);
	job->wide = true;
	for (unsigned i = 0; i < COUNT_OF(bytes); i++) {
		job->text = fill(room, piece, bytes[i]);
		printf("  %8.2f ns/B", measure(job) / (double)bytes[i]);
		fflush(stdout);
	}
	putchar('\n');
}

int
main(int argc, char **argv)
{
	static struct pool pool = { .memory = { pool_take, pool_give } };
	struct arena arena;
	struct job job = { .arena = &arena };
	char *room = malloc(8 << 20);

	must(room != NULL);
	arena_init(&arena, &pool.memory, ARENA_BYTES);
	printf("wide and portable:    %18s %20s %22s %22s\n", "1 KB", "4 KB", "64 KB", "8 MB");
	for (unsigned d = 0; d < COUNT_OF(detectors); d++) {
		job.parts = detectors[d].parts;
		for (unsigned k = 0; k < COUNT_OF(kinds); k++)
			if (is_wanted(argc, argv, detectors[d].name, kinds[k].name))
				print_kind(&job, detectors[d].name, kinds[k].name, kinds[k].piece,
				    room);
	}
	printf("all detectors, wide:  %14s %13s %13s\n", "1 KB", "64 KB", "8 MB");
	job.parts = argc > 1 && strcmp(argv[1], "structure") == 0 ? DETECT_STRUCTURE : DETECT_ALL;
	for (unsigned h = 0; h < COUNT_OF(hostile); h++)
		if (argc < 3)
			print_hostile(&job, hostile[h].name, hostile[h].piece, room);
	arena_release(&arena);
	return 0;
}
