/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/outlet.h"

#include "detect/detect.h"

enum err
outlet_init(struct outlet *o, struct arena *a, struct outlet_rules *rules)
{
	*o = (struct outlet){ .rules = rules };
	if (rules == NULL)
		return ERR_OK;
	o->guard = arena_alloc(a, sizeof *o->guard);
	o->window = arena_bytes(a, WINDOW_BYTES);
	if (o->guard == NULL || o->window == NULL)
		return ERR_MEMORY;
	guard_init(o->guard, &rules->guard);
	return ERR_OK;
}

void
outlet_reset(struct outlet *o)
{
	o->held = o->passed = o->judged = o->looked = 0;
	if (o->guard != NULL)
		guard_init(o->guard, &o->rules->guard);
}

/* Something that must not come out: true if it may all the same, for it is only counted. */
static bool
note(struct outlet_rules *rules, struct slice name)
{
	rules->found++;
	if (rules->first.ptr == NULL)
		rules->first = name;
	rules->stopped |= rules->mode == WATCH_STOP;
	return rules->mode == WATCH_OBSERVE;
}

/* ---- the last stage ---- */

static void
put_restored(struct outlet *o, struct slice s, struct page *out)
{
	struct slice piece;

	if (s.len == 0)
		return;
	restore_feed(&o->restore, s);
	while (restore_next(&o->restore, &piece))
		page_put(out, piece);
}

/* ---- the window ---- */

static bool
is_forbidden(const struct outlet_rules *rules, const struct finding *f)
{
	return weigh_has(rules->types, f->type) && weigh_counts(rules->rules, f);
}

/* Lets bytes of the window out up to `end`, those that did not go out before. */
static void
let_out(struct outlet *o, uint32_t end, struct page *out)
{
	if (end > o->passed) {
		put_restored(o, slice_of(o->window + o->passed, end - o->passed), out);
		o->passed = end;
	}
}

/* Leaves a finding out: what stands before it goes, and the window goes on behind it. */
static void
leave_out(struct outlet *o, const struct finding *f, struct page *out)
{
	let_out(o, f->start, out);
	if (o->passed < f->end)
		o->passed = f->end;
}

/*
 * Looks at what is in the window, and lets out what is before `keep`.  A finding that reaches
 * behind `keep` may go on; it is met again, with what comes.
 */
static void
look(struct outlet *o, uint32_t keep, struct page *out)
{
	struct outlet_rules *rules = o->rules;
	struct findings found;

	/* Whole characters, for an event is a text of its own. */
	while (keep > 0 && keep < o->held && (o->window[keep] & 0xc0) == 0x80)
		keep--;
	findings_init(&found, rules->scratch);
	detect_look(&(struct look){ .text = slice_of(o->window, o->held), .arena = rules->scratch,
	    .findings = &found, .dictionary = rules->dictionary, .wide = rules->wide },
	    rules->parts);
	/* Not all of it was looked at: who keeps something back keeps all of it back. */
	rules->blind |= rules->mode != WATCH_OBSERVE &&
	    (found.cut || arena_overflowed(rules->scratch));
	rules->stopped |= rules->blind;
	for (uint32_t i = 0; i < found.count && !rules->stopped; i++) {
		const struct finding *f = &found.at[i];

		if (!is_forbidden(rules, f) || f->end <= o->judged)
			continue;
		if (f->end > keep) {
			keep = f->start < keep ? f->start : keep;
			break;
		}
		if (!note(rules, weigh_type(rules->rules, (enum detect_type)f->type)->name) &&
		    !rules->stopped)
			leave_out(o, f, out);
	}
	arena_reset(rules->scratch);
	o->looked = o->held;
	o->judged = keep > o->judged ? keep : o->judged;
	if (!rules->stopped)
		let_out(o, keep, out);
}

/* Makes room: what went out, was judged, and is not needed to judge what follows is forgotten. */
static void
forget(struct outlet *o)
{
	uint32_t from = o->passed < o->judged ? o->passed : o->judged;

	from = from > WINDOW_BEFORE ? from - WINDOW_BEFORE : 0;
	/* Not inside of a character. */
	while (from > 0 && (o->window[from] & 0xc0) == 0x80)
		from--;
	memmove(o->window, o->window + from, o->held - from);
	o->held -= from;
	o->passed -= from;
	o->judged -= from;
	o->looked -= from;
}

static void
put_window(struct outlet *o, struct slice s, struct page *out)
{
	while (s.len > 0 && !o->rules->stopped) {
		uint32_t room = WINDOW_BYTES - o->held;
		uint32_t take = s.len < room ? (uint32_t)s.len : room;

		memcpy(o->window + o->held, s.ptr, take);
		o->held += take;
		s = slice_cut(s, take, s.len);
		if (o->held < WINDOW_BYTES && (o->held - o->looked < WINDOW_STRIDE ||
		    o->held - o->judged < WINDOW_KEEP + WINDOW_STRIDE))
			continue;
		look(o, o->held - WINDOW_KEEP, out);
		forget(o);
		if (o->held < WINDOW_BYTES)
			continue;
		/* A finding fills the window: it is judged as it is. */
		look(o, o->held, out);
		forget(o);
	}
	/* Who only watches holds nothing back. */
	if (o->rules->mode == WATCH_OBSERVE)
		let_out(o, o->held, out);
}

/* ---- the guard ---- */

static void
put_guarded(struct outlet *o, struct page *out)
{
	struct guard_finding finding;
	struct slice piece;
	enum guard_event event;

	while (!o->rules->stopped &&
	    (event = guard_next(o->guard, &piece, &finding)) != GUARD_MORE) {
		if (event == GUARD_PIECE)
			put_window(o, piece, out);
		else
			guard_go_on(o->guard, note(o->rules, guard_name(finding.reason)));
	}
}

void
outlet_feed(struct outlet *o, struct slice s, struct page *out)
{
	if (o->rules == NULL) {
		put_restored(o, s, out);
		return;
	}
	if (o->rules->stopped)
		return;
	guard_feed(o->guard, s);
	put_guarded(o, out);
}

void
outlet_end(struct outlet *o, struct page *out)
{
	struct slice piece;

	if (o->rules != NULL) {
		if (o->rules->stopped)
			return;
		guard_end(o->guard);
		put_guarded(o, out);
		if (!o->rules->stopped)
			look(o, o->held, out);
		if (o->rules->stopped)
			return;
	}
	restore_end(&o->restore);
	while (restore_next(&o->restore, &piece))
		page_put(out, piece);
}
