/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/keyring.h"

#include <stdlib.h>

#include "core/limit.h"
#include "ledger/book.h"
#include "run/fiber.h"
#include "run/file.h"
#include "run/host.h"
#include "run/kernel.h"
#include "run/loop.h"
#include "store/key.h"

#define PATH_BYTES	1024
#define NAP		NANOS_PER_MS

struct keyring {
	struct book		*book;
	struct registry		*registry;
	struct mac		 mac;		/* of the first worker's thread */
	struct ring_tenant	*tenants;
	bool			 busy;		/* somebody changes something */
};

struct registry *
keyring_registry(struct keyring *k)
{
	return k->registry;
}

/* ---- the folder ---- */

static bool
put_path(char room[static PATH_BYTES], const char *folder, struct slice name)
{
	struct text t;

	text_init(&t, room, PATH_BYTES - 1);
	text_put(&t, slice_of(folder, strnlen(folder, PATH_BYTES)));
	text_put_char(&t, '/');
	text_put(&t, name);
	room[t.len] = '\0';
	return !text_overflowed(&t);
}

static enum err
complain(struct text *why, const char *path, struct slice what)
{
	text_put(why, slice_of(path, strlen(path)));
	text_put(why, what);
	return ERR_CONF;
}

enum err
keyring_say_where(const char *folder, struct slice line, struct text *why)
{
	char path[PATH_BYTES];

	if (!put_path(path, folder, S("admin.url")))
		return complain(why, folder, S(": the path is too long"));
	return file_replace_secret(path, line, why);
}

static enum err
make_pepper(const char *path, bool needed, char out[static MAC_BYTES], struct text *why)
{
	if (needed)
		return complain(why, path, S(" is missing, and without it no key of this data "
		    "folder can be checked; put it back from a backup"));
	kernel_random(out, MAC_BYTES);
	return file_write_secret(path, slice_of(out, MAC_BYTES), why);
}

static enum err
read_pepper(const char *folder, bool needed, char out[static MAC_BYTES], struct text *why)
{
	char path[PATH_BYTES];
	struct slice bytes;
	enum err e;

	if (!put_path(path, folder, S("pepper")))
		return complain(why, folder, S(": the path is too long"));
	if (host_file_stamp(path) == 0)
		return make_pepper(path, needed, out, why);
	if (host_file_is_shared(path) != 0)
		return complain(why, path, S(" can be read or written by others than its owner; "
		    "chmod 600 it"));
	if ((e = file_read(path, MAC_BYTES, &bytes, why)) != ERR_OK)
		return e;
	if (bytes.len == MAC_BYTES)
		memcpy(out, bytes.ptr, MAC_BYTES);
	else
		e = complain(why, path, S(" must have 32 bytes; put it back from a backup"));
	file_free(bytes);
	return e;
}

static enum err
load_keys(struct keyring *k, struct store *s)
{
	struct slice packed;
	struct grant g;
	uint64_t count = 0;
	bool found;
	enum err e = key_row_count(s, &count);

	if (e != ERR_OK)
		return e;
	registry_expect(k->registry, count);
	while ((e = key_row_each(s, &packed, &found)) == ERR_OK && found) {
		if (!grant_unpack(packed, &g))
			return ERR_STORE_BROKEN;
		if ((e = registry_put(k->registry, packed)) != ERR_OK)
			return e;
	}
	return e;
}

/* ---- tenants ---- */

static enum err
keep_tenant(struct keyring *k, const struct ring_tenant *from)
{
	struct ring_tenant *t = malloc(sizeof *t + from->name.len + from->metadata.len), **at;
	char *bytes = (char *)(t + 1);

	if (t == NULL)
		return ERR_MEMORY;
	*t = *from;
	memcpy(bytes, from->name.ptr, from->name.len);
	t->name = slice_of(bytes, from->name.len);
	if (from->metadata.len > 0)
		memcpy(bytes + from->name.len, from->metadata.ptr, from->metadata.len);
	t->metadata = slice_of(bytes + from->name.len, from->metadata.len);
	for (at = &k->tenants; *at != NULL; at = &(*at)->next)
		if (slice_eq((*at)->name, t->name))
			break;
	if (*at != NULL) {
		struct ring_tenant *old = *at;

		*at = old->next;
		free(old);
	}
	t->next = k->tenants;
	k->tenants = t;
	return ERR_OK;
}

static enum err
load_tenants(struct keyring *k, struct store *s)
{
	struct tenant_row row;
	bool found;
	enum err e;

	while ((e = tenant_row_next(s, &row, &found)) == ERR_OK && found) {
		struct ring_tenant t = {
			.name = row.name, .metadata = row.metadata,
			.created = row.created, .suspended = row.suspended,
		};

		if ((e = keep_tenant(k, &t)) == ERR_OK && t.suspended)
			e = registry_suspend(k->registry, t.name, true);
		if (e != ERR_OK)
			break;
	}
	tenant_row_end(s);
	return e;
}

const struct ring_tenant *
keyring_tenants(const struct keyring *k)
{
	return k->tenants;
}

const struct ring_tenant *
keyring_tenant(const struct keyring *k, struct slice name)
{
	const struct ring_tenant *t = k->tenants;

	while (t != NULL && !slice_eq(t->name, name))
		t = t->next;
	return t;
}

/* ---- changes ---- */

size_t
keyring_make(struct keyring *k, struct grant *g, char out[static KEY_TEXT_MAX])
{
	size_t len = key_make((enum key_owner)g->head.owner, &g->head.id, out);

	mac_bytes(&k->mac, slice_of(out, len), g->head.mac[0]);
	return len;
}

/* A row as the store and the registry take it, and the entry that tells of it. */
struct change {
	struct key_row		row;
	struct tenant_row	tenant;
	struct text		packed, line;
	char			name[KEY_NAME_MAX];
};

static struct change *
change_new(size_t bytes)
{
	struct change *c = malloc(sizeof *c + 3 * bytes);

	if (c == NULL)
		return NULL;
	text_init(&c->packed, (char *)(c + 1), bytes);
	text_init(&c->line, (char *)(c + 1) + bytes, 2 * bytes);
	return c;
}

static void
begin_line(struct text *t, const struct deed *deed)
{
	text_put(t, S("{\"entry\":\"change\",\"time\":\""));
	text_put_time(t, deed->wall);
	text_put(t, S("\",\"by\":"));
	text_put_json(t, deed->by);
	text_put(t, S(",\"change\":"));
	text_put_json(t, deed->what);
}

static void
describe(struct change *c, const struct grant *g, const struct deed *deed)
{
	grant_pack(g, &c->packed);
	c->row = (struct key_row){
		.name = key_name((enum key_owner)g->head.owner, &g->head.id, c->name),
		.tenant = g->text[GRANT_tenant],
		.packed = text_slice(&c->packed),
	};
	begin_line(&c->line, deed);
	text_put(&c->line, g->head.owner == KEY_OPERATOR ? S(",\"operator\":{") : S(",\"key\":{"));
	grant_put_json(g, deed->wall, &c->line);
	text_put(&c->line, S("}}"));
	must(!text_overflowed(&c->packed) && !text_overflowed(&c->line));
}

static enum err
write_key(struct store *s, void *arg)
{
	const struct change *c = arg;

	return key_row_put(s, &c->row);
}

enum err
keyring_put(struct keyring *k, struct fiber *f, const struct grant *g, const struct deed *deed)
{
	struct change *c = change_new(GRANT_BYTES_MAX);
	struct entry entry = { 0 };
	enum err e = ERR_OK;

	must(k->busy);
	if (c == NULL)
		return ERR_MEMORY;
	describe(c, g, deed);
	entry.line = text_slice(&c->line);
	if (g->head.revoked != 0)
		e = registry_put(k->registry, c->row.packed);
	if (e == ERR_OK)
		e = book_write(k->book, f, write_key, c, &entry);
	if (e == ERR_OK)
		e = registry_put(k->registry, c->row.packed);
	free(c);
	return e;
}

static enum err
write_tenant(struct store *s, void *arg)
{
	const struct change *c = arg;

	return tenant_row_put(s, &c->tenant);
}

enum err
keyring_put_tenant(struct keyring *k, struct fiber *f, const struct ring_tenant *t,
    const struct deed *deed)
{
	struct change *c = change_new(GRANT_BYTES_MAX);
	struct entry entry = { 0 };
	enum err e = ERR_OK;

	must(k->busy);
	if (c == NULL)
		return ERR_MEMORY;
	c->tenant = (struct tenant_row){ t->name, t->metadata, t->created, t->suspended };
	begin_line(&c->line, deed);
	text_put(&c->line, S(",\"tenant\":"));
	text_put_json(&c->line, t->name);
	text_put(&c->line, t->suspended ? S(",\"suspended\":true}") : S(",\"suspended\":false}"));
	must(!text_overflowed(&c->line));
	entry.line = text_slice(&c->line);
	if (t->suspended)
		e = registry_suspend(k->registry, t->name, true);
	if (e == ERR_OK)
		e = book_write(k->book, f, write_tenant, c, &entry);
	if (e == ERR_OK && !t->suspended)
		e = registry_suspend(k->registry, t->name, false);
	free(c);
	return e == ERR_OK ? keep_tenant(k, t) : e;
}

enum err
keyring_begin(struct keyring *k, struct fiber *f)
{
	enum err e = ERR_OK;

	while (k->busy && e == ERR_OK)
		e = fiber_sleep(f, fiber_loop(f)->now + NAP);
	if (e == ERR_OK)
		k->busy = true;
	return e;
}

void
keyring_end(struct keyring *k)
{
	must(k->busy);
	k->busy = false;
}

/* ---- the first start ---- */

/* The file comes first: an admin whose key nobody has would lock everybody out. */
static enum err
make_admin(struct keyring *k, const char *folder, struct text *news, struct text *why)
{
	struct deed deed = { .by = S("first start"), .what = S("operator.create") };
	struct change *c = change_new(GRANT_BYTES_MAX);
	char path[PATH_BYTES], key[KEY_TEXT_MAX + 1];
	struct entry entry = { 0 };
	struct grant g = {
		.head = { .owner = KEY_OPERATOR, .id = key_id_make() },
		.text = { [GRANT_name] = S("the first"), [GRANT_role] = S("admin") },
	};
	enum err e;
	size_t len;

	if (c == NULL)
		return ERR_MEMORY;
	g.head.created = deed.wall = kernel_wall();
	len = keyring_make(k, &g, key);
	key[len] = '\n';
	describe(c, &g, &deed);
	entry.line = text_slice(&c->line);
	must(put_path(path, folder, S("admin.key")));
	e = file_replace_secret(path, slice_of(key, len + 1), why);
	explicit_bzero(key, sizeof key);
	if (e == ERR_OK && (e = key_row_put(book_store(k->book), &c->row)) == ERR_OK &&
	    (e = registry_put(k->registry, c->row.packed)) == ERR_OK)
		e = book_append(k->book, &entry);
	free(c);
	if (e != ERR_OK)
		return e;
	text_put(news, S("the key of the first admin is in "));
	text_put(news, slice_of(path, strlen(path)));
	text_put(news, S(", for its owner alone"));
	return ERR_OK;
}

static enum err
fill(struct keyring *k, const char *folder, struct text *news, struct text *why)
{
	struct store *store = book_store(k->book);
	char pepper[MAC_BYTES];
	bool any = false;
	enum err e;

	if ((e = key_row_any(store, &any)) == ERR_OK)
		e = read_pepper(folder, any, pepper, why);
	if (e != ERR_OK)
		return e;
	k->registry = registry_new(slice_of(pepper, sizeof pepper));
	explicit_bzero(pepper, sizeof pepper);
	if (k->registry == NULL || !registry_mac(k->registry, &k->mac))
		return ERR_MEMORY;
	if ((e = load_keys(k, store)) == ERR_OK)
		e = load_tenants(k, store);
	if (e == ERR_OK && registry_count(k->registry, KEY_OPERATOR) == 0)
		e = make_admin(k, folder, news, why);
	return e;
}

enum err
keyring_open(struct keyring **out, const char *folder, struct book *book, struct text *news,
    struct text *why)
{
	struct keyring *k = calloc(1, sizeof *k);
	enum err e;

	if (k == NULL)
		return ERR_MEMORY;
	k->book = book;
	e = fill(k, folder, news, why);
	if (e == ERR_OK)
		*out = k;
	else
		keyring_close(k);
	return e;
}

void
keyring_close(struct keyring *k)
{
	struct ring_tenant *next;

	if (k == NULL)
		return;
	for (struct ring_tenant *t = k->tenants; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
	mac_release(&k->mac);
	registry_free(k->registry);
	free(k);
}
