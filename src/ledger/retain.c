/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/retain.h"

#define HOUR	(3600 * NANOS_PER_S)
#define DAY	(24 * HOUR)
#define MONTH	(31 * DAY)

/* ---- heads ---- */

/* Do two heads, of which the second is the newer, stand for the same span of time? */
static bool
stands_for(nanos wall, nanos first, nanos second)
{
	nanos span = wall - second > MONTH ? DAY : HOUR;

	return first / span == second / span;
}

/* The next head that its successor stands for, from *size on, where the search ends. */
static enum err
find_superfluous(struct store *s, nanos wall, uint64_t *size, bool *found)
{
	struct entry_head head = { 0 };
	uint64_t before = 0;
	nanos at = 0;
	bool more = true;
	enum err e = entry_head_seek(s, *size);

	*found = false;
	while (e == ERR_OK && !*found && (e = entry_head_next(s, &head, &more)) == ERR_OK &&
	    more && wall - head.wall > DAY) {
		*found = before > 0 && stands_for(wall, at, head.wall);
		*size = *found ? before : head.size;
		before = head.size;
		at = head.wall;
	}
	entry_head_end(s);
	return e;
}

enum err
retain_heads(struct store *s, nanos wall, bool *more)
{
	uint64_t size = 0;
	enum err e = ERR_OK;

	*more = true;
	for (unsigned i = 0; i < RETAIN_STEP && *more && e == ERR_OK; i++) {
		e = find_superfluous(s, wall, &size, more);
		if (e == ERR_OK && *more)
			e = entry_head_drop(s, size);
	}
	return e;
}

/* ---- entries ---- */

static enum err
has_line(struct store *s, uint64_t seq, bool *has)
{
	struct entry_row row = { 0 };
	bool found = false;
	enum err e = entry_seek(s, seq, seq + 1);

	if (e == ERR_OK)
		e = entry_next(s, &row, &found);
	*has = found && row.line.ptr != NULL;
	entry_end(s);
	return e;
}

/* They are pruned from the first on, so halving finds it. */
enum err
retain_first(struct store *s, uint64_t *seq)
{
	uint64_t low = 0, high = 0;
	bool found = false, has = false;
	enum err e = entry_last(s, &high, &found);

	if (e == ERR_OK && found)
		high++;
	while (e == ERR_OK && low < high) {
		uint64_t middle = low + (high - low) / 2;

		e = has_line(s, middle, &has);
		if (has)
			high = middle;
		else
			low = middle + 1;
	}
	if (e == ERR_OK)
		*seq = low;
	return e;
}

enum err
retain_end(struct store *s, uint64_t *seq)
{
	struct entry_head head = { 0 };
	struct entry_row open = { 0 };
	bool found = false, is_open = false;
	enum err e = entry_head_last(s, &head, &found);

	if (e == ERR_OK)
		e = entry_open_first(s, &open, &is_open);
	if (e != ERR_OK)
		return e;
	*seq = found ? head.size : 0;
	if (is_open && open.seq < *seq)
		*seq = open.seq;
	return ERR_OK;
}

enum err
retain_prune(struct store *s, void *arg)
{
	const struct retain_step *step = arg;

	must(step->to > step->from && step->to - step->from <= RETAIN_STEP);
	return entry_prune(s, step->from, step->to);
}

void
retain_put(struct text *t, const struct retain_step *step, nanos wall)
{
	text_put(t, S("{\"entry\":\"change\",\"time\":\""));
	text_put_time(t, wall);
	text_put(t, S("\",\"change\":\"entries_pruned\",\"by\":"));
	text_put_json(t, step->by);
	text_put(t, S(",\"from\":"));
	text_put_number(t, step->from);
	text_put(t, S(",\"to\":"));
	text_put_number(t, step->to - 1);
	text_put_char(t, '}');
}
