/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/verdict.h"

/*
 * play - the kernel of the policy, asked by hand.
 *
 * Reads rows of numbers from the standard input: a policy, row by row, then
 * facts; each row of facts is answered by a line with the verdict.  A row may
 * be said again and then holds anew, so a policy is changed in one place by
 * one line.  case.py writes the rows; each is described at the function that
 * reads it.  Memory is asked for in exact sizes, so that a sanitizer sees
 * whoever reads too far.
 */

#define SET_WORDS	((MODEL_MAX + 63) / 64)
#define LINE_BYTES	65536

/* A policy whose rows can be written; `policy` points to them. */
struct stage {
	struct policy		policy;
	struct label		*kind_label;
	uint32_t		*kind_duties;
	struct place		*place;
	struct policy_model	*model;
	struct workload		*workload;
	struct bound		*bound;
};

void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "play: %s:%d: must be: %s\n", file, line, condition);
	abort();
}

static void
bad(const char *what)
{
	fprintf(stderr, "play: %s\n", what);
	exit(2);
}

static int
next_char(void)
{
	int c = getchar_unlocked();

	while (c == ' ' || c == '\n')
		c = getchar_unlocked();
	return c;
}

static uint64_t
word(void)
{
	int c = next_char();
	bool minus = c == '-';
	uint64_t n = 0;

	if (minus)
		c = getchar_unlocked();
	if (c < '0' || c > '9')
		bad("a number is missing");
	for (; c >= '0' && c <= '9'; c = getchar_unlocked())
		n = n * 10 + (uint64_t)(c - '0');
	return minus ? -n : n;
}

static uint32_t
number(void)
{
	return (uint32_t)word();
}

static uint32_t
index_below(uint32_t count)
{
	uint32_t n = number();

	if (n >= count)
		bad("an index is too high");
	return n;
}

static void *
zeroed(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		bad("no memory");
	return memory;
}

/* level kinds regions requires */
static struct label
read_label(void)
{
	struct label l = { .level = number() };

	l.kinds = word();
	l.regions = word();
	l.requires = word();
	return l;
}

/* level kinds regions holds */
static struct clearance
read_clearance(void)
{
	struct clearance c = { .level = number() };

	c.kinds = word();
	c.regions = word();
	c.holds = word();
	return c;
}

/* 0 for all, or 1 and the words of a set of `count` members */
static const uint64_t *
read_set(const uint64_t *old, uint32_t count)
{
	uint64_t *set = NULL;

	free((void *)old);
	if (number() == 0)
		return NULL;
	set = zeroed((count + 63) / 64, sizeof(*set));
	for (uint32_t i = 0; i < (count + 63) / 64; i++)
		set[i] = word();
	return set;
}

/* cost latency quality */
static struct prefer
read_prefer(void)
{
	struct prefer p = { .cost = number() };

	p.latency = number();
	p.quality = number();
	return p;
}

/* H: clearance, offline */
static struct place
read_place(void)
{
	struct place p = { .clearance = read_clearance(), .kind = PLACE_OTHER };

	p.offline = number() != 0;
	return p;
}

static void
release(struct stage *s)
{
	for (uint32_t i = 0; i < s->policy.workload_count; i++) {
		free((void *)s->workload[i].models);
		free((void *)s->workload[i].widening);
	}
	for (uint32_t i = 0; i < s->policy.bound_count; i++)
		free((void *)s->bound[i].models);
	free(s->kind_label);
	free(s->kind_duties);
	free(s->place);
	free(s->model);
	free(s->workload);
	free(s->bound);
}

/* P: duties, kinds, places, first tool, models, workloads, bounds */
static void
read_policy(struct stage *s)
{
	release(s);
	struct policy p = { .duties = number() };
	p.kind_count = number();
	p.place_count = number();
	p.tool_first = number();
	p.tool_count = p.place_count - p.tool_first;
	p.model_count = number();
	p.workload_count = number();
	p.bound_count = number();
	if (p.kind_count > KIND_MAX || p.model_count > MODEL_MAX)
		bad("a policy is too large");
	p.kind_label = s->kind_label = zeroed(p.kind_count, sizeof(*s->kind_label));
	p.kind_duties = s->kind_duties = zeroed(p.kind_count, sizeof(*s->kind_duties));
	p.place = s->place = zeroed(p.place_count, sizeof(*s->place));
	p.model = s->model = zeroed(p.model_count, sizeof(*s->model));
	p.workload = s->workload = zeroed(p.workload_count, sizeof(*s->workload));
	p.bound = s->bound = zeroed(p.bound_count, sizeof(*s->bound));
	s->policy = p;
}

/* K: index, label, duties */
static void
read_kind(struct stage *s)
{
	uint32_t i = index_below(s->policy.kind_count);

	s->kind_label[i] = read_label();
	s->kind_duties[i] = number();
}

/* Z: index, clearance, offline; of a zone or a tool */
static void
read_zone(struct stage *s)
{
	struct place *place = &s->place[index_below(s->policy.place_count)];

	*place = read_place();
}

/* M: index, place, capability, features, context, latency, cost, draining */
static void
read_model(struct stage *s)
{
	struct policy_model *m = &s->model[index_below(s->policy.model_count)];

	m->place = index_below(s->policy.place_count);
	m->capability = (enum capability)number();
	m->features = word();
	m->context_tokens = number();
	m->latency_ms = number();
	m->cost = (int64_t)word();
	m->draining = number() != 0;
}

/* W: index, floor, capability, features, latency, offline, degrade when refused and when down,
 * prefers, prefer, duties, models, how many widenings, each: place, clearance, until, exception */
static void
read_workload(struct stage *s)
{
	uint32_t i = index_below(s->policy.workload_count);
	struct workload *w = &s->workload[i];
	struct widening *widening;

	w->floor = read_label();
	w->capability = (enum capability)number();
	w->features = word();
	w->latency_ms = number();
	w->offline = number() != 0;
	w->refused_degrade = number() != 0;
	w->down_degrade = number() != 0;
	w->prefers = number() != 0;
	w->prefer = read_prefer();
	w->duties = number();
	w->models = read_set(w->models, s->policy.model_count);
	free((void *)w->widening);
	w->widening_count = number();
	w->widening = widening = zeroed(w->widening_count, sizeof(*widening));
	for (uint32_t k = 0; k < w->widening_count; k++) {
		widening[k].workload = i;
		widening[k].place = index_below(s->policy.place_count);
		widening[k].clearance = read_clearance();
		widening[k].until = (int64_t)word();
		widening[k].exception = number();
	}
}

/* B: index, ceiling, models */
static void
read_bound(struct stage *s)
{
	struct bound *b = &s->bound[index_below(s->policy.bound_count)];

	b->ceiling = read_clearance();
	b->models = read_set(b->models, s->policy.model_count);
}

/* What is appended does not reach the end: a line is at most some 2,000 numbers. */
static size_t
append(char *line, size_t at, uint64_t n)
{
	return at + (size_t)snprintf(line + at, LINE_BYTES - at, "%" PRIu64 " ", n);
}

/*
 * label, duties, degraded, reason, refused, how many in the plan, these, their
 * exceptions; then of each model asked for its reason, why it is refused whatever
 * its rank, and why a request that has its plan may not be sent there.  Decided
 * into memory that is full of `filler`.
 */
static void
write_verdict(char *line, const struct policy *p, const struct facts *f, int filler)
{
	struct verdict v;
	uint8_t *reason = zeroed(f->count, 1);
	size_t at = 0;

	memset(&v, filler, sizeof(v));
	memset(reason, filler, f->count);
	verdict_decide(&v, p, f, reason);
	if (v.count > CANDIDATE_MAX)
		bad("a plan is too long");
	at = append(line, at, v.label.level);
	at = append(line, at, v.label.kinds);
	at = append(line, at, v.label.regions);
	at = append(line, at, v.label.requires);
	at = append(line, at, v.duties);
	at = append(line, at, v.degraded);
	at = append(line, at, v.reason);
	at = append(line, at, v.refused);
	at = append(line, at, v.count);
	for (uint32_t i = 0; i < v.count; i++)
		at = append(line, at, v.model[i]);
	for (uint32_t i = 0; i < v.count; i++)
		at = append(line, at, v.exception[i]);
	for (uint32_t i = 0; i < f->count; i++)
		at = append(line, at, reason[i]);
	for (uint32_t i = 0; i < f->count; i++)
		at = append(line, at, verdict_refuses(p, f, f->model[i], &f->live[i]));
	for (uint32_t i = 0; i < f->count; i++)
		at = append(line, at, verdict_forbids(p, f, f->model[i]));
	free(reason);
}

/* F: workload, bound, label, features, tools, tool unknown, tokens, now, prefer, how many models,
 * each: index, broken, full, limited, latency */
static void
read_facts(const struct stage *s)
{
	static char once[LINE_BYTES], again[LINE_BYTES];
	struct facts f = { .workload = index_below(s->policy.workload_count) };
	uint32_t *model;
	struct live *live;

	f.bound = index_below(s->policy.bound_count);
	f.label = read_label();
	f.features = word();
	f.tools = word();
	f.tool_unknown = number() != 0;
	f.tokens = word();
	f.now = (int64_t)word();
	f.prefer = read_prefer();
	f.count = index_below(s->policy.model_count + 1);
	f.model = model = zeroed(f.count, sizeof(*model));
	f.live = live = zeroed(f.count, sizeof(*live));
	for (uint32_t i = 0; i < f.count; i++) {
		model[i] = index_below(s->policy.model_count);
		live[i].broken = number() != 0;
		live[i].full = number() != 0;
		live[i].limited = number() != 0;
		live[i].latency = (nanos)word();
	}
	write_verdict(once, &s->policy, &f, 0x00);
	write_verdict(again, &s->policy, &f, 0xa5);
	printf("%s%s\n", strcmp(once, again) == 0 ? "" : "differs ", once);
	free(model);
	free(live);
}

int
main(void)
{
	struct stage s = { 0 };

	for (int row = next_char(); row != EOF; row = next_char()) {
		switch (row) {
		case 'P':
			read_policy(&s);
			break;
		case 'K':
			read_kind(&s);
			break;
		case 'Z':
			read_zone(&s);
			break;
		case 'H':
			s.policy.here = read_place();
			break;
		case 'M':
			read_model(&s);
			break;
		case 'W':
			read_workload(&s);
			break;
		case 'B':
			read_bound(&s);
			break;
		case 'F':
			read_facts(&s);
			break;
		default:
			bad("a row is of no sort");
		}
	}
	release(&s);
	return 0;
}
