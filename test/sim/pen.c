/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/pen.h"

#include "core/limit.h"
#include "core/must.h"
#include "sim/law.h"

static void
put_escaped(struct pen *p)
{
	for (int i = 0; i < MARKER_BYTES; i++)
		law_put(&p->body, "\\u00%02x", (unsigned)(unsigned char)p->wish->marker[i]);
}

static void
put_base64(struct pen *p)
{
	static const char letter[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *in = p->wish->marker;
	unsigned word = 0, bits = 0;

	for (int i = 0; i < MARKER_BYTES; i++) {
		word = word << 8 | (unsigned char)in[i];
		for (bits += 8; bits >= 6; bits -= 6)
			law_put(&p->body, "%c", letter[word >> (bits - 6) & 63]);
	}
	law_put(&p->body, "%c==", letter[word << (6 - bits) & 63]);
}

/* The marker in any of its spellings. */
static void
put_marker(struct pen *p)
{
	uint64_t what = wish_is_free(p->wish) ? dice_below(p->dice, 4) : 3;

	if (what == 0)
		put_escaped(p);
	else if (what == 1)
		put_base64(p);
	else
		law_put(&p->body, "%s", p->wish->marker);
}

/*
 * Some of the values, in a text, or (fixed) where nothing can be replaced.  What stands before
 * one decides where a provider's stream breaks what stands for it.
 */
static void
put_values(struct pen *p, unsigned percent, bool fixed)
{
	struct wish *w = p->wish;

	for (int v = LAW_VALUES - 1; v >= 0 && wish_is_free(w); v--) {
		struct slice value = wish_value(w, (enum law_value)v);

		if (!dice_percent(p->dice, percent))
			continue;
		(fixed ? w->fixed : w->value)[v] = true;
		for (uint64_t n = dice_below(p->dice, 20); n > 0; n--)
			law_put(&p->body, ";");
		law_put(&p->body, "%.*s ", (int)value.len, value.ptr);
	}
}

/* More addresses than a vault has room for: none of them can be masked. */
static void
put_crowd(struct pen *p)
{
	p->wish->value[LAW_EMAIL] = true;
	for (int i = 0; i <= VAULT_TOKENS_MAX; i++)
		law_put(&p->body, "a%d@acme.io ", i);
}

static void
put_words(struct pen *p, uint64_t bytes)
{
	if (p->wish->crowd)
		put_crowd(p);
	put_values(p, 25, false);
	put_marker(p);
	for (uint64_t i = 1; i < 5 || i * (MARKER_BYTES + 1) < bytes; i++)
		law_put(&p->body, " %s", p->wish->marker);
}

/* A part that is no text; the name `type` may be spelt with an escape. */
static void
put_part(struct pen *p)
{
	struct wish *w = p->wish;
	const char *type = dice_percent(p->dice, 70) ? "type" : "t\\u0079pe";

	w->opaque = true;
	law_put(&p->body, ",{\"%s\":", type);
	switch (dice_below(p->dice, 5)) {
	case 0:
		w->uses[LAW_USES_VISION] = true;
		law_put(&p->body, "\"im\\u0061ge_url\",\"image_url\":{\"url\":\"http://x.sim/");
		put_marker(p);
		law_put(&p->body, ".png\"}}");
		return;
	case 1:
		w->uses[LAW_USES_VISION] = true;
		law_put(&p->body, "\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,");
		put_base64(p);
		law_put(&p->body, "\"}}");
		return;
	case 2:
		w->uses[LAW_USES_AUDIO] = true;
		law_put(&p->body, "\"input_audio\",\"input_audio\":{\"data\":\"");
		put_base64(p);
		law_put(&p->body, "\"}}");
		return;
	case 3:
		w->uses[LAW_USES_FILES] = true;
		law_put(&p->body, "\"file\",\"file\":{\"filename\":\"");
		put_marker(p);
		law_put(&p->body, ".pdf\",\"file_data\":\"\"}}");
		return;
	default:
		law_put(&p->body, "\"hologram\",\"hologram\":\"");
		put_marker(p);
		law_put(&p->body, "\"}");
		return;
	}
}

static void
put_history(struct pen *p)
{
	if (dice_percent(p->dice, 30)) {
		law_put(&p->body, "{\"role\":\"system\",\"content\":\"");
		put_values(p, 20, false);
		put_marker(p);
		law_put(&p->body, "\"},");
	}
	if (!dice_percent(p->dice, 20))
		return;
	law_put(&p->body, "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\","
	    "\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"q\\\":\\\"");
	put_values(p, 20, false);
	put_marker(p);
	law_put(&p->body, "\\\"}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"");
	put_marker(p);
	law_put(&p->body, "\"},");
}

static void
put_messages(struct pen *p, uint64_t bytes)
{
	bool is_free = wish_is_free(p->wish), parts = is_free && dice_percent(p->dice, 25);

	law_put(&p->body, "\"messages\":[");
	if (is_free)
		put_history(p);
	law_put(&p->body, parts ? "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\""
	    : "{\"role\":\"user\",\"content\":\"");
	put_words(p, bytes);
	law_put(&p->body, "\"");
	if (parts) {
		law_put(&p->body, "}");
		if (dice_percent(p->dice, 60))
			put_part(p);
		law_put(&p->body, "]");
	}
	law_put(&p->body, "}]");
}

/* A text, a list of texts, or tokens, which nobody can read. */
static void
put_texts(struct pen *p, const char *name, uint64_t bytes)
{
	uint64_t what = dice_below(p->dice, 10);

	law_put(&p->body, "\"%s\": ", name);
	if (what == 0) {
		p->wish->opaque = true;
		law_put(&p->body, "[1, 2, 3], \"user\":\"%s\"", p->wish->marker);
		return;
	}
	law_put(&p->body, what == 1 ? "[\"" : "\"");
	put_words(p, bytes);
	law_put(&p->body, what == 1 ? "\"]" : "\"");
}

void
pen_put_input(struct pen *p, uint64_t bytes)
{
	struct wish *w = p->wish;
	uint64_t what = w->shape == SHAPE_ROUTE ? dice_below(p->dice, 6) : 6;

	if (w->shape == SHAPE_EMBEDDING || what == 0) {
		w->uses[LAW_USES_EMBEDDINGS] = true;
		put_texts(p, "input", bytes);
	} else if (w->shape == SHAPE_COMPLETION || what == 1) {
		w->uses[LAW_USES_COMPLETIONS] = true;
		put_texts(p, "prompt", bytes);
	} else {
		w->uses[LAW_USES_CHAT] = true;
		put_messages(p, bytes);
	}
}

/* Functions are the caller's own; other tools are somebody's service. */
static void
put_tools(struct pen *p)
{
	struct wish *w = p->wish;
	uint64_t what = dice_below(p->dice, 6);

	law_put(&p->body, dice_percent(p->dice, 70) ? ",\"tools\":[" : ",\"to\\u006fls\":[");
	w->uses[LAW_USES_TOOLS] = true;
	if (what < 3) {
		law_put(&p->body, "{\"type\":\"function\",\"function\":{\"name\":\"look\","
		    "\"description\":\"");
		put_marker(p);
		law_put(&p->body, "\"%s}}", dice_percent(p->dice, 70) ? ",\"parameters\":{\"type\":"
		    "\"object\",\"properties\":{\"q\":{\"type\":\"string\",\"format\":\"said\"}}}"
		    : "");
	}
	if (what >= 2) {
		int tool = what == 5 ? LAW_TOOLS : (int)dice_below(p->dice, LAW_TOOLS);

		if (tool == LAW_TOOLS)
			w->tool_unknown = true;
		else
			w->tool[tool] = true;
		law_put(&p->body, "%s{\"type\":\"%s\",\"note\":\"", what == 2 ? "," : "",
		    tool == LAW_TOOLS ? "telepathy" : law_tool[tool]);
		put_marker(p);
		law_put(&p->body, "\"}");
	}
	law_put(&p->body, dice_percent(p->dice, 70) ? "],\"tool_choice\":\"required\"" : "]");
}

static void
put_metadata(struct pen *p)
{
	struct wish *w = p->wish;

	law_put(&p->body, dice_percent(p->dice, 70) ? ",\"metadata\":{" : ",\"metad\\u0061ta\":{");
	if (dice_percent(p->dice, 70)) {
		w->metadata_team = (int)dice_below(p->dice, LAW_WORKLOADS);
		law_put(&p->body, "\"team\":\"t%d\",", w->metadata_team);
	}
	law_put(&p->body, "\"note\":\"");
	put_values(p, 20, false);
	put_marker(p);
	law_put(&p->body, "\"}");
}

static void
put_sampling(struct pen *p)
{
	struct wish *w = p->wish;

	w->warm = dice_percent(p->dice, 20);
	if (w->warm)
		law_put(&p->body, ",\"temperature\": 0.70,\"\\u00e4\":1e-2");
	if (!wish_is_free(w))
		return;
	if (!w->warm && dice_percent(p->dice, 5)) {
		w->cold = true;
		law_put(&p->body, ",\"temperature\":0");
	}
	w->top_p = dice_percent(p->dice, 4);
	if (w->top_p)
		law_put(&p->body, ",\"top_p\":0.5");
	w->seeded = dice_percent(p->dice, 5);
	if (w->seeded)
		law_put(&p->body, ",\"seed\":7");
	w->uses[LAW_USES_SEED] = w->seeded;
	w->stores = dice_percent(p->dice, 6);
	if (w->stores)
		law_put(&p->body, ",\"st\\u006fre\":true");
}

void
pen_put_rest(struct pen *p)
{
	struct wish *w = p->wish;

	put_sampling(p);
	if (!wish_is_free(w) || w->shape == SHAPE_OLD)
		return;
	if (w->uses[LAW_USES_CHAT] && dice_percent(p->dice, 20))
		put_tools(p);
	if (w->uses[LAW_USES_CHAT] && dice_percent(p->dice, 4)) {
		w->tool[0] = true;
		law_put(&p->body, ",\"web_se\\u0061rch_options\":{}");
	}
	if (dice_percent(p->dice, 20))
		put_metadata(p);
	if (w->uses[LAW_USES_CHAT] && dice_percent(p->dice, 12)) {
		law_put(&p->body, ",\"response_format\":{\"type\":\"text\",\"x\":\"");
		put_values(p, 50, true);
		law_put(&p->body, "\"}");
	}
	if (w->uses[LAW_USES_CHAT] && dice_percent(p->dice, 15)) {
		law_put(&p->body, ",\"user\":\"");
		put_marker(p);
		law_put(&p->body, "\"");
	}
}
