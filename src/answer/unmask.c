/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/unmask.h"

#include "core/hash.h"
#include "core/limit.h"
#include "core/sse.h"

struct unmask *
unmask_new(struct arena *a, struct memory *memory, const struct vault *vault,
    struct outlet_rules *rules)
{
	struct unmask *u = arena_zero(a, sizeof *u);

	if (u == NULL)
		return NULL;
	u->arena = a;
	u->vault = vault;
	u->rules = rules;
	arena_init(&u->out, memory, REQUEST_ARENA_MAX);
	return u;
}

void
unmask_release(struct unmask *u)
{
	if (u != NULL)
		arena_release(&u->out);
}

/* ---- channels ---- */

static bool
channel_is(const struct unmask_channel *c, const struct openai_channel *at)
{
	return c->at.choice == at->choice && c->at.number == at->number && c->at.what == at->what;
}

static struct unmask_channel *
channel_new(struct unmask *u, const struct openai_channel *at, enum restore_mode mode)
{
	struct unmask_channel *c;

	if (u->count == u->room) {
		uint32_t room = u->room == 0 ? 4 : 2 * u->room;
		struct unmask_channel **grown = arena_alloc(u->arena, room * sizeof(void *));

		if (grown == NULL)
			return NULL;
		if (u->count > 0)
			memcpy(grown, u->channel, u->count * sizeof(void *));
		u->channel = grown;
		u->room = room;
	}
	if (u->count == CHANNELS_MAX || (c = arena_zero(u->arena, sizeof *c)) == NULL)
		return NULL;
	c->at = *at;
	if (outlet_init(&c->outlet, u->arena, u->rules) != ERR_OK)
		return NULL;
	restore_init(&c->outlet.restore, u->vault, mode, openai_part_is_json(at->what));
	return u->channel[u->count++] = c;
}

/* Usually the last one that was used; NULL: none is open. */
static struct unmask_channel *
channel_find(const struct unmask *u, const struct openai_channel *at)
{
	for (uint32_t i = u->count; i-- > 0;)
		if (channel_is(u->channel[i], at) && !u->channel[i]->ended)
			return u->channel[i];
	return NULL;
}

/* ---- one document ---- */

/* A string of it that becomes another, or something that is taken out. */
struct change {
	uint32_t		 node;
	struct openai_channel	 at;
	struct slice		 was;
	struct page		 now;
	bool			 gone;		/* becomes null */
};

struct document {
	const struct json	*json;
	struct slice		 text;
	struct change		*change;
	uint32_t		 count, room;
	uint32_t		 beside;	/* from which on they stand in no choice */
	enum restore_mode	 mode;
	bool			 whole;		/* parts end with it */
};

static struct change *
change_add(struct unmask *u, struct document *d)
{
	if (d->count == d->room) {
		uint32_t room = d->room == 0 ? 4 : 2 * d->room;
		struct change *grown = arena_alloc(&u->out, room * sizeof *grown);

		if (grown == NULL)
			return NULL;
		if (d->count > 0)
			memcpy(grown, d->change, d->count * sizeof *grown);
		d->change = grown;
		d->room = room;
	}
	d->change[d->count] = (struct change){ .now.arena = &u->out };
	return &d->change[d->count++];
}

static enum err
outcome(const struct unmask *u)
{
	if (u->rules != NULL && u->rules->blind)
		return ERR_MEMORY;
	if (u->rules != NULL && u->rules->stopped)
		return ERR_OUTPUT_STOPPED;
	return arena_overflowed(&u->out) ? ERR_MEMORY : ERR_OK;
}

/* The text of a part that is over goes behind what this document has of it, or into *apart. */
static struct page *
rest_of(struct document *d, const struct unmask_channel *c, struct page *apart)
{
	for (uint32_t i = d->count; i-- > 0;)
		if (channel_is(c, &d->change[i].at))
			return &d->change[i].now;
	return apart;
}

static void
put_own_event(struct unmask *u, const struct openai_channel *at, struct slice rest)
{
	const struct openai_frame *frame = &openai_frame[at->what];
	struct page *t = &u->page;

	page_put(t, S("data: {"));
	page_put(t, u->head);
	page_put(t, S("\"choices\":[{\"index\":"));
	page_put_number(t, at->choice);
	page_put(t, S(","));
	page_put(t, frame->before);
	if (frame->behind.len > 0)
		page_put_number(t, at->number);
	page_put(t, frame->behind);
	page_put_json(t, rest);
	page_put(t, frame->after);
	page_put(t, S(",\"finish_reason\":null}]}\n\n"));
}

/* A part is over: what is left of it goes behind what this document has of it, or before that. */
static void
end_channel(struct unmask *u, struct document *d, struct unmask_channel *c)
{
	struct page apart = { .arena = &u->out };

	c->ended = true;
	outlet_end(&c->outlet, rest_of(d, c, &apart));
	if (page_slice(&apart).len > 0)
		put_own_event(u, &c->at, page_slice(&apart));
}

/* All parts of a choice (UINT32_MAX: of all choices) are over. */
static void
end_choice(struct unmask *u, struct document *d, uint32_t choice)
{
	for (uint32_t i = 0; i < u->count; i++) {
		struct unmask_channel *c = u->channel[i];

		if (!c->ended && (choice == UINT32_MAX || c->at.choice == choice))
			end_channel(u, d, c);
	}
}

/* ---- what stands in a document ---- */

/*
 * A hash of the id of a tool call, 0 for none: vendors were seen to number all of them 0.  Of a
 * long one its beginning tells, for it is hashed with each text of the call.
 */
static uint64_t
id_of(const struct json *j, uint32_t id)
{
	const struct hash_key none = { { 0, 0 } };
	struct slice s = id == 0 ? slice_of(NULL, 0) : json_inside(j, id);

	return s.len == 0 ? 0 : hash_64(&none, slice_cut(s, 0, s.len < NAME_BYTES_MAX ? s.len
	    : NAME_BYTES_MAX));
}

/* The channel that a piece of a text goes on with, or begins. */
static struct unmask_channel *
channel_of(struct unmask *u, struct document *d, const struct openai_part *part)
{
	struct unmask_channel *c = channel_find(u, &part->channel);
	uint64_t id = id_of(d->json, part->id);

	if (c != NULL && c->id != 0 && id != 0 && c->id != id) {
		end_channel(u, d, c);
		c = NULL;
	}
	if (c == NULL && (c = channel_new(u, &part->channel, d->mode)) == NULL)
		return NULL;
	c->id = id != 0 ? id : c->id;
	return c;
}

/* A text that is whole where it stands. */
static enum err
feed_alone(struct unmask *u, struct outlet *o, struct change *change, enum restore_mode mode)
{
	if (o->guard == NULL && outlet_init(o, u->arena, u->rules) != ERR_OK)
		return ERR_MEMORY;
	outlet_reset(o);
	restore_init(&o->restore, u->vault, mode, false);
	outlet_feed(o, change->was, &change->now);
	outlet_end(o, &change->now);
	u->restored += o->restore.restored;
	u->unresolved += o->restore.unresolved;
	return outcome(u);
}

static enum err
feed_part(struct unmask *u, struct document *d, const struct openai_part *part)
{
	bool alone = part->channel.what == OPENAI_OTHER;
	struct unmask_channel *c = alone ? NULL : channel_of(u, d, part);
	struct change *change = change_add(u, d);

	if (change == NULL || (c == NULL && !alone))
		return ERR_MEMORY;
	change->node = part->node;
	change->at = part->channel;
	change->was = json_string(&u->out, d->json, part->node);
	if (alone)
		return feed_alone(u, &u->alone, change, d->mode);
	outlet_feed(&c->outlet, change->was, &change->now);
	return outcome(u);
}

static enum err
feed_walk(struct unmask *u, struct document *d, struct openai_part_walk *walk)
{
	struct openai_part part;
	enum err e = ERR_OK;

	while (e == ERR_OK && openai_part_next(walk, &part))
		e = feed_part(u, d, &part);
	return e;
}

/* What says the answer once more, and nobody can watch: it becomes null. */
static enum err
leave_out(struct unmask *u, struct document *d, uint32_t node)
{
	struct change *change;

	if (u->rules == NULL || u->rules->mode == WATCH_OBSERVE || node == 0 ||
	    json_type(d->json, node) == JSON_NULL)
		return ERR_OK;
	if ((change = change_add(u, d)) == NULL)
		return ERR_MEMORY;
	change->node = node;
	change->at.what = OPENAI_OTHER;
	change->gone = true;
	return ERR_OK;
}

/* Feeds every part; what the document itself becomes is in its changes. */
static enum err
feed_document(struct unmask *u, struct document *d)
{
	struct openai_choice choice = { 0 };
	struct openai_part_walk walk;
	enum err e;

	for (uint32_t after = 0; openai_choice_next(d->json, after, &choice);
	    after = choice.node) {
		if ((e = leave_out(u, d, choice.logprobs)) != ERR_OK ||
		    (e = leave_out(u, d, choice.voice)) != ERR_OK)
			return e;
		openai_part_begin(&walk, d->json, &choice);
		if ((e = feed_walk(u, d, &walk)) != ERR_OK)
			return e;
		if (choice.finish != 0 || d->whole)
			end_choice(u, d, choice.index);
	}
	d->beside = d->count;
	openai_part_beside(&walk, d->json);
	e = feed_walk(u, d, &walk);
	return e == ERR_OK ? outcome(u) : e;
}

/* Those of choices, in the order in which they stand: only what is left out does not yet. */
static void
sort_changes(struct document *d)
{
	for (uint32_t i = 1; i < d->beside; i++) {
		struct change one = d->change[i];
		uint32_t at = i;

		for (; at > 0 && d->change[at - 1].node > one.node; at--)
			d->change[at] = d->change[at - 1];
		d->change[at] = one;
	}
}

static bool
is_changed(const struct document *d)
{
	for (uint32_t i = 0; i < d->count; i++)
		if (d->change[i].gone ||
		    !slice_eq(d->change[i].was, page_slice(&d->change[i].now)))
			return true;
	return false;
}

/*
 * The document with its changes; strings that stay the same keep their bytes.  What stands beside
 * the choices is merged with what stands in them: a vendor may say all of it before or behind.
 */
static void
put_document(struct unmask *u, struct document *d)
{
	uint32_t in = 0, beside = d->beside, at = 0;

	sort_changes(d);
	while (in < d->beside || beside < d->count) {
		bool is_in = beside == d->count ||
		    (in < d->beside && d->change[in].node < d->change[beside].node);
		const struct change *c = &d->change[is_in ? in++ : beside++];
		const struct json_node *node = &d->json->node[c->node];
		struct slice now = page_slice(&c->now);

		if (!c->gone && slice_eq(c->was, now))
			continue;
		page_put(&u->page, slice_cut(d->text, at, node->start));
		if (c->gone)
			page_put(&u->page, S("null"));
		else
			page_put_json(&u->page, now);
		at = node->end;
	}
	page_put(&u->page, slice_cut(d->text, at, d->text.len));
}

/* ---- streams ---- */

/* What our own events have in common with the vendor's. */
static void
keep_head(struct unmask *u, const struct json *j)
{
	static const struct slice name[] = {
		{ "id", 2 }, { "object", 6 }, { "created", 7 }, { "model", 5 },
	};
	struct page t = { .arena = &u->out };

	if (u->head.ptr != NULL || json_type(j, 0) != JSON_OBJECT)
		return;
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		uint32_t node = json_member(j, 0, name[i]);

		if (node == 0 || json_raw(j, node).len > NAME_BYTES_MAX)
			continue;
		page_put(&t, S("\""));
		page_put(&t, name[i]);
		page_put(&t, S("\":"));
		page_put(&t, json_raw(j, node));
		page_put(&t, S(","));
	}
	u->head = arena_copy(u->arena, page_slice(&t));
}

static enum err
take_event(struct unmask *u, struct slice event)
{
	struct document d = { .mode = RESTORE_LOOSE };
	struct sse_event fields;
	struct json_fault fault;
	struct json json;
	enum err e;

	if ((e = sse_read(event, &fields)) != ERR_OK)
		return e;
	if (slice_eq(fields.data, S("[DONE]")))
		end_choice(u, &d, UINT32_MAX);
	if (fields.data_count != 1 || !slice_starts(fields.data, S("{"))) {
		page_put(&u->page, event);
		return ERR_OK;
	}
	e = json_parse(&u->out, fields.data, JSON_DUPLICATES_KEPT, &json, &fault);
	if (e != ERR_OK)
		return e == ERR_MEMORY ? e : ERR_UPSTREAM_MALFORMED;
	d.json = &json;
	d.text = fields.data;
	keep_head(u, &json);
	if ((e = feed_document(u, &d)) != ERR_OK)
		return e;
	if (!is_changed(&d)) {
		page_put(&u->page, event);
		return ERR_OK;
	}
	page_put(&u->page, S("data: "));
	put_document(u, &d);
	page_put(&u->page, S("\n\n"));
	return ERR_OK;
}

static enum err
give_view(struct unmask *u, struct stream_view *v)
{
	v->piece[0] = page_slice(&u->page);
	v->count = u->page.text.len > 0;
	return arena_overflowed(&u->out) || arena_overflowed(u->arena) ? ERR_MEMORY : ERR_OK;
}

enum err
unmask_view(struct unmask *u, struct stream_view *v)
{
	arena_reset(&u->out);
	u->page = (struct page){ .arena = &u->out };
	for (int i = 0; i < v->count; i++) {
		struct slice rest = v->piece[i];

		while (rest.len > 0) {
			size_t scanned = 0, length = sse_end(rest, &scanned);
			enum err e;

			/* The stream gave whole events alone. */
			must(length > 0);
			e = take_event(u, slice_cut(rest, 0, length));
			if (e == ERR_OUTPUT_STOPPED)
				(void)!give_view(u, v);
			if (e != ERR_OK)
				return e;
			rest = slice_cut(rest, length, rest.len);
		}
	}
	return give_view(u, v);
}

enum err
unmask_cut(struct unmask *u, struct stream_view *v)
{
	struct document none = { .mode = RESTORE_LOOSE };

	arena_reset(&u->out);
	u->page = (struct page){ .arena = &u->out };
	end_choice(u, &none, UINT32_MAX);
	return give_view(u, v);
}

/* ---- whole answers ---- */

enum err
unmask_whole(struct unmask *u, const struct json *j, struct slice *text)
{
	struct document d = { .json = j, .text = *text, .whole = true };
	enum err e;

	/* In pieces, as what is watched comes, tokens are not put right. */
	d.mode = u->rules == NULL ? RESTORE_WHOLE : RESTORE_LOOSE;
	arena_reset(&u->out);
	u->page = (struct page){ .arena = &u->out };
	if ((e = feed_document(u, &d)) != ERR_OK || !is_changed(&d))
		return e;
	put_document(u, &d);
	*text = page_slice(&u->page);
	return arena_overflowed(&u->out) || arena_overflowed(u->arena) ? ERR_MEMORY : ERR_OK;
}

void
unmask_counts(const struct unmask *u, uint64_t *restored, uint64_t *unresolved)
{
	*restored = u->restored;
	*unresolved = u->unresolved;
	for (uint32_t i = 0; i < u->count; i++) {
		*restored += u->channel[i]->outlet.restore.restored;
		*unresolved += u->channel[i]->outlet.restore.unresolved;
	}
}

uint64_t
unmask_watched(const struct unmask *u, struct slice *first)
{
	*first = u->rules == NULL ? slice_of(NULL, 0) : u->rules->first;
	return u->rules == NULL ? 0 : u->rules->found;
}
