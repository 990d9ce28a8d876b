/* SPDX-License-Identifier: Apache-2.0 */

/*
 * limits - what limits cost a request, on one core and over several threads.
 *
 * A request enters its key, or that and its tenant, workload and model; takes
 * from one rate of each, requests, or from all three; is corrected, and leaves.
 * Subjects are as many as said, so that their cells are in the cache, or are not.
 * A figure is the best of several rounds.
 *
 *	cc -O2 -std=gnu17 -D_GNU_SOURCE -Isrc -pthread -o limits bench/limits.c \
 *	    src/admit/admission.c src/admit/allowance.c src/admit/gcra.c src/admit/rate.c \
 *	    src/core/{hash,text,slice,utf8,scan}.c && ./limits
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "admit/admission.h"

#define ROUNDS		15
#define REQUESTS	20000

_Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

static nanos
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NANOS_PER_S + t.tv_nsec;
}

struct load {
	struct rates		*rates;
	const struct allowance	*allowance;
	unsigned		 subjects;	/* of each kind */
	unsigned		 kinds;
	bool			 fields;
	nanos			 best;		/* of a request */
};

static void
serve(const struct load *l, uint64_t n, nanos at)
{
	struct admission a = { .rates = l->rates };
	static const uint64_t used[RATE_COUNT] = { 1, 350, 90 };
	struct refusal refusal;
	char room[1024];
	struct text t;

	for (unsigned kind = 0; kind < l->kinds; kind++) {
		struct applicant who = {
			.kind = kind, .allowance = l->allowance,
			.number = (n % l->subjects * SUBJECT_COUNT + kind) *
			    UINT64_C(0x9e3779b97f4a7c15),
			.units = { 1, 400, 1024 },
		};

		must(admission_enter(&a, &who, at, &refusal));
	}
	if (l->fields) {
		text_init(&t, room, sizeof room);
		admission_put_fields(&t, &a, at);
	}
	for (unsigned kind = 0; kind < l->kinds; kind++) {
		admission_correct(&a, kind, used, at);
		admission_leave(&a, kind);
	}
}

static void *
measure(void *arg)
{
	struct load *l = arg;

	l->best = INT64_MAX;
	for (unsigned round = 0; round < ROUNDS; round++) {
		nanos from = now(), took;

		for (uint64_t n = 0; n < REQUESTS; n++)
			serve(l, n, from);
		took = (now() - from) / REQUESTS;
		l->best = took < l->best ? took : l->best;
	}
	return NULL;
}

int
main(void)
{
	static const struct { unsigned threads, subjects, kinds, rates; bool fields; } rows[] = {
		{ 1, 1, 1, 1, false }, { 1, 1, 4, 1, false }, { 1, 1, 1, 3, false },
		{ 1, 1, 4, 3, false }, { 1, 1, 4, 3, true }, { 1, 1000, 4, 1, false },
		{ 1, 20000, 4, 1, false }, { 2, 1, 4, 1, false }, { 2, 1000, 4, 1, false },
	};
	struct allowance all[4] = { { .any = false } };

	for (unsigned rates = 1; rates <= RATE_COUNT; rates++)
		for (enum dimension d = 0; d < rates; d++)
			allowance_set(&all[rates], d, d == 0 ? 1000000000
			    : UINT64_C(1000000000000));
	printf("threads  subjects  limits  fields  ns a request\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct load load[8];
		pthread_t thread[8];
		nanos worst = 0;

		load[0] = (struct load){
			rates_new(now()), &all[rows[i].rates], rows[i].subjects, rows[i].kinds,
			rows[i].fields, 0,
		};
		must(load[0].rates != NULL);
		for (unsigned t = 0; t < rows[i].threads; t++) {
			load[t] = load[0];
			must(pthread_create(&thread[t], NULL, measure, &load[t]) == 0);
		}
		for (unsigned t = 0; t < rows[i].threads; t++) {
			must(pthread_join(thread[t], NULL) == 0);
			worst = load[t].best > worst ? load[t].best : worst;
		}
		printf("%7u  %8u  %6u  %6s  %12lld\n", rows[i].threads, rows[i].subjects,
		    rows[i].kinds * rows[i].rates, rows[i].fields ? "yes" : "no", (long long)worst);
		rates_free(load[0].rates);
	}
	return 0;
}
