/* SPDX-License-Identifier: Apache-2.0 */

/*
 * mask - what masking and restoring cost, on one core, without a socket.
 *
 * The first table is the ordinary: prose, code and a streamed answer through
 * restore and guard, vaults of 1 to 10,000 tokens, a prompt of 4 KB that is masked.
 * The second is the hostile: texts made to be slow, at 1 KB, 64 KB and 1 MB; what
 * each byte costs must not grow with the length.  A figure is the best of several
 * rounds, so that a noisy neighbour is not measured.
 *
 *	make bench-mask
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mask/guard.h"
#include "mask/mask.h"
#include "mask/restore.h"

#define ROUNDS		9
#define ROUND_NS	2000000
#define TEXT_BYTES	((size_t)1 << 20)

_Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

static void *
take(struct memory *m, size_t *bytes)
{
	(void)m;
	return malloc(*bytes);
}

static void
give(struct memory *m, void *block, size_t bytes)
{
	(void)m, (void)bytes;
	free(block);
}

static struct memory memory = { take, give };

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

struct job {
	struct arena	 arena, work;
	struct vault	 vault;
	struct findings	 found;
	char		*text;
	size_t		 bytes, cut;
	enum restore_mode mode;
	size_t		 sink;
};

/* Nanoseconds of one run: the best round. */
static double
measure(void (*run)(struct job *), struct job *job)
{
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		double begin = now_ns(), spent;
		int runs = 0;

		do {
			run(job);
			runs++;
			spent = now_ns() - begin;
		} while (spent < ROUND_NS);
		if (spent / runs < best)
			best = spent / runs;
	}
	return best;
}

static void
run_memchr(struct job *job)
{
	job->sink += memchr(job->text, '\xff', job->bytes) != NULL;
}

static void
run_restore(struct job *job)
{
	struct slice piece;
	struct restore r;

	restore_init(&r, &job->vault, job->mode, false);
	for (size_t at = 0; at < job->bytes; at += job->cut) {
		size_t n = job->bytes - at < job->cut ? job->bytes - at : job->cut;

		restore_feed(&r, slice_of(job->text + at, n));
		while (restore_next(&r, &piece))
			job->sink += piece.len;
	}
	restore_end(&r);
	while (restore_next(&r, &piece))
		job->sink += piece.len;
}

static void
run_guard(struct job *job)
{
	static const struct slice host[] = { { "acme.io", 7 } };
	struct guard_rules rules = { host, 1, NULL, 0, &job->vault, NULL };
	struct guard_finding f;
	enum guard_event event;
	struct slice piece;
	struct guard g;

	guard_init(&g, &rules);
	guard_feed(&g, slice_of(job->text, job->bytes));
	for (int end = 0; end < 2; end++) {
		while ((event = guard_next(&g, &piece, &f)) != GUARD_MORE)
			if (event == GUARD_FOUND)
				guard_go_on(&g, true);
			else
				job->sink += piece.len;
		if (!end)
			guard_end(&g);
	}
}

static void
run_mask(struct job *job)
{
	struct mask_text t = { .text = slice_of(job->text, job->bytes), .found = &job->found };
	struct mask_types all = { 0 };
	struct vault v;

	for (unsigned i = 0; i < TYPE_COUNT; i++)
		mask_types_add(&all, (enum detect_type)i);
	vault_init(&v, &job->work, (struct hash_key){ { 1, 2 } }, 0);
	job->sink += mask_texts(&job->work, &v, &all, &t, 1) != ERR_OK;
	job->sink += t.masked.len;
	arena_reset(&job->work);
}

static void
fill(struct job *job, const char *with, size_t bytes)
{
	size_t len = strlen(with);

	for (size_t i = 0; i < bytes; i++)
		job->text[i] = with[i % len];
	job->bytes = bytes;
	job->cut = bytes;
}

/* Every hundred bytes an address, and a byte 0 behind it. */
static void
find_some(struct job *job)
{
	arena_reset(&job->arena);
	findings_init(&job->found, &job->arena);
	for (size_t at = 20; at + 100 < job->bytes; at += 100) {
		snprintf(job->text + at, 16, "a%05u@acme.io", (unsigned)(at / 100 % 100000));
		findings_add(&job->found, (struct finding){ .start = (uint32_t)at,
		    .end = (uint32_t)at + 14, .type = TYPE_email_address });
	}
}

static void
hide(struct job *job, unsigned tokens)
{
	struct slice token;
	char value[32];

	arena_reset(&job->arena);
	vault_init(&job->vault, &job->arena, (struct hash_key){ { 1, 2 } }, 0);
	for (unsigned i = 0; i < tokens; i++) {
		int n = snprintf(value, sizeof value, "Anna %u", i);

		if (vault_mint(&job->vault, i % 3 ? S("Person") : S("Email"),
		    slice_of(value, (size_t)n), &token) != ERR_OK)
			abort();
	}
}

#define PROSE	"The quick brown fox jumps over the lazy dog, and then some more of that. "
#define CODE	"\tfor (size_t i = 0; i < text_len; i++)\n"	\
		"\t\tsum_of_all += text_at[i] * some_factor;\n"

static void
print(const char *name, double ns, size_t bytes)
{
	printf("%-44s %12.0f ns %9.3f ns/byte\n", name, ns, ns / (double)bytes);
}

static void
ordinary(struct job *job)
{
	static const struct {
		const char		*name, *text;
		unsigned		 tokens;
		enum restore_mode	 mode;
		size_t			 cut;
	} rows[] = {
		{ "restore, prose, plain", PROSE, 10, RESTORE_PLAIN, 65536 },
		{ "restore, prose, loose", PROSE, 10, RESTORE_LOOSE, 65536 },
		{ "restore, prose, whole", PROSE, 10, RESTORE_WHOLE, 65536 },
		{ "restore, code, plain", CODE, 10, RESTORE_PLAIN, 65536 },
		{ "restore, code, loose", CODE, 10, RESTORE_LOOSE, 65536 },
		{ "restore, prose, plain, 10000 tokens", PROSE, 10000, RESTORE_PLAIN, 65536 },
		{ "restore, prose, loose, 10000 tokens", PROSE, 10000, RESTORE_LOOSE, 65536 },
		{ "restore, prose, plain, by 4 bytes", PROSE, 10, RESTORE_PLAIN, 4 },
		{ "restore, prose, loose, by 4 bytes", PROSE, 10, RESTORE_LOOSE, 4 },
	};

	fill(job, PROSE, 65536);
	print("memchr, prose", measure(run_memchr, job), job->bytes);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		hide(job, rows[i].tokens);
		fill(job, rows[i].text, 65536);
		job->cut = rows[i].cut;
		job->mode = rows[i].mode;
		print(rows[i].name, measure(run_restore, job), job->bytes);
	}
	hide(job, 10);
	fill(job, PROSE "https://acme.io/a/page ", 65536);
	print("guard, prose with links", measure(run_guard, job), job->bytes);
	fill(job, PROSE, 4096);
	find_some(job);
	print("mask, 4 KB of prose, 40 values", measure(run_mask, job), job->bytes);
	fill(job, PROSE, 4096);
	findings_init(&job->found, &job->arena);
	print("mask, 4 KB of prose, nothing found", measure(run_mask, job), job->bytes);
}

static void
hostile(struct job *job)
{
	static const struct {
		const char	*name, *text;
		void		(*run)(struct job *);
		enum restore_mode mode;
	} rows[] = {
		{ "restore: underscores", "_", run_restore, RESTORE_LOOSE },
		{ "restore: words", "Person_", run_restore, RESTORE_LOOSE },
		{ "restore: words, whole", "Person_", run_restore, RESTORE_WHOLE },
		{ "restore: nearly words", "Persom_00000000Z0 ", run_restore, RESTORE_WHOLE },
		{ "restore: nearly tokens", "Person_00000000Z1 ", run_restore, RESTORE_WHOLE },
		{ "restore: spaces", " ", run_restore, RESTORE_LOOSE },
		{ "guard: slashes", "/", run_guard, 0 },
		{ "guard: colons and slashes", "://", run_guard, 0 },
		{ "guard: allowed in allowed", "http://acme.io/", run_guard, 0 },
		{ "guard: parentheses", "(://(()", run_guard, 0 },
		{ "guard: links", "https://b.io/?a%20b+c=%41 ", run_guard, 0 },
		{ "mask: values alike", "a00000@acme.a ", run_mask, 0 },
		{ "mask: spaces", " ", run_mask, 0 },
	};

	printf("\n%-34s %10s %10s %10s  ns/byte\n", "hostile", "1 KB", "64 KB", "1 MB");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		printf("%-34s", rows[i].name);
		for (size_t bytes = 1024; bytes <= TEXT_BYTES; bytes *= bytes == 1024 ? 64 : 16) {
			hide(job, 1000);
			fill(job, rows[i].text, bytes);
			job->mode = rows[i].mode;
			if (rows[i].run == run_mask)
				find_some(job);
			printf(" %10.3f", measure(rows[i].run, job) / (double)bytes);
			fflush(stdout);
		}
		printf("\n");
	}
}

int
main(void)
{
	static struct job job;

	arena_init(&job.arena, &memory, (size_t)1 << 28);
	arena_init(&job.work, &memory, (size_t)1 << 28);
	job.text = malloc(TEXT_BYTES + 16);
	ordinary(&job);
	hostile(&job);
	return job.sink == 0;
}
