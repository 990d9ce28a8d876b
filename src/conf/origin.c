/* SPDX-License-Identifier: Apache-2.0 */

/*
 * origin - where a model is, or an issuer's keys, and what may travel there.
 *
 * The configuration names destinations; nothing else ever does.  From the URL,
 * the vendor and the zone follow which addresses its host may resolve to, so
 * that a name cannot lead inside, and whether a key or a prompt would travel in
 * clear.
 */

#include "conf/origin.h"

#include <stdlib.h>

#include "conf/draft.h"
#include "core/limit.h"
#include "run/address.h"
#include "run/dns.h"
#include "run/host.h"

enum host {
	HOST_NAME,			/* resolved later */
	HOST_PUBLIC,			/* numeric from here on */
	HOST_PRIVATE,
	HOST_LOOPBACK,			/* or localhost */
	HOST_FORBIDDEN,
};

/* The rows of conf.tbl that say how a server is reached; 0: there is no such key. */
struct reach {
	const struct fields	*f;
	enum schema_row		 ca, certificate, key, proxy;
};

static bool
is_localhost(struct slice host)
{
	struct slice tail = S(".localhost");

	if (slice_same_word(host, S("localhost")))
		return true;
	return host.len > tail.len &&
	    slice_same_word(slice_cut(host, host.len - tail.len, host.len), tail);
}

static enum host
host_sort(const struct url *url)
{
	struct address address;

	if (is_localhost(url->host))
		return HOST_LOOPBACK;
	if (!address_read(url->host, url->port, &address))
		return HOST_NAME;
	switch (address_scope(&address)) {
	case ADDRESS_PUBLIC:
		return HOST_PUBLIC;
	case ADDRESS_PRIVATE:
		return HOST_PRIVATE;
	case ADDRESS_LOOPBACK:
		return HOST_LOOPBACK;
	default:
		return HOST_FORBIDDEN;
	}
}

/* The URL's text with the vendor's version path where it has no path, in the arena. */
static bool
url_resolve(struct draft *d, const struct node *node, struct slice text, struct slice path,
    struct url *out)
{
	const char *why = "";
	struct slice whole = arena_copy(d->arena, text);

	if (!url_read(whole, out, &why)) {
		/* What is before an @ may be a password. */
		if (memchr(text.ptr, '@', text.len) != NULL)
			report_hide(d->report, node->line, node->end_line);
		report_error(d->report, node, SAY(S("`url` is not good: "), slice_of(why,
		    strlen(why))));
		return false;
	}
	if (out->path.len > 0 || path.len == 0)
		return true;
	while (text.len > 0 && text.ptr[text.len - 1] == '/')
		text.len--;

	char *room = arena_bytes(d->arena, text.len + path.len);

	if (room == NULL)
		return false;
	memcpy(room, text.ptr, text.len);
	memcpy(room + text.len, path.ptr, path.len);
	return url_read(slice_of(room, text.len + path.len), out, &why);
}

/* The URL as text: the file's, the vendor's, or that of the built-in providers. */
static struct slice
url_text(struct draft *d, const struct fields *f, struct model *model)
{
	const struct vendor *vendor = model->vendor;

	if (field_at(f, MODEL_url) != NULL)
		return field_at(f, MODEL_url)->text;
	if ((vendor->quirks & QUIRK_SIMULATED) != 0) {
		model->simulated = true;
		d->s->simulates = true;
		return d->options->simulated_url.len > 0 ? d->options->simulated_url
		    : S("http://127.0.0.1:9/v1");
	}
	if (vendor->base_url.len > 0)
		return vendor->base_url;
	if (node_find(f->map, S("url")) != NULL)
		return slice_of(NULL, 0);		/* it is there, and was wrong */
	if (vendor->port != 0) {
		char room[20];

		report_error(d->report, f->map, SAY(S("`url` is missing: "), vendor->name,
		    S(" runs on your own machines; on this one it would be http://127.0.0.1:"),
		    report_number(room, vendor->port)));
	} else {
		report_error(d->report, f->map, SAY(S("`url` is missing: "), vendor->name,
		    S(" has no address that everyone shares")));
	}
	return slice_of(NULL, 0);
}

static void
check_clear(struct draft *d, const struct fields *f, struct model *model, enum host host,
    bool inside)
{
	const struct node *node = field_at(f, MODEL_url) != NULL ? field_at(f, MODEL_url) : f->map;
	bool outside = host == HOST_PUBLIC || (host == HOST_NAME && !inside);

	if (model->at.url.tls)
		return;
	if (outside && field_at(f, MODEL_key) != NULL)
		report_error(d->report, node, SAY(S("the key would travel in clear to `"),
		    model->at.url.host, S("`; use https")));
	else if (outside)
		report_warning(d->report, node, SAY(S("prompts and answers travel in clear to `"),
		    model->at.url.host, S("`; use https")));
	/* A name of the inside must not lead outside with a key in clear. */
	else if (host == HOST_NAME && field_at(f, MODEL_key) != NULL)
		model->at.address_allow = DNS_PRIVATE;
}

static void
check_azure(struct draft *d, const struct fields *f, struct model *model,
    struct model_source *source)
{
	const struct node *version = field_at(f, MODEL_api_version);
	struct slice prefix = S("api-version=");
	char *room;

	if ((model->vendor->quirks & QUIRK_DEPLOYMENT_PATH) == 0) {
		if (version != NULL)
			report_error(d->report, version, SAY(S("`api_version` is azure's; "),
			    model->vendor->name, S(" has none")));
		return;
	}
	if (slice_starts(model->at.url.path, S("/openai")))
		report_error(d->report, field_at(f, MODEL_url), SAY(S("the url of azure "
		    "ends before /openai: https://RESOURCE.openai.azure.com; `id` names the "
		    "deployment")));
	if (version == NULL) {
		if (node_find(f->map, S("api_version")) == NULL)
			report_error(d->report, f->map, SAY(S("`api_version` is missing: azure "
			    "wants one (2024-10-21)")));
		return;
	}
	room = arena_bytes(d->arena, prefix.len + version->text.len);
	if (room == NULL)
		return;
	memcpy(room, prefix.ptr, prefix.len);
	memcpy(room + prefix.len, version->text.ptr, version->text.len);
	model->query = slice_of(room, prefix.len + version->text.len);
	source->api_version = slice_cut(model->query, prefix.len, model->query.len);
}

/* ---- TLS, and what may share a connection ---- */

static void
set_tls(struct draft *d, const struct reach *r, struct endpoint *at, struct tls_source *source)
{
	const struct node *shown = r->certificate == 0 ? NULL : field_at(r->f, r->certificate);
	const struct node *ca = field_at(r->f, r->ca);
	const enum schema_row files[] = { r->ca, r->certificate, r->key };

	for (size_t i = 0; i < 3 && files[i] != 0 && !at->url.tls; i++)
		if (field_at(r->f, files[i]) != NULL)
			report_error(d->report, field_at(r->f, files[i]), SAY(S("`"),
			    schema_row[files[i]].name, S("` is for https URLs; this one is "
			    "http")));
	source->ca = draft_path(d, r->f, r->ca);
	if (r->certificate != 0) {
		source->certificate = draft_path(d, r->f, r->certificate);
		source->key = draft_path(d, r->f, r->key);
		if ((shown == NULL) != (field_at(r->f, r->key) == NULL)) {
			report_error(d->report, r->f->map, SAY(S("`client_certificate` and "
			    "`client_key` go together; one of them is missing")));
			return;
		}
	}
	if (at->url.tls)
		at->tls = draft_client_tls(d, ca != NULL ? ca : shown != NULL ? shown : r->f->map,
		    source);
}

/* A connection that was made with a file's old content is not for the new one. */
static uint64_t
stamp_of(struct draft *d, struct slice path)
{
	return path.len == 0 || d->options->detached ? 0 : host_file_stamp(path.ptr);
}

/* Equal for endpoints between which a connection cannot tell a difference. */
static uint64_t
pool_id(struct draft *d, const struct endpoint *at, const struct tls_source *source)
{
	const struct slice part[] = {
		at->url.tls ? S("https") : S("http"), at->url.host, source->ca,
		source->certificate, source->key, at->proxy,
	};
	uint64_t id = (uint64_t)at->url.port << 8 | at->address_allow;

	id ^= stamp_of(d, source->ca) ^ stamp_of(d, source->certificate) * 3 ^
	    stamp_of(d, source->key) * 5;
	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
		id = hash_64(&d->s->hash_key, part[i]) ^ (id * UINT64_C(0x9e3779b97f4a7c15) + i);
	return id;
}

static unsigned
allow_of(enum host host, bool inside)
{
	switch (host) {
	case HOST_LOOPBACK:
		return DNS_LOOPBACK;
	case HOST_PRIVATE:
		return DNS_PRIVATE;
	case HOST_PUBLIC:
		return DNS_PUBLIC;
	default:
		return inside ? DNS_PUBLIC | DNS_PRIVATE : DNS_PUBLIC;
	}
}

/* ---- proxies ---- */

/*
 * `proxy` in the configuration decides; where it says nothing, HTTPS_PROXY and
 * NO_PROXY of the environment do, as for other programs.  Only https goes
 * through a proxy, by CONNECT, and loopback never does.
 */

/* "host:port", the port always there. */
static struct slice
proxy_text(struct draft *d, const struct url *url)
{
	bool v6 = url->host.len > 0 && memchr(url->host.ptr, ':', url->host.len) != NULL;
	char *room = arena_bytes(d->arena, url->host.len + 10);
	struct text text;

	if (room == NULL)
		return slice_of(NULL, 0);
	text_init(&text, room, url->host.len + 10);
	if (v6)
		text_put_char(&text, '[');
	text_put(&text, url->host);
	if (v6)
		text_put_char(&text, ']');
	text_put_char(&text, ':');
	text_put_number(&text, url->port);
	return text_slice(&text);
}

/* A proxy's URL may carry a password, so no message repeats it. */
static void
proxy_set(struct draft *d, const struct node *node, struct slice what, struct slice value,
    struct endpoint *at)
{
	const char *why = "";
	struct url url;

	if (slice_find(value, S("://")) == value.len) {
		char *room = arena_bytes(d->arena, value.len + 7);

		if (room == NULL)
			return;
		memcpy(room, "http://", 7);
		memcpy(room + 7, value.ptr, value.len);
		value = slice_of(room, value.len + 7);
	} else {
		value = arena_copy(d->arena, value);
	}
	if (!url_read(value, &url, &why)) {
		report_error(d->report, node, SAY(what, S(" is not the URL of a proxy "
		    "(http://HOST:PORT): "), slice_of(why, strlen(why))));
		return;
	}
	if (url.tls || url.path.len > 0) {
		report_error(d->report, node, SAY(what, url.tls
		    ? S(" is an https proxy; only http proxies are spoken to")
		    : S(" has a path; it must be http://HOST:PORT")));
		return;
	}
	at->proxy_url = url;
	at->proxy = proxy_text(d, &url);
}

static struct slice
environment(const char *lower, const char *upper)
{
	const char *value = getenv(lower);

	if (value == NULL)
		value = getenv(upper);
	return value == NULL ? slice_of(NULL, 0) : slice_of(value, strlen(value));
}

/*
 * True if one entry of NO_PROXY is about the host: itself, a domain above it, or a range of
 * addresses around it.  A name is in no range: it is not resolved for this, as elsewhere.
 */
static bool
entry_fits(struct slice entry, const struct url *url)
{
	size_t colon = slice_find(entry, S(":"));
	struct address address;
	uint64_t port;

	if (slice_eq(entry, S("*")))
		return true;
	if (address_read(url->host, 0, &address) && address_is_in(&address, entry))
		return true;
	if (colon < entry.len && slice_number(slice_cut(entry, colon + 1, entry.len), &port)) {
		if (port != url->port)
			return false;
		entry.len = colon;
	}
	if (slice_starts(entry, S("*")))
		entry = slice_cut(entry, 1, entry.len);
	if (slice_starts(entry, S(".")))
		entry = slice_cut(entry, 1, entry.len);
	if (entry.len == 0 || entry.len > url->host.len)
		return false;
	size_t above = url->host.len - entry.len;

	return slice_same_word(slice_cut(url->host, above, url->host.len), entry) &&
	    (above == 0 || url->host.ptr[above - 1] == '.');
}

static bool
is_excepted(struct slice list, const struct url *url)
{
	while (list.len > 0) {
		size_t end = 0;

		while (end < list.len && list.ptr[end] != ',' && list.ptr[end] != ' ')
			end++;
		if (entry_fits(slice_cut(list, 0, end), url))
			return true;
		list = slice_cut(list, end + (end < list.len), list.len);
	}
	return false;
}

static void
set_proxy(struct draft *d, const struct reach *r, struct endpoint *at)
{
	const struct node *node = field_at(r->f, r->proxy);
	struct slice value;

	if (node != NULL) {
		if (slice_eq(node->text, S("none")))
			return;
		report_hide(d->report, node->line, node->end_line);
		if (!at->url.tls)
			report_error(d->report, node, SAY(S("`proxy` is for https URLs; this "
			    "one is http")));
		else
			proxy_set(d, node, S("`proxy`"), node->text, at);
		return;
	}
	if (d->options->detached || !at->url.tls || (at->address_allow & DNS_LOOPBACK) != 0)
		return;
	value = environment("https_proxy", "HTTPS_PROXY");
	if (value.len > 0 && !is_excepted(environment("no_proxy", "NO_PROXY"), &at->url))
		proxy_set(d, r->f->map, S("the environment's HTTPS_PROXY"), value, at);
}

/* ---- the whole ---- */

/* Where the URL leads, and which addresses that allows; HOST_FORBIDDEN is reported. */
static enum host
set_address(struct draft *d, const struct node *node, bool inside, struct endpoint *at)
{
	enum host host = host_sort(&at->url);

	if (host == HOST_FORBIDDEN)
		report_error(d->report, node, SAY(S("`"), at->url.host,
		    S("` is an address to which nothing is sent (link-local, metadata, multicast "
		    "or reserved)")));
	else
		at->address_allow = allow_of(host, inside);
	return host;
}

static void
set_reach(struct draft *d, const struct reach *r, struct endpoint *at, struct tls_source *source)
{
	set_tls(d, r, at, source);
	set_proxy(d, r, at);
	at->pool_id = pool_id(d, at, source);
}

void
draft_origin(struct draft *d, const struct fields *f, struct model *model,
    struct model_source *source)
{
	const struct reach reach = {
		f, MODEL_ca, MODEL_client_certificate, MODEL_client_key, MODEL_proxy,
	};
	bool inside = (model->vendor->quirks & QUIRK_LOCAL) != 0 ||
	    !slice_eq(model->zone->kind, S("public_api"));
	struct slice text = url_text(d, f, model);
	enum host host;

	if (text.len == 0 || !url_resolve(d, field_at(f, MODEL_url), text, model->vendor->path,
	    &model->at.url))
		return;
	host = set_address(d, field_at(f, MODEL_url), inside, &model->at);
	if (host == HOST_FORBIDDEN)
		return;
	check_clear(d, f, model, host, inside);
	check_azure(d, f, model, source);
	set_reach(d, &reach, &model->at, &source->tls);
}

/* A server that is no model.  True if it is asked in clear, and is not this machine. */
static bool
set_server(struct draft *d, const struct node *node, struct endpoint *at)
{
	enum host host;

	if (!url_resolve(d, node, node->text, slice_of(NULL, 0), &at->url))
		return false;
	host = set_address(d, node, true, at);
	if (host == HOST_FORBIDDEN)
		at->url.host = slice_of(NULL, 0);
	return host != HOST_FORBIDDEN && host != HOST_LOOPBACK && !at->url.tls;
}

/* Who stands between may change what comes and keep what goes: in clear to this machine alone. */
void
draft_server_origin(struct draft *d, enum server server, const struct fields *f,
    struct endpoint *at, struct tls_source *source)
{
	static const struct { unsigned url, ca, proxy; struct slice danger; } is[] = {
		[SERVER_KEYS] = { ISSUER_jwks, ISSUER_ca, ISSUER_proxy,
		    { "say which tokens are good", 25 } },
		[SERVER_WITNESS] = { PUBLISH_url, PUBLISH_ca, PUBLISH_proxy,
		    { "keep heads from their witness", 29 } },
		[SERVER_ALERTS] = { ALERTS_url, ALERTS_ca, ALERTS_proxy,
		    { "keep alerts from who should have them", 37 } },
	};
	const struct reach reach = { .f = f, .ca = is[server].ca, .proxy = is[server].proxy };
	const struct node *node = field_at(f, is[server].url);

	if (set_server(d, node, at))
		report_error(d->report, node, SAY(S("whoever stands between could "),
		    is[server].danger, S("; use https")));
	if (at->url.host.len > 0)
		set_reach(d, &reach, at, source);
}
