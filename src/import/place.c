/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place - where a model is, and so in which zone it stands.
 *
 * The file says nothing of zones, so the address decides, and where it does
 * not tell, the model is taken to be somebody else's.
 */
#include "import/work.h"
#include "run/address.h"
#include "wire/url.h"

/* Names of hosts that no resolver of the internet knows. */
static const struct slice inside[] = {
	{ ".local", 6 }, { ".internal", 9 }, { ".localhost", 10 }, { ".lan", 4 },
	{ ".intranet", 9 }, { ".home.arpa", 10 }, { ".corp", 5 }, { ".private", 8 },
};

static bool
ends_in(struct slice s, struct slice tail)
{
	return s.len > tail.len && slice_same_word(slice_cut(s, s.len - tail.len, s.len), tail);
}

static bool
is_inside(struct slice host)
{
	for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
		if (ends_in(host, inside[i]))
			return true;
	return memchr(host.ptr, '.', host.len) == NULL;
}

/* Sets the place by the host; false if nothing may be sent there. */
static bool
sort_host(struct deployment *d, const struct url *url)
{
	struct address address;

	if (!address_read(url->host, url->port, &address)) {
		d->place = is_inside(url->host) ? PLACE_LOCAL : PLACE_PRIVATE;
		return true;
	}
	switch (address_scope(&address)) {
	case ADDRESS_LOOPBACK:
	case ADDRESS_PRIVATE:
		d->place = PLACE_LOCAL;
		return true;
	case ADDRESS_PUBLIC:
		d->place = PLACE_PRIVATE;
		d->in_clear = !url->tls;
		return true;
	default:
		return false;
	}
}

/* The vendor's own address, in whatever spelling. */
static bool
is_vendors_own(const struct vendor *vendor, const struct url *url)
{
	struct url own;
	const char *why;

	return vendor->base_url.len > 0 && url_read(vendor->base_url, &own, &why) && url->tls &&
	    slice_same_word(own.host, url->host);
}

static struct slice
joined(struct work *w, struct slice a, struct slice b, struct slice c)
{
	char *room = arena_bytes(w->arena, a.len + b.len + c.len);

	if (room == NULL)
		return slice_of(NULL, 0);
	memcpy(room, a.ptr, a.len);
	memcpy(room + a.len, b.ptr, b.len);
	memcpy(room + a.len + b.len, c.ptr, c.len);
	return slice_of(room, a.len + b.len + c.len);
}

/* 0.0.0.0 is where a server listens; who connects to it reaches this machine. */
static void
mend_any(struct work *w, struct deployment *d, const struct node *key, const struct url *url)
{
	size_t at = slice_find(d->url, S("0.0.0.0"));

	if (!slice_eq(url->host, S("0.0.0.0")))
		return;
	d->url = joined(w, slice_cut(d->url, 0, at), S("127.0.0.1"),
	    slice_cut(d->url, at + 7, d->url.len));
	note_text(w, key, IMPORT_CHANGED, SAY(S("0.0.0.0 is no address to connect to; it became "
	    "127.0.0.1")));
}

static void
mend_azure(struct work *w, struct deployment *d, const struct node *key, const struct url *url)
{
	if ((d->vendor->quirks & QUIRK_DEPLOYMENT_PATH) == 0 || !slice_starts(url->path,
	    S("/openai")))
		return;
	d->url = joined(w, url->tls ? S("https://") : S("http://"), url->authority, S(""));
	note_text(w, key, IMPORT_CHANGED, SAY(S("the path was cut off: the address of azure ends "
	    "before /openai, and `id` names the deployment")));
}

/* Where LiteLLM and we put different paths behind an address without one. */
static void
tell_path(struct work *w, const struct deployment *d, const struct node *key,
    const struct url *url)
{
	if (url->path.len > 0 || d->vendor->path.len == 0 ||
	    (d->vendor->quirks & QUIRK_LOCAL) != 0)
		return;
	note_text(w, key, IMPORT_CHANGED, SAY(S("requests go to "), d->vendor->path,
	    S("/chat/completions of it; LiteLLM left the version out")));
}

static struct slice
read_address(struct work *w, struct deployment *d, const struct node *key, struct slice text)
{
	const char *why = "";
	struct url url;

	while (text.len > 0 && text.ptr[text.len - 1] == '/')
		text.len--;
	d->url = text;
	if (!url_read(d->url, &url, &why))
		return joined(w, S("its address is not good: "), slice_of(why, strlen(why)), S(""));
	mend_any(w, d, key, &url);
	mend_azure(w, d, key, &url);
	if (!url_read(d->url, &url, &why))
		return S("its address is not good");
	if (is_vendors_own(d->vendor, &url)) {
		d->place = PLACE_PUBLIC;
		return slice_of(NULL, 0);
	}
	if (!sort_host(d, &url))
		return S("its address is one to which nothing is sent (link-local, metadata, "
		    "multicast or reserved)");
	d->own_address = true;
	/* OpenAI is who runs api.openai.com; what only speaks like it is another vendor. */
	if (slice_eq(d->vendor->name, S("openai")))
		d->vendor = vendor_find(S("openai_compatible"));
	tell_path(w, d, key, &url);
	return slice_of(NULL, 0);
}

/* An address that nobody has (RFC 2606), so that the file loads and the model fails. */
static void
stand_in(struct work *w, struct deployment *d, const struct node *key, struct slice variable)
{
	d->url = S("https://write-the-address-here.invalid");
	d->own_address = true;
	d->place = PLACE_PRIVATE;
	if (variable.len > 0)
		note_text(w, key, IMPORT_LOST, SAY(S("the address is in the environment variable "
		    "`"), variable, S("`, which is not set here: import with it set, or write the "
		    "address in place of write-the-address-here.invalid")));
	else
		note_text(w, key, IMPORT_LOST, SAY(S("there is no api_base: write the address in "
		    "place of write-the-address-here.invalid")));
}

/* The file says no address: the provider's variable, its own, or its usual port. */
static struct slice
usual_address(struct work *w, struct deployment *d)
{
	const struct node *key = note_find(d->params, S("model")).key;
	struct slice text = d->provider->base;
	char number[20];

	if (d->provider->base_env.len > 0 && value_variable(w, d->provider->base_env, &text))
		return read_address(w, d, key, text);
	if (d->provider->base.len > 0) {
		d->url = text;
		d->place = PLACE_PUBLIC;
	} else if (d->vendor->base_url.len > 0) {
		d->place = PLACE_PUBLIC;
	} else if (d->vendor->port != 0) {
		d->url = joined(w, S("http://127.0.0.1:"), report_number(number, d->vendor->port),
		    S(""));
		d->own_address = true;
		d->place = PLACE_LOCAL;
	} else {
		stand_in(w, d, key, d->provider->base_env);
	}
	return slice_of(NULL, 0);
}

struct slice
place_find(struct work *w, struct deployment *d)
{
	struct slice keys[] = { S("api_base"), S("base_url") }, prefix = S("os.environ/"), text;

	for (size_t i = 0; i < 2; i++) {
		struct pair p = deployment_param(d, keys[i]);

		if (!value_is_text(w, &p) || p.value->text.len == 0)
			continue;
		if (value_text(w, p.value, &text))
			return read_address(w, d, p.key, text);
		stand_in(w, d, p.key, slice_cut(p.value->text, prefix.len, p.value->text.len));
		return slice_of(NULL, 0);
	}
	return usual_address(w, d);
}
