/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/load.h"

#include <stdlib.h>

#include "conf/draft.h"
#include "core/base64.h"
#include "run/heap.h"
#include "core/limit.h"
#include "run/address.h"
#include "run/host.h"

void *
draft_array(struct arena *arena, uint32_t count, size_t each)
{
	size_t bytes;

	if (__builtin_mul_overflow((size_t)count, each, &bytes))
		return NULL;
	return arena_zero(arena, bytes);
}

/* Half empty at least, so that walks are short, and never full, so that they end. */
uint32_t *
draft_table(struct draft *d, struct name_table *table, uint32_t count)
{
	uint64_t size = 4;
	uint32_t *slot;

	while (size < 2 * (uint64_t)count)
		size *= 2;
	slot = draft_array(d->arena, (uint32_t)size, sizeof *slot);
	*table = (struct name_table){ .slot = slot, .mask = size - 1 };
	return slot;
}

struct slice
draft_path(struct draft *d, const struct fields *f, enum schema_row row)
{
	struct slice text = field_text(f, row, slice_of(NULL, 0));
	char *room = text.len > 0 ? arena_bytes(d->arena, text.len + 1) : NULL;

	if (room == NULL)
		return slice_of(NULL, 0);
	memcpy(room, text.ptr, text.len);
	room[text.len] = '\0';
	return slice_of(room, text.len);
}

/* ---- listen and admin ---- */

static bool
is_loopback(const struct address *a)
{
	return address_scope(a) == ADDRESS_LOOPBACK;
}

static void
listen_address(struct draft *d, const struct node *node, struct slice what, struct address *out)
{
	struct slice local = S("localhost:");
	char room[64];
	struct text text;

	text_init(&text, room, sizeof room);
	if (slice_starts(node->text, local)) {
		text_put(&text, S("127.0.0.1:"));
		text_put(&text, slice_cut(node->text, local.len, node->text.len));
	} else {
		text_put(&text, node->text);
	}
	if (text_overflowed(&text) || !address_read_listen(text_slice(&text), out))
		report_error(d->report, node, SAY(S("`"), what, S("` must be ADDRESS:PORT with a "
		    "numeric address, as 127.0.0.1:8080, [::1]:8080 or :8080, not `"), node->text,
		    S("`")));
}

static void
draft_listen(struct draft *d, enum schema_row row, struct listen *out, struct tls_source *source)
{
	const struct node *node = field_at(&d->file, row);
	struct slice what = schema_row[row].name;
	struct fields f;

	if (node == NULL)
		return;
	if (node->type == NODE_TEXT) {
		listen_address(d, node, what, &out->address);
		return;
	}
	if (node->type != NODE_MAP) {
		report_error(d->report, node, SAY(S("`"), what, S("` must be ADDRESS:PORT, or a "
		    "map of `address` and `tls`")));
		return;
	}
	if (!schema_read(node, ROW_LISTEN, d->report, &f))
		return;
	if (field_at(&f, LISTEN_address) != NULL)
		listen_address(d, field_at(&f, LISTEN_address), what, &out->address);
	if (field_at(&f, LISTEN_tls) != NULL)
		out->tls = draft_server_tls(d, field_at(&f, LISTEN_tls), source);
}

/* An open gateway spends its owner's money for strangers, so there is none but on loopback. */
static void
check_listen(struct draft *d)
{
	const struct node *listen = field_at(&d->file, FILE_listen);
	const struct node *control = field_at(&d->file, FILE_admin);
	const struct node *keys = field_at(&d->file, FILE_keys);
	const struct address *data = &d->s->listen.address, *admin = &d->s->admin.address;
	struct address any = { .port = 0 };
	bool others = d->s->data.len > 0 || d->s->issuer_count > 0;	/* who may call */
	bool same_ip = memcmp(data->ip, admin->ip, sizeof data->ip) == 0 ||
	    memcmp(data->ip, any.ip, sizeof any.ip) == 0 ||
	    memcmp(admin->ip, any.ip, sizeof any.ip) == 0;

	if (!is_loopback(data) && keys == NULL && !others)
		report_error(d->report, listen, SAY(S("other machines can reach this address, and "
		    "there are no `keys`; add some, or a `data` folder to make some in, or "
		    "listen on 127.0.0.1")));
	if (!is_loopback(data) && keys != NULL && d->s->key_count == 0 && !others)
		report_error(d->report, keys, SAY(S("`keys` is empty, and other machines can reach "
		    "`listen`; add some, or listen on 127.0.0.1")));
	if (!is_loopback(admin))
		report_warning(d->report, control, SAY(S("the admin address asks nobody for a key: "
		    "who reaches it reads metrics and debug pages")));
	if (same_ip && data->port == admin->port && data->port != 0)
		report_error(d->report, control != NULL ? control : listen,
		    SAY(S("`listen` and `admin` cannot have the same port")));
}

/* ---- the rest of the top ---- */

/* A client that was set up wrongly tries some times a minute. */
#define FAILED_LOGINS_USUAL	60

static void
draft_log(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_log);
	struct slice file = S("stderr");
	struct fields f;

	if (node != NULL && schema_read(node, ROW_LOG, d->report, &f)) {
		file = field_text(&f, LOG_file, file);
		if (!slice_eq(file, S("stderr")) && !slice_eq(file, S("none"))) {
			d->s->log_target = LOG_FILE;
			d->s->log_file = draft_path(d, &f, LOG_file);
			return;
		}
	}
	d->s->log_target = slice_eq(file, S("none")) ? LOG_NONE : LOG_STDERR;
}

static void
draft_publish(struct draft *d, const struct node *node)
{
	struct publish *p = &d->s->publish;
	struct fields f;

	p->every = 60 * NANOS_PER_S;
	if (node == NULL || !schema_read(node, ROW_PUBLISH, d->report, &f))
		return;
	p->file = draft_path(d, &f, PUBLISH_file);
	p->url = arena_copy(d->arena, field_text(&f, PUBLISH_url, S("")));
	p->syslog = field_switch(&f, PUBLISH_syslog);
	p->every = (nanos)field_count(&f, PUBLISH_every_ms, 60000) * NANOS_PER_MS;
	if (p->url.len > 0)
		draft_server_origin(d, SERVER_WITNESS, &f, &p->at, &d->publish_tls);
}

/* What stands in the environment or the file: the key itself, or `whsec_` and its base64. */
static struct slice
alerts_key(struct draft *d, const struct node *node)
{
	struct slice key = draft_secret(d, node);

	if (d->options->detached || key.len == 0)
		return key;
	if (slice_starts(key, S("whsec_")) &&
	    !base64_read(d->arena, slice_cut(key, 6, key.len), &key)) {
		report_error(d->report, node, SAY(S("what follows `whsec_` is no base64")));
		return slice_of(NULL, 0);
	}
	if (key.len < 16 || key.len > 64)
		report_error(d->report, node, SAY(S("this secret does not have 16 to 64 bytes; a "
		    "good one: whsec_$(head -c 32 /dev/urandom | base64)")));
	return key;
}

static void
draft_alerts(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_alerts);
	struct alerting *a = &d->s->alerting;
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_ALERTS, d->report, &f))
		return;
	a->url = arena_copy(d->arena, field_text(&f, ALERTS_url, S("")));
	a->key.hidden = alerts_key(d, field_at(&f, ALERTS_secret));
	d->alerts_secret = arena_copy(d->arena, field_text(&f, ALERTS_secret, S("")));
	if (a->url.len > 0)
		draft_server_origin(d, SERVER_ALERTS, &f, &a->at, &d->alerts_tls);
}

static void
draft_ledger(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_ledger);
	struct snapshot *s = d->s;
	struct fields f;

	s->head_every = NANOS_PER_S;
	if (node == NULL || !schema_read(node, ROW_LEDGER, d->report, &f))
		return;
	if (s->data.len == 0)
		report_error(d->report, node, SAY(S("there is no ledger without a folder for it: "
		    "`data: FOLDER`")));
	s->ledger_origin = arena_copy(d->arena, field_text(&f, LEDGER_origin, S("")));
	if (slice_find(s->ledger_origin, S("+")) < s->ledger_origin.len)
		report_error(d->report, field_at(&f, LEDGER_origin), SAY(S("a ledger's name has no "
		    "plus: it stands between name and key where both are written")));
	s->head_every = (nanos)field_count(&f, LEDGER_head_ms, 1000) * NANOS_PER_MS;
	s->retain_days = (uint32_t)field_count(&f, LEDGER_retain_days, 0);
	draft_publish(d, field_at(&f, LEDGER_publish));
}

/* What is kept beside the ledger stands in its folder, unless it is said where. */
static void
draft_folders(struct draft *d)
{
	struct snapshot *s = d->s;
	size_t bytes;
	struct text t;

	s->data = draft_path(d, &d->file, FILE_data);
	s->archive = draft_path(d, &d->file, FILE_archive);
	if (s->archive.len > 0 || s->data.len == 0)
		return;
	bytes = s->data.len + sizeof "/policies";
	text_init(&t, arena_zero(d->arena, bytes), bytes - 1);
	if (t.ptr == NULL)
		return;
	text_put(&t, s->data);
	text_put(&t, S("/policies"));
	s->archive = text_slice(&t);
}

static void
draft_limits(struct draft *d)
{
	uint32_t workers = d->options->workers > 0 ? d->options->workers : host_processors();
	struct fields f = { 0 };

	if (field_at(&d->file, FILE_limits) != NULL)
		(void)schema_read(field_at(&d->file, FILE_limits), ROW_LIMITS, d->report, &f);
	d->s->workers = (uint32_t)field_count(&d->file, FILE_workers,
	    workers < WORKER_MAX ? workers : WORKER_MAX);
	d->s->body_bytes_max = field_count(&f, LIMITS_request_bytes, REQUEST_BYTES_MAX);
	d->s->request_wait = (nanos)field_count(&f, LIMITS_request_ms, REQUEST_WAIT_MS) *
	    NANOS_PER_MS;
	d->s->header_wait = (nanos)field_count(&f, LIMITS_header_ms, HEADER_WAIT_MS) * NANOS_PER_MS;
	d->s->failed_logins = gcra_of(field_count(&f, LIMITS_failed_logins_per_minute,
	    FAILED_LOGINS_USUAL));
	d->s->drain_wait = (nanos)field_count(&f, LIMITS_drain_ms, DRAIN_WAIT_MS) * NANOS_PER_MS;
}

static void
draft_file(struct draft *d, const struct node *root)
{
	if (root->type == NODE_EMPTY) {
		report_error(d->report, NULL, SAY(S("the configuration is empty; `models` must be "
		    "there")));
		return;
	}
	if (!schema_read(root, ROW_FILE, d->report, &d->file))
		return;
	must(address_read_listen(S("127.0.0.1:8080"), &d->s->listen.address));
	must(address_read_listen(S("127.0.0.1:9090"), &d->s->admin.address));
	d->s->tls = draft_array(d->arena, MODEL_MAX + ISSUER_MAX + 2,
	    sizeof(struct tls_context *));
	draft_listen(d, FILE_listen, &d->s->listen, &d->listen_tls);
	draft_listen(d, FILE_admin, &d->s->admin, &d->admin_tls);
	draft_log(d);
	draft_folders(d);
	draft_ledger(d);
	draft_alerts(d);
	draft_limits(d);
	draft_levels(d);
	draft_packs(d);
	draft_kinds(d);
	draft_regions(d);
	draft_zones(d);
	draft_here(d);
	draft_payloads(d);
	draft_tools(d);
	draft_roles(d);
	draft_models(d);
	draft_groups(d);
	draft_workloads(d);
	draft_detection(d);
	draft_tenants(d);
	draft_keys(d);
	draft_issuers(d);
	draft_exceptions(d);
	draft_never(d);
	draft_policy(d);
	draft_proof(d);
	check_listen(d);
}

/* ---- the whole ---- */

static struct snapshot *
snapshot_new(const struct conf_options *options)
{
	struct snapshot *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	atomic_init(&s->references, 1);
	s->hash_key = *options->hash_key;
	arena_init(&s->arena, heap_memory(), CONF_ARENA_MAX);
	return s;
}

static void
draft_run(struct draft *d, struct slice yaml)
{
	const struct node *root;

	if (yaml.len > CONF_BYTES_MAX) {
		report_error(d->report, NULL, SAY(S("the file is larger than 8388608 bytes")));
		return;
	}
	root = node_parse(&d->scratch, yaml, &d->s->hash_key, d->report);
	if (root != NULL)
		draft_file(d, root);
	if (root != NULL && d->report->errors == 0)
		draft_print(d);
}

enum err
conf_load(struct slice yaml, const struct conf_options *options, struct report *report,
    struct snapshot **out)
{
	struct draft *d = calloc(1, sizeof *d);
	enum err e = ERR_OK;

	if (d == NULL || report->message == NULL) {
		free(d);
		return ERR_MEMORY;
	}
	d->options = options;
	d->report = report;
	d->s = snapshot_new(options);
	arena_init(&d->scratch, heap_memory(), CONF_ARENA_MAX);
	if (d->s != NULL) {
		d->arena = &d->s->arena;
		draft_run(d, yaml);
	}
	/* What was reported after memory ran out may not be so. */
	if (d->s == NULL || arena_overflowed(&d->scratch) || arena_overflowed(d->arena))
		e = ERR_MEMORY;
	else if (report->errors > 0)
		e = ERR_CONF;
	report_sort(report, yaml);
	if (e == ERR_OK)
		*out = d->s;
	else
		snapshot_unref(d->s);
	arena_release(&d->scratch);
	free(d);
	return e;
}

void
conf_print(const struct snapshot *s, struct text *out)
{
	text_put(out, s->effective);
}
