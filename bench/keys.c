/* SPDX-License-Identifier: Apache-2.0 */

/*
 * keys - what finding a stored key costs, with 10 keys and with 10^6, and whether
 * time tells an unknown id from a wrong secret.
 *
 * For each number of keys: how long they take to load from packed rows, what the
 * process grew by, a look-up of a good key, of a wrong secret and of an unknown id.
 * Then 10^5 samples of each of the latter two, in random order, of random ids,
 * and Welch's t of their means and of their means below the 90th percentile, where
 * an interrupt of the machine does not count.  |t| < 4.5 is the usual bound of
 * leakage tests (Goodwill et al., NIST 2011).
 *
 *	make bench-keys
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "caller/registry.h"
#include "core/must.h"
#include "run/heap.h"

#define SAMPLES	100000
#define LOOKS	200000
#define WALL	(1000 * NANOS_PER_S)

struct stage {
	struct registry	*r;
	struct mac	 mac;
	struct arena	 arena;
	uint32_t	 keys;
	char		(*key)[KEY_TEXT_MAX];
	uint64_t	 random;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Of this process alone, whoever else has the machine. */
static double
worked(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t
next(struct stage *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static long
resident_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Packs all rows first, so that what is timed is what a start does with them. */
static double
load(struct stage *s)
{
	size_t each = 512;
	char *rows = malloc(s->keys * each);
	struct slice *packed = malloc(s->keys * sizeof *packed);
	double began;

	must(rows != NULL && packed != NULL);
	for (uint32_t i = 0; i < s->keys; i++) {
		struct grant g = {
			.head = { .owner = KEY_CALLER, .id = key_id_make(), .created = 1 },
			.text = { [GRANT_name] = S("service of a team"), [GRANT_tenant] = S("acme"),
			    [GRANT_role] = S("service") },
		};
		struct text t;

		must(key_make(KEY_CALLER, &g.head.id, s->key[i]) == KEY_TEXT_MAX - 1);
		mac_bytes(&s->mac, slice_of(s->key[i], KEY_TEXT_MAX - 1), g.head.mac[0]);
		text_init(&t, rows + i * each, each);
		grant_pack(&g, &t);
		packed[i] = text_slice(&t);
	}
	long before = resident_kb();

	began = worked();
	registry_expect(s->r, s->keys);
	for (uint32_t i = 0; i < s->keys; i++)
		must(registry_put(s->r, packed[i]) == ERR_OK);
	began = worked() - began;
	printf("%8u keys: loaded in %.3f s of CPU, %.0f bytes each\n", s->keys, began / 1e9,
	    (double)(resident_kb() - before) * 1024 / s->keys);
	free(rows);
	free(packed);
	return began;
}

enum what { GOOD, WRONG, UNKNOWN };

/* A random key of those that are there, spoilt as is wanted. */
static void
pick(struct stage *s, enum what what, char out[static KEY_TEXT_MAX])
{
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

	memcpy(out, s->key[next(s) % s->keys], KEY_TEXT_MAX - 1);
	if (what == GOOD)
		return;
	for (unsigned i = 0; i < 16; i++) {
		unsigned at = what == UNKNOWN ? 3 + i : 20 + i;

		out[at] = letters[next(s) % 32];
	}
}

static double
look(struct stage *s, const char *key, enum what what)
{
	struct presented p = { slice_of(key, KEY_TEXT_MAX - 1), KEY_CALLER, WALL };
	struct grant found;
	double began = now();
	enum err e = registry_find(s->r, &s->mac, &p, &s->arena, &found);

	began = now() - began;
	must(e == (what == GOOD ? ERR_OK : ERR_KEY_UNKNOWN));
	if (what == GOOD)
		arena_reset(&s->arena);
	return began;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
moments(const double *x, size_t n, double *mean, double *variance)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i];
	*mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (x[i] - *mean) * (x[i] - *mean);
	*variance = squares / (double)(n - 1);
}

static void
welch(const char *name, const double *a, const double *b, size_t n)
{
	double ma, mb, va, vb;

	moments(a, n, &ma, &va);
	moments(b, n, &mb, &vb);
	printf("          %s: unknown id %.1f ns, wrong secret %.1f ns, Welch t = %+.2f\n", name,
	    ma, mb, (ma - mb) / sqrt((va + vb) / (double)n));
}

static void
compare(struct stage *s)
{
	double *time[2] = { malloc(SAMPLES * sizeof(double)), malloc(SAMPLES * sizeof(double)) };
	size_t count[2] = { 0, 0 };
	char key[KEY_TEXT_MAX];

	must(time[0] != NULL && time[1] != NULL);
	while (count[0] < SAMPLES || count[1] < SAMPLES) {
		unsigned which = next(s) & 1;
		enum what what = which == 0 ? UNKNOWN : WRONG;

		if (count[which] == SAMPLES)
			continue;
		pick(s, what, key);
		time[which][count[which]++] = look(s, key, what);
	}
	welch("all", time[0], time[1], SAMPLES);
	for (unsigned i = 0; i < 2; i++)
		qsort(time[i], SAMPLES, sizeof(double), by_value);
	printf("          medians: unknown id %.0f ns, wrong secret %.0f ns\n",
	    time[0][SAMPLES / 2], time[1][SAMPLES / 2]);
	welch("below the 90th percentile", time[0], time[1], SAMPLES / 10 * 9);
	free(time[0]);
	free(time[1]);
}

static void
measure(uint32_t keys)
{
	static const char pepper[MAC_BYTES] = "a pepper of thirty-two bytes ...";
	static const char *const name[] = { "good", "wrong", "unknown" };
	struct slice secret = slice_of(pepper, MAC_BYTES);
	struct stage s = { .keys = keys, .random = 1, .r = registry_new(secret) };
	char key[KEY_TEXT_MAX];

	s.key = malloc(keys * sizeof *s.key);
	must(s.r != NULL && s.key != NULL && registry_mac(s.r, &s.mac));
	arena_init(&s.arena, heap_memory(), 1 << 20);
	load(&s);
	for (enum what what = GOOD; what <= UNKNOWN; what++) {
		double sum = 0;

		for (unsigned i = 0; i < LOOKS; i++) {
			pick(&s, what, key);
			sum += look(&s, key, what);
		}
		printf("          %s: %.0f ns\n", name[what], sum / LOOKS);
	}
	compare(&s);
	arena_release(&s.arena);
	mac_release(&s.mac);
	registry_free(s.r);
	free(s.key);
}

int
main(void)
{
	measure(10);
	measure(1000000);
	return 0;
}
