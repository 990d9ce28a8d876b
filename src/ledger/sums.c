/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/sums.h"

#include <stdlib.h>

#include "core/date.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/limit.h"
#include "core/price.h"
#include "run/heap.h"

struct sums_row {
	struct rollup	rollup;		/* of an hour */
	uint64_t	hash;
};

#define SECONDS_BYTES	19		/* YYYY-MM-DDTHH:MM:SS of a record's time */

static struct slice
text_of(struct sums *t, const struct json *j, uint32_t object, struct slice name)
{
	uint32_t node = json_member(j, object, name);

	return node != 0 && json_type(j, node) == JSON_STRING ? json_string(&t->work, j, node)
	    : slice_of(NULL, 0);
}

static int64_t
count_of(const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);
	uint64_t n;

	return node != 0 && json_integer(j, node, &n) ? (int64_t)n : 0;
}

static bool
is_true(const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);

	return node != 0 && json_type(j, node) == JSON_TRUE;
}

/* The hour of a record's time; false if it is none. */
static bool
read_hour(struct slice time, int64_t *hour)
{
	char room[SECONDS_BYTES + 1];
	int64_t seconds;

	if (time.len < SECONDS_BYTES)
		return false;
	memcpy(room, time.ptr, SECONDS_BYTES);
	room[SECONDS_BYTES] = 'Z';
	if (!date_read(slice_of(room, sizeof room), &seconds))
		return false;
	*hour = rollup_begin(ROLLUP_HOUR, seconds);
	return true;
}

/* The first bound of milliseconds that is not below. */
static enum rollup_figure
bucket_of(int64_t us)
{
	static const int64_t bound[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000,
		10000, 30000, 60000 };
	unsigned i = 0;

	_Static_assert(sizeof bound / sizeof bound[0] == FIGURE_longer - FIGURE_under_1,
	    "a bound for each bucket but the last");
	while (i < sizeof bound / sizeof bound[0] && us > bound[i] * 1000)
		i++;
	return FIGURE_under_1 + i;
}

static void
read_outcome(struct sums *t, const struct json *j, int64_t *figure)
{
	uint32_t attempts = json_member(j, 0, S("attempts"));
	uint32_t asked = attempts != 0 && json_type(j, attempts) == JSON_ARRAY
	    ? j->node[attempts].count : 0;
	int64_t status = count_of(j, S("status"));
	bool well = slice_eq(text_of(t, j, 0, S("err")), S("ok"));
	bool refused = !well && asked == 0 && status >= 400 && status < 500;
	struct slice cost = text_of(t, j, 0, S("cost_usd"));

	figure[FIGURE_requests] = 1;
	figure[FIGURE_refused] = refused;
	figure[FIGURE_errors] = !well && !refused;
	figure[FIGURE_fallbacks] = asked > 1;
	figure[FIGURE_masked] = count_of(j, S("masked")) > 0;
	figure[FIGURE_estimated] = is_true(j, S("usage_estimated"));
	if (cost.ptr == NULL || !price_read_usd(cost, &figure[FIGURE_spend]))
		figure[FIGURE_unpriced] = asked > 0;
	figure[FIGURE_input] = count_of(j, S("input_tokens"));
	figure[FIGURE_output] = count_of(j, S("output_tokens"));
	figure[FIGURE_cached] = count_of(j, S("cached_tokens"));
	figure[FIGURE_duration_us] = count_of(j, S("duration_us"));
	figure[bucket_of(figure[FIGURE_duration_us])]++;
}

/* False for what is no record of a request. */
static bool
read_record(struct sums *t, const struct json *j, struct rollup *out)
{
	static const struct slice member[ROLLUP_NAMES] = {
		[ROLLUP_TENANT] = { "tenant", 6 }, [ROLLUP_KEY] = { "caller", 6 },
		[ROLLUP_MODEL] = { "model", 5 }, [ROLLUP_ZONE] = { "zone", 4 },
		[ROLLUP_LABEL] = { "label", 5 },
	};
	uint32_t decision, facts;

	*out = (struct rollup){ .span = ROLLUP_HOUR };
	if (json_member(j, 0, S("id")) == 0 || json_member(j, 0, S("err")) == 0 ||
	    json_member(j, 0, S("tenant")) == 0 ||
	    !read_hour(text_of(t, j, 0, S("time")), &out->at))
		return false;
	for (int i = 0; i < ROLLUP_NAMES; i++)
		if (member[i].len > 0)
			out->name[i] = text_of(t, j, 0, member[i]);
	if ((decision = json_member(j, 0, S("decision"))) != 0 &&
	    (facts = json_member(j, decision, S("facts"))) != 0)
		out->name[ROLLUP_WORKLOAD] = text_of(t, j, facts, S("workload"));
	read_outcome(t, j, out->figure);
	return true;
}

/* The same text gets the same place in every process; nobody gains by a poor one. */
static uint64_t
hash_of(const struct rollup *r)
{
	static const struct hash_key fixed = { { 0 } };
	uint64_t hash = (uint64_t)r->at;

	for (int i = 0; i < ROLLUP_NAMES; i++)
		hash = hash * UINT64_C(0x9e3779b97f4a7c15) + hash_64(&fixed, r->name[i]);
	return hash;
}

static bool
is_same(const struct rollup *a, const struct rollup *b)
{
	bool same = a->at == b->at;

	for (int i = 0; i < ROLLUP_NAMES && same; i++)
		same = slice_eq(a->name[i], b->name[i]);
	return same;
}

/* The slot of a row, or a free one. */
static struct sums_row **
find(struct sums_row **slot, size_t room, const struct rollup *r, uint64_t hash)
{
	size_t at = hash & (room - 1);

	while (slot[at] != NULL && (slot[at]->hash != hash || !is_same(&slot[at]->rollup, r)))
		at = (at + 1) & (room - 1);
	return &slot[at];
}

static bool
grow(struct sums *t)
{
	size_t room = t->room == 0 ? 64 : t->room * 2;
	struct sums_row **slot = calloc(room, sizeof *slot);

	if (slot == NULL)
		return false;
	for (size_t i = 0; i < t->room; i++)
		if (t->slot[i] != NULL)
			*find(slot, room, &t->slot[i]->rollup, t->slot[i]->hash) = t->slot[i];
	free(t->slot);
	t->slot = slot;
	t->room = room;
	return true;
}

/* Sums stop at the most that a row can hold. */
static void
add_figures(int64_t *to, const int64_t *from)
{
	for (int i = 0; i < ROLLUP_FIGURES; i++)
		if (__builtin_add_overflow(to[i], from[i], &to[i]))
			to[i] = INT64_MAX;
}

static enum err
count_row(struct sums *t, const struct rollup *r)
{
	uint64_t hash = hash_of(r);
	struct sums_row **slot;

	if (t->count * 2 >= t->room && !grow(t))
		return ERR_MEMORY;
	slot = find(t->slot, t->room, r, hash);
	if (*slot != NULL) {
		add_figures((*slot)->rollup.figure, r->figure);
		return ERR_OK;
	}
	if ((*slot = arena_alloc(&t->arena, sizeof **slot)) == NULL)
		return ERR_MEMORY;
	**slot = (struct sums_row){ .rollup = *r, .hash = hash };
	for (int i = 0; i < ROLLUP_NAMES; i++)
		(*slot)->rollup.name[i] = arena_copy(&t->arena, r->name[i]);
	t->count++;
	return arena_overflowed(&t->arena) ? ERR_MEMORY : ERR_OK;
}

enum err
sums_line(struct sums *t, struct slice line)
{
	struct json_fault fault;
	struct rollup rollup;
	struct json json;
	enum err e;

	if (!t->ready) {
		arena_init(&t->arena, heap_memory(), SUMS_BYTES_MAX);
		arena_init(&t->work, heap_memory(), SUMS_BYTES_MAX);
		t->ready = true;
	}
	e = json_parse(&t->work, line, JSON_DUPLICATES_KEPT, &json, &fault);
	/* What cannot be read as a record counts nothing; that is the ledger's affair. */
	if (e != ERR_OK)
		e = e == ERR_MEMORY ? e : ERR_OK;
	else if (json_type(&json, 0) == JSON_OBJECT && read_record(t, &json, &rollup))
		e = count_row(t, &rollup);
	arena_reset(&t->work);
	return e;
}

/* The row of an hour, and what it adds to its day and month. */
static enum err
put_row(struct store *s, struct rollup row)
{
	int64_t at = row.at;
	enum err e = ERR_OK;

	for (row.span = ROLLUP_HOUR; row.span < ROLLUP_SPANS && e == ERR_OK; row.span++) {
		row.at = rollup_begin(row.span, at);
		e = rollup_add(s, &row);
	}
	return e;
}

enum err
sums_put(struct sums *t, struct store *s)
{
	enum err e = ERR_OK;

	for (size_t i = 0; t->count > 0 && i < t->room && e == ERR_OK; i++)
		if (t->slot[i] != NULL)
			e = put_row(s, t->slot[i]->rollup);
	sums_reset(t);
	return e;
}

void
sums_reset(struct sums *t)
{
	if (t->count > 0)
		memset(t->slot, 0, t->room * sizeof *t->slot);
	t->count = 0;
	if (t->ready)
		arena_reset(&t->arena);
}

void
sums_release(struct sums *t)
{
	if (t->ready) {
		arena_release(&t->arena);
		arena_release(&t->work);
	}
	free(t->slot);
	*t = (struct sums){ 0 };
}
