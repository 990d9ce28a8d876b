/* SPDX-License-Identifier: Apache-2.0 */

/*
 * proxy - which models are reached through an HTTP proxy.
 *
 * `proxy` in the configuration decides; where it says nothing, HTTPS_PROXY and
 * NO_PROXY of the environment do, as for other programs.  Only https goes
 * through a proxy, by CONNECT, and loopback never does.
 */

#include <stdlib.h>

#include "conf/draft.h"
#include "core/limit.h"
#include "run/address.h"
#include "run/dns.h"

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
    struct model *model)
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
	model->proxy_url = url;
	model->proxy = proxy_text(d, &url);
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

void
draft_proxy(struct draft *d, const struct fields *f, struct model *model)
{
	const struct node *node = field_at(f, MODEL_proxy);
	struct slice value;

	if (node != NULL) {
		if (slice_eq(node->text, S("none")))
			return;
		report_hide(d->report, node->line, node->end_line);
		if (!model->url.tls)
			report_error(d->report, node, SAY(S("`proxy` is for https URLs; this "
			    "model's is http")));
		else
			proxy_set(d, node, S("`proxy`"), node->text, model);
		return;
	}
	if (d->options->detached || !model->url.tls || (model->address_allow & DNS_LOOPBACK) != 0)
		return;
	value = environment("https_proxy", "HTTPS_PROXY");
	if (value.len > 0 && !is_excepted(environment("no_proxy", "NO_PROXY"), &model->url))
		proxy_set(d, f->map, S("the environment's HTTPS_PROXY"), value, model);
}
