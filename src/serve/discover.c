/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/discover.h"

#include <stdlib.h>

#include "run/heap.h"
#include "run/address.h"
#include "run/kernel.h"

#define USUAL_PORT	8080		/* of trivium, and of llama.cpp too */
#define ADMIN_PORT	9090

static const struct {
	struct slice	vendor, id;
} offered[] = {
#define OFFERED(vendor, id)	{ { vendor, sizeof(vendor) - 1 }, { id, sizeof(id) - 1 } },
#include "serve/discover.tbl"
#undef OFFERED
};

#define OFFERED_COUNT	(sizeof offered / sizeof offered[0])

/* Names that were given away, so that no two models have the same. */
struct names {
	struct slice	name[OFFERED_COUNT + 16 * PROBE_MODELS_MAX];
	uint32_t	count;
	uint32_t	local;		/* the first so many are of local engines */
	char		room[65536];
	struct text	text;
};

static bool
is_taken(const struct names *names, struct slice name)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (slice_eq(names->name[i], name))
			return true;
	return slice_eq(name, S("auto")) || slice_eq(name, S("local")) ||
	    slice_eq(name, S("cloud")) || slice_starts(name, S("workload/"));
}

static bool
is_name_byte(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (!first && memchr("._:/@+-", c, 7) != NULL);
}

/* An id as a name: of a path its last part, and - for what no name may have. */
static struct slice
name_write(struct text *t, struct slice prefix, struct slice id)
{
	size_t from = t->len;

	if (id.len > 0 && id.ptr[0] == '/')
		for (size_t i = id.len; i > 0; i--)
			if (id.ptr[i - 1] == '/') {
				id = slice_cut(id, i, id.len);
				break;
			}
	text_put(t, prefix);
	for (size_t i = 0; i < id.len; i++)
		if (is_name_byte(id.ptr[i], t->len == from))
			text_put_char(t, id.ptr[i]);
		else if (t->len > from)
			text_put_char(t, '-');
	return slice_cut(text_slice(t), from, t->len);
}

/* A model's name: its id, with the vendor before it if that is taken; absent if both are. */
static struct slice
name_give(struct names *names, struct slice vendor, struct slice id)
{
	char room[80];
	struct text prefix;
	struct slice name = name_write(&names->text, S(""), id);

	if (name.len == 0 || name.len > NAME_BYTES_MAX || is_taken(names, name)) {
		text_init(&prefix, room, sizeof room);
		text_put(&prefix, vendor);
		text_put_char(&prefix, '/');
		name = name_write(&names->text, text_slice(&prefix), id);
	}
	if (name.len > NAME_BYTES_MAX || is_taken(names, name) || text_overflowed(&names->text) ||
	    names->count == sizeof names->name / sizeof names->name[0])
		return slice_of(NULL, 0);
	names->name[names->count++] = name;
	return name;
}

static void
put_model(struct text *t, struct slice name, const struct vendor *vendor, struct slice zone,
    struct slice id)
{
	text_put(t, S("  "));
	text_put_json(t, name);
	text_put(t, S(":\n    vendor: "));
	text_put(t, vendor->name);
	text_put(t, S("\n    zone: "));
	text_put(t, zone);
	text_put(t, S("\n    id: "));
	text_put_json(t, id);
	text_put_char(t, '\n');
}

static void
put_engine(const struct probe *p, struct names *names, struct text *yaml)
{
	for (uint32_t i = 0; i < p->model_count; i++) {
		struct slice name = name_give(names, p->vendor->name, p->model[i]);

		if (name.len == 0)
			continue;
		put_model(yaml, name, p->vendor, S("edge"), p->model[i]);
		text_put(yaml, S("    url: \"http://127.0.0.1:"));
		text_put_number(yaml, p->port);
		text_put(yaml, S("\"\n"));
	}
}

static void
tell_engine(const struct probe *p, struct text *summary)
{
	if (p->model_count == 0 && !p->empty)
		return;
	text_put(summary, S("found "));
	text_put(summary, p->vendor->name);
	text_put(summary, S(" at 127.0.0.1:"));
	text_put_number(summary, p->port);
	text_put(summary, S(" with "));
	text_put_number(summary, p->model_count);
	text_put(summary, p->model_count == 1 ? S(" model") : S(" models"));
	text_put(summary, p->more ? S(", and more that are left out\n") : S("\n"));
}

static bool
has_key(const struct vendor *v)
{
	char room[64];
	const char *value;

	if (v->key_env.len == 0 || v->key_env.len >= sizeof room)
		return false;
	memcpy(room, v->key_env.ptr, v->key_env.len);
	room[v->key_env.len] = '\0';
	value = getenv(room);
	return value != NULL && value[0] != '\0';
}

static void
put_vendor(const struct vendor *v, struct names *names, struct text *yaml)
{
	for (size_t i = 0; i < OFFERED_COUNT; i++) {
		struct slice name;

		if (!slice_eq(offered[i].vendor, v->name))
			continue;
		name = name_give(names, v->name, offered[i].id);
		if (name.len == 0)
			continue;
		put_model(yaml, name, v, S("cloud"), offered[i].id);
		text_put(yaml, S("    key: env:"));
		text_put(yaml, v->key_env);
		text_put_char(yaml, '\n');
	}
}

static void
tell_vendor(const struct vendor *v, struct text *summary)
{
	text_put(summary, S("found "));
	text_put(summary, v->key_env);
	text_put(summary, v->base_url.len > 0 ? S(" in the environment\n")
	    : S(" in the environment, but where to use it must be configured; it is left out\n"));
}

static void
put_group(struct text *t, struct slice name, const struct slice *member, uint32_t count)
{
	if (count == 0)
		return;
	text_put(t, S("  "));
	text_put(t, name);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			text_put(t, S(", "));
		text_put_json(t, member[i]);
	}
	text_put(t, S("]\n"));
}

/* The same as example/simulated.yaml; a test loads both. */
static const char simulated[] =
"zones:\n"
"  edge:    {kind: edge, operator: self, clearance: {level: regulated, kinds: all},\n"
"            offline: true}\n"
"  on-prem: {kind: on_prem, operator: self, clearance: {level: regulated, kinds: all}}\n"
"  cloud:   {kind: public_api, clearance: {level: internal}}\n"
"\n"
"models:\n"
"  simulated/edge:\n"
"    vendor: simulated\n"
"    zone: edge\n"
"    price: {input_usd_per_million: 0, output_usd_per_million: 0}\n"
"  simulated/on-prem:\n"
"    vendor: simulated\n"
"    zone: on-prem\n"
"    price: {input_usd_per_million: 0.10, output_usd_per_million: 0.40}\n"
"  simulated/cloud:\n"
"    vendor: simulated\n"
"    zone: cloud\n"
"    price: {input_usd_per_million: 2.50, output_usd_per_million: 10.00}\n"
"\n"
"groups:\n"
"  chat: [simulated/edge, simulated/on-prem, simulated/cloud]\n";

static void
put_found(const struct probe *probe, size_t count, struct names *names, struct text *yaml)
{
	text_put(yaml, S("zones:\n"
	    "  edge:  {kind: edge, operator: self, clearance: {level: regulated, kinds: all}}\n"
	    "  cloud: {kind: public_api, clearance: {level: internal}}\n\nmodels:\n"));
	for (size_t i = 0; i < count; i++)
		put_engine(&probe[i], names, yaml);
	names->local = names->count;
	for (size_t i = 0; i < vendor_count; i++)
		if (has_key(&vendor_row[i]) && vendor_row[i].base_url.len > 0)
			put_vendor(&vendor_row[i], names, yaml);
	text_put(yaml, S("\ngroups:\n"));
	put_group(yaml, S("local"), names->name, names->local);
	put_group(yaml, S("cloud"), names->name + names->local, names->count - names->local);
}

/*
 * Where llama.cpp has our usual port, we take the next that is free.  This is
 * a guess: who takes that port in between is told so when we listen.
 */
static void
put_listen(const struct probe *probe, size_t count, struct text *yaml, struct text *summary)
{
	struct address address;
	uint16_t port = USUAL_PORT;
	int fd = -1;

	for (size_t i = 0; i < count; i++)
		if (probe[i].port == USUAL_PORT && probe[i].model_count > 0)
			port++;
	for (; port > USUAL_PORT && port < USUAL_PORT + 10 && fd < 0; port += fd < 0) {
		if (address_read(S("127.0.0.1"), port, &address))
			fd = kernel_listen(&address, false);
	}
	if (fd >= 0)
		kernel_close(fd);
	text_put(yaml, S("listen: \"127.0.0.1:"));
	text_put_number(yaml, port);
	text_put(yaml, S("\"\nadmin:  \"127.0.0.1:"));
	text_put_number(yaml, ADMIN_PORT);
	text_put(yaml, S("\"\n\n"));
	if (port == USUAL_PORT)
		return;
	text_put(summary, S("port 8080 is taken by an engine; this gateway listens on "));
	text_put_number(summary, port);
	text_put_char(summary, '\n');
}

enum err
discover_write(const struct probe *probe, size_t count, struct text *yaml, struct text *summary)
{
	struct names *names = calloc(1, sizeof *names);

	if (names == NULL)
		return ERR_MEMORY;
	text_init(&names->text, names->room, sizeof names->room);
	for (size_t i = 0; i < count; i++)
		tell_engine(&probe[i], summary);
	for (size_t i = 0; i < vendor_count; i++)
		if (has_key(&vendor_row[i]))
			tell_vendor(&vendor_row[i], summary);
	text_put(yaml, S("# Made from what was found on this machine.\n\n"));
	put_listen(probe, count, yaml, summary);

	size_t before = yaml->len;

	put_found(probe, count, names, yaml);
	if (names->count == 0) {
		yaml->len = before;
		text_put(yaml, slice_of(simulated, sizeof simulated - 1));
		text_put(summary, S("found no model of a local engine and no vendor's key; three "
		    "simulated models stand in for them\n"));
	}
	free(names);
	return text_overflowed(yaml) || text_overflowed(summary) ? ERR_MEMORY : ERR_OK;
}

enum err
discover(struct text *yaml, struct text *summary)
{
	struct probe *probe;
	struct arena arena;
	size_t count = 0;
	enum err e;

	arena_init(&arena, heap_memory(), DISCOVER_ARENA_MAX);
	probe = arena_zero(&arena, vendor_count * sizeof *probe);
	if (probe == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < vendor_count; i++) {
		if (vendor_row[i].port == 0)
			continue;
		probe[count].port = vendor_row[i].port;
		probe[count++].vendor = &vendor_row[i];
	}
	probe_all(probe, count, &arena);
	e = discover_write(probe, count, yaml, summary);
	arena_release(&arena);
	return e;
}
