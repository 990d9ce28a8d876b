/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/recover.h"

#include "core/arena.h"
#include "core/json.h"
#include "core/limit.h"
#include "run/heap.h"
#include "store/entry.h"

/* What a recovered entry says of the opened one, in its words. */
static const struct slice told[] = {
	{ "id", 2 }, { "caller", 6 }, { "tenant", 6 }, { "dialect", 7 }, { "operation", 9 },
	{ "model_asked", 11 }, { "policy", 6 },
};

static void
put_member(struct text *t, const struct json *j, struct slice name)
{
	uint32_t node = json_member(j, 0, name);

	if (node == 0)
		return;
	text_put_char(t, ',');
	text_put_json(t, name);
	text_put_char(t, ':');
	text_put(t, json_raw(j, node));
}

/* The line that closes an opened entry, in the arena, and its request's id; ERR_MEMORY. */
static enum err
make_line(struct arena *a, const struct entry_row *opened, nanos wall, struct entry *out)
{
	size_t room_bytes = opened->line.len + 256;
	char *room = arena_bytes(a, room_bytes);
	struct json j = { 0 };
	struct json_fault fault;
	uint32_t node = 0;
	struct text t;

	if (room == NULL)
		return ERR_MEMORY;
	if (json_parse(a, opened->line, JSON_DUPLICATES_KEPT, &j, &fault) == ERR_OK)
		node = json_member(&j, 0, S("id"));
	if (node == 0)
		return arena_overflowed(a) ? ERR_MEMORY : ERR_STORE_BROKEN;
	text_init(&t, room, room_bytes);
	text_put(&t, S("{\"entry\":\"recovered\",\"time\":\""));
	text_put_time(&t, wall);
	text_put(&t, S("\",\"opened\":"));
	text_put_number(&t, opened->seq);
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
		put_member(&t, &j, told[i]);
	text_put(&t, S(",\"err\":\"crashed\",\"cost_usd\":"));
	text_put(&t, json_member(&j, 0, S("cost_max_usd")) == 0 ? S("null") :
	    json_raw(&j, json_member(&j, 0, S("cost_max_usd"))));
	text_put_char(&t, '}');
	if (text_overflowed(&t))
		return ERR_MEMORY;
	*out = (struct entry){
		.kind = ENTRY_CLOSING,
		.id = json_inside(&j, node),
		.line = text_slice(&t),
	};
	return out->id.len == ENTRY_ID_BYTES ? ERR_OK : ERR_STORE_BROKEN;
}

static enum err
close_all(struct batch *b, nanos wall, uint64_t *count)
{
	struct entry_row opened;
	struct entry entry;
	struct arena arena;
	bool found = true;
	enum err e = ERR_OK;

	arena_init(&arena, heap_memory(), REQUEST_ARENA_MAX);
	while (e == ERR_OK && found) {
		e = entry_open_first(b->store, &opened, &found);
		if (e != ERR_OK || !found)
			break;
		arena_reset(&arena);
		opened.line = arena_copy(&arena, opened.line);
		e = arena_overflowed(&arena) ? ERR_MEMORY :
		    make_line(&arena, &opened, wall, &entry);
		if (e == ERR_OK)
			e = batch_put(b, &entry);
		*count += e == ERR_OK;
	}
	arena_release(&arena);
	return e;
}

enum err
recover_open(struct batch *b, nanos wall, uint64_t *count)
{
	enum err e = batch_begin(b);

	*count = 0;
	if (e != ERR_OK)
		return e;
	e = close_all(b, wall, count);
	if (e == ERR_OK)
		e = batch_commit(b);
	if (e != ERR_OK)
		batch_rollback(b);
	return e;
}
