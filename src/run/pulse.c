/* SPDX-License-Identifier: Apache-2.0 */
#include "run/pulse.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LINE_BYTES	64

struct line {
	_Alignas(LINE_BYTES) _Atomic(uint64_t)	beat;
};

struct seen {
	uint64_t	beat;
	unsigned	silent;		/* looks in a row */
};

struct pulse {
	unsigned	 loops;
	struct line	*line;		/* shared */
	struct seen	*seen;		/* the parent's own */
};

struct pulse *
pulse_new(unsigned loops)
{
	struct pulse *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->loops = loops;
	p->seen = calloc(loops, sizeof *p->seen);
	p->line = mmap(NULL, loops * sizeof *p->line, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p->line == MAP_FAILED)
		p->line = NULL;
	if (p->seen == NULL || p->line == NULL) {
		pulse_free(p);
		return NULL;
	}
	return p;
}

void
pulse_free(struct pulse *p)
{
	if (p == NULL)
		return;
	if (p->line != NULL)
		must(munmap(p->line, p->loops * sizeof *p->line) == 0);
	free(p->seen);
	free(p);
}

_Atomic(uint64_t) *
pulse_of(struct pulse *p, unsigned loop)
{
	must(loop < p->loops);
	return &p->line[loop].beat;
}

void
pulse_reset(struct pulse *p)
{
	for (unsigned i = 0; i < p->loops; i++) {
		atomic_store(&p->line[i].beat, 0);
		p->seen[i] = (struct seen){ 0, 0 };
	}
}

unsigned
pulse_look(struct pulse *p)
{
	unsigned most = 0;

	for (unsigned i = 0; i < p->loops; i++) {
		uint64_t beat = atomic_load_explicit(&p->line[i].beat, memory_order_relaxed);
		struct seen *s = &p->seen[i];

		s->silent = beat != 0 && beat == s->beat ? s->silent + 1 : 0;
		s->beat = beat;
		if (s->silent > most)
			most = s->silent;
	}
	return most;
}

void
pulse_forgive(struct pulse *p)
{
	for (unsigned i = 0; i < p->loops; i++)
		p->seen[i].silent = 0;
}
