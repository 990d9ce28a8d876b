/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_prove.h"

#include <stdio.h>
#include <stdlib.h>

#include "serve/show.h"
#include "conf/proof.h"
#include "core/limit.h"
#include "policy/explain.h"
#include "run/file.h"
#include "run/heap.h"
#include "run/host.h"
#include "run/kernel.h"
#include "study/trust.h"

#define USAGE									\
	"usage: trivium prove [--json] [--detached] FILE\n"			\
	"\n"									\
	"Decides every `never` of a configuration over all requests that it could admit:\n"	\
	"each holds, or there is a request that breaks it, ready to be sent.  Then: which\n"	\
	"exceptions are in force and which invariants lean on them, how many models can\n"	\
	"serve each workload, and what the proof rests on.  No connection is made.\n"	\
	"\n"									\
	"  --json      the same as one JSON object\n"				\
	"  --detached  read no other file and no environment (for a CI machine)\n"	\
	"\n"									\
	"exit status: 0 all hold; 1 one is broken; 2 the file has other mistakes, or the\n"	\
	"call is wrong; 66 the file cannot be read\n"

enum { EXIT_HOLD = 0, EXIT_BROKEN = 1, EXIT_MISTAKES = 2, EXIT_UNREADABLE = 66 };

/* One element of the output at a time. */
enum { PAGE_BYTES = 4 * PROOF_TEXT_BYTES };

struct wish {
	bool		 json, detached, help;
	const char	*path;
};

struct proving {
	const struct snapshot *s;
	const char	*path;
	struct proof	*proof;
	nanos		 took;
	int64_t		 now;
	bool		 colour;
	struct text	 out;
};

static void
flush(struct text *t)
{
	must(!text_overflowed(t));
	fwrite(t->ptr, 1, t->len, stdout);
	t->len = 0;
}

static void
put(struct proving *p, const char *word)
{
	text_put(&p->out, slice_of(word, strlen(word)));
}

static void
put_padded(struct text *t, struct slice s, size_t width)
{
	text_put(t, s);
	for (size_t i = s.len; i < width; i++)
		text_put_char(t, ' ');
	text_put_char(t, ' ');
}

static uint32_t
broken_count(const struct proving *p)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < p->s->policy.invariant_count; i++)
		count += !p->proof[i].holds;
	return count;
}

static bool
leans_on(const struct proof *proof, uint32_t exception)
{
	return proof->lean_count > 0 && policy_set_has(proof->leans, exception);
}

static bool
is_in_force(const struct proving *p, uint32_t exception)
{
	const struct workload *w = &p->s->policy.workload[p->s->exception[exception].workload];

	for (uint32_t i = 0; i < w->widening_count; i++)
		if (w->widening[i].exception == exception)
			return p->now < w->widening[i].until;
	return false;
}

/* Names with commas between them, or what stands for none. */
static void
put_list(struct text *t, struct names names, uint64_t set, struct slice none)
{
	bool any = false;

	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		text_put(t, any ? S(", ") : S(""));
		text_put(t, names.name[i]);
		any = true;
	}
	text_put(t, any ? S("") : none);
}

/* ---- for people ---- */

static void
say_verdict(struct proving *p, uint32_t i)
{
	const struct proof *proof = &p->proof[i];
	const struct never *never = &p->s->never[i];

	put(p, !p->colour ? "" : proof->holds ? "\033[32m" : "\033[1;31m");
	put(p, proof->holds ? "holds   " : "broken  ");
	put(p, p->colour ? "\033[0m" : "");
	text_put(&p->out, never->name);
	if (never->pack.len > 0) {
		put(p, "  (pack ");
		text_put(&p->out, never->pack);
		put(p, ")");
	}
	put(p, proof->idle ? "  (no place of this file is like that)" : "");
	put(p, "\n");
	if (never->basis.len > 0) {
		put(p, "        basis: ");
		text_put(&p->out, never->basis);
		put(p, "\n");
	}
	if (!proof->holds) {
		put(p, "        line ");
		text_put_number(&p->out, never->line);
		put(p, ": ");
		proof_put_case(&p->out, p->s, &proof->against);
		put(p, "\n        ");
		proof_put_request(&p->out, p->s, &proof->against);
		put(p, "\n");
	}
	for (uint32_t x = 0; x < p->s->exception_count; x++) {
		if (!leans_on(proof, x))
			continue;
		put(p, "        such a place is opened by the exception ");
		text_put(&p->out, p->s->exception[x].name);
		put(p, "\n");
		flush(&p->out);
	}
	flush(&p->out);
}

static void
say_exceptions(struct proving *p)
{
	bool any = false;

	for (uint32_t x = 0; x < p->s->exception_count; x++) {
		const struct exception *e = &p->s->exception[x];

		if (!is_in_force(p, x))
			continue;
		put(p, any ? "" : "\nexceptions in force\n");
		any = true;
		put(p, "  ");
		put_padded(&p->out, e->name, 20);
		text_put(&p->out, p->s->workload[e->workload].name);
		put(p, " to ");
		text_put(&p->out, p->s->zone[e->zone].name);
		put(p, " until ");
		text_put(&p->out, e->until);
		put(p, ", approved by ");
		text_put(&p->out, e->approved_by);
		put(p, "\n");
		flush(&p->out);
	}
}

static void
say_workloads(struct proving *p)
{
	put(p, p->s->workloads_said ? "\nworkloads, and the models that can serve the least of "
	    "their content\n" : "");
	for (uint32_t w = 0; p->s->workloads_said && w < p->s->workload_count; w++) {
		uint32_t one = 0;
		uint32_t count = prove_serving(&p->s->policy, w, p->now, UINT32_MAX, &one);

		put(p, "  ");
		put_padded(&p->out, p->s->workload[w].name, 20);
		text_put_number(&p->out, count);
		if (count == 0)
			put(p, "  no model can serve it");
		if (count == 1) {
			put(p, "  depends on ");
			text_put(&p->out, p->s->model[one].name);
			put(p, " alone");
		}
		put(p, "\n");
		flush(&p->out);
	}
}

static void
say_place(struct proving *p, struct slice name, const char *kind, const struct place *place)
{
	const struct vocabulary *v = &p->s->vocabulary;
	const struct clearance *c = &place->clearance;

	put(p, "    ");
	put_padded(&p->out, name, 18);
	put(p, kind);
	put(p, place->self_operated ? ", operated by oneself; regions " : "; regions ");
	put_list(&p->out, v->region, c->regions, S("none"));
	put(p, "; up to ");
	text_put(&p->out, v->level.name[c->level < v->level.count ? c->level : v->level.count - 1]);
	put(p, "; kinds ");
	put_list(&p->out, v->kind, c->kinds, S("none"));
	put(p, "; holds ");
	put_list(&p->out, v->property, c->holds, S("nothing"));
	put(p, "\n");
	flush(&p->out);
}

static void
say_assumptions(struct proving *p)
{
	const struct policy *policy = &p->s->policy;
	char kind[32];

	put(p, "\nwhat this rests on\n"
	    "  zones and tools are what they declare:\n");
	for (uint32_t i = 0; i < p->s->zone_count; i++) {
		struct slice word = p->s->zone[i].kind;

		snprintf(kind, sizeof kind, "%.*s", (int)word.len, word.ptr);
		say_place(p, p->s->zone[i].name, kind, &policy->place[i]);
	}
	for (uint32_t i = 0; i < p->s->tool_count; i++)
		say_place(p, p->s->tool[i].name, "hosted tool",
		    &policy->place[policy->tool_first + i]);
	trust_put(&p->out, p->s);
	put(p, "  places are zones and hosted tools; content may always go back to who sent it,\n"
	    "  as far as its role's ceiling allows\n");
	flush(&p->out);
}

static void
say_all(struct proving *p)
{
	uint32_t count = p->s->policy.invariant_count, broken = broken_count(p);

	printf("%s: %u invariant%s, %u broken; %u.%03u ms\n", p->path, count,
	    count == 1 ? "" : "s", broken, (unsigned)(p->took / NANOS_PER_MS),
	    (unsigned)(p->took % NANOS_PER_MS / 1000));
	for (uint32_t i = 0; i < count; i++)
		say_verdict(p, i);
	say_exceptions(p);
	say_workloads(p);
	say_assumptions(p);
}

/* ---- for programs ---- */

static void
json_text(struct proving *p, const char *key, struct slice value)
{
	put(p, key);
	text_put_json(&p->out, value);
}

static void
json_case(struct proving *p, const struct prove_case *c)
{
	const struct snapshot *s = p->s;
	const struct key *key = proof_key(s, c);
	char *room = malloc(2 * (size_t)PROOF_TEXT_BYTES);
	struct text t, words;

	if (room == NULL)
		return;
	text_init(&t, room, PROOF_TEXT_BYTES);
	text_init(&words, room + PROOF_TEXT_BYTES, PROOF_TEXT_BYTES);
	json_text(p, ",\"counterexample\":{\"model\":", s->model[c->model].name);
	if (s->workloads_said)
		json_text(p, ",\"workload\":", s->workload[c->workload].name);
	if (key != NULL) {
		json_text(p, ",\"key\":", key->id);
		json_text(p, ",\"role\":", key->role);
	}
	if (c->sink == PROVE_TOOL)
		json_text(p, ",\"tool\":", s->tool[c->place - s->zone_count].name);
	else
		json_text(p, ",\"zone\":", s->zone[c->place].name);
	explain_put_label(&t, &s->vocabulary, c->label);
	json_text(p, ",\"label\":", text_slice(&t));
	if (c->exception > 0)
		json_text(p, ",\"exception\":", s->exception[c->exception - 1].name);
	if (c->today != REASON_NONE)
		json_text(p, ",\"today\":", reason_info(c->today)->name);
	json_text(p, ",\"path\":", proof_path(c));
	put(p, ",\"body\":");
	proof_put_body(&p->out, s, c);
	t.len = 0;
	proof_put_request(&t, s, c);
	json_text(p, ",\"request\":", text_slice(&t));
	proof_put_case(&words, s, c);
	json_text(p, ",\"text\":", text_slice(&words));
	put(p, "}");
	free(room);
}

static void
json_invariant(struct proving *p, uint32_t i)
{
	const struct proof *proof = &p->proof[i];
	const struct never *never = &p->s->never[i];
	bool any = false;

	put(p, i > 0 ? "," : "");
	json_text(p, "{\"name\":", never->name);
	if (never->pack.len > 0)
		json_text(p, ",\"pack\":", never->pack);
	if (never->basis.len > 0)
		json_text(p, ",\"basis\":", never->basis);
	put(p, ",\"line\":");
	text_put_number(&p->out, never->line);
	put(p, proof->holds ? ",\"holds\":true" : ",\"holds\":false");
	put(p, proof->idle ? ",\"idle\":true" : "");
	if (!proof->holds)
		json_case(p, &proof->against);
	flush(&p->out);
	put(p, ",\"leans_on\":[");
	for (uint32_t x = 0; x < p->s->exception_count; x++) {
		if (!leans_on(proof, x))
			continue;
		json_text(p, any ? "," : "", p->s->exception[x].name);
		any = true;
		flush(&p->out);
	}
	put(p, "]}");
	flush(&p->out);
}

static void
json_exceptions(struct proving *p)
{
	bool any = false;

	for (uint32_t x = 0; x < p->s->exception_count; x++) {
		const struct exception *e = &p->s->exception[x];

		if (!is_in_force(p, x))
			continue;
		put(p, any ? "," : "");
		any = true;
		json_text(p, "{\"name\":", e->name);
		json_text(p, ",\"workload\":", p->s->workload[e->workload].name);
		json_text(p, ",\"to\":", p->s->zone[e->zone].name);
		json_text(p, ",\"until\":", e->until);
		json_text(p, ",\"approved_by\":", e->approved_by);
		put(p, "}");
		flush(&p->out);
	}
}

static void
json_workloads(struct proving *p)
{
	for (uint32_t w = 0; p->s->workloads_said && w < p->s->workload_count; w++) {
		uint32_t one = 0;
		uint32_t count = prove_serving(&p->s->policy, w, p->now, UINT32_MAX, &one);

		json_text(p, w > 0 ? ",{\"name\":" : "{\"name\":", p->s->workload[w].name);
		put(p, ",\"models\":");
		text_put_number(&p->out, count);
		if (count == 1)
			json_text(p, ",\"only\":", p->s->model[one].name);
		put(p, "}");
		flush(&p->out);
	}
}

static void
json_set(struct proving *p, const char *key, struct names names, uint64_t set)
{
	bool any = false;

	put(p, key);
	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		json_text(p, any ? "," : "", names.name[i]);
		any = true;
	}
	put(p, "]");
}

static void
json_place(struct proving *p, struct slice name, struct slice kind, const struct place *place)
{
	const struct vocabulary *v = &p->s->vocabulary;
	const struct clearance *c = &place->clearance;

	json_text(p, "{\"name\":", name);
	json_text(p, ",\"kind\":", kind);
	put(p, place->self_operated ? ",\"self_operated\":true" : ",\"self_operated\":false");
	json_text(p, ",\"level\":",
	    v->level.name[c->level < v->level.count ? c->level : v->level.count - 1]);
	json_set(p, ",\"kinds\":[", v->kind, c->kinds);
	json_set(p, ",\"regions\":[", v->region, c->regions);
	json_set(p, ",\"holds\":[", v->property, c->holds);
	put(p, "}");
	flush(&p->out);
}

static void
json_all(struct proving *p)
{
	const struct policy *policy = &p->s->policy;

	json_text(p, "{\"file\":", slice_of(p->path, strlen(p->path)));
	json_text(p, ",\"hash\":", slice_of(p->s->hash, SNAPSHOT_HASH_BYTES));
	put(p, broken_count(p) == 0 ? ",\"ok\":true" : ",\"ok\":false");
	put(p, ",\"nanoseconds\":");
	text_put_number(&p->out, (uint64_t)p->took);
	put(p, ",\"invariants\":[");
	for (uint32_t i = 0; i < p->s->policy.invariant_count; i++)
		json_invariant(p, i);
	put(p, "],\"exceptions\":[");
	json_exceptions(p);
	put(p, "],\"workloads\":[");
	json_workloads(p);
	put(p, "],\"rests_on\":{\"detection\":");
	trust_put_json(&p->out, p->s);
	put(p, ",\"places\":[");
	for (uint32_t i = 0; i < policy->place_count; i++) {
		bool zone = i < p->s->zone_count;

		put(p, i > 0 ? "," : "");
		json_place(p, zone ? p->s->zone[i].name : p->s->tool[i - p->s->zone_count].name,
		    zone ? p->s->zone[i].kind : S("tool"), &policy->place[i]);
	}
	put(p, "]}}\n");
	flush(&p->out);
}

/* ---- the command ---- */

/* False, with a complaint, if an argument is wrong. */
static bool
read_argument(struct wish *wish, const char *arg)
{
	if (strcmp(arg, "--json") == 0)
		return wish->json = true;
	if (strcmp(arg, "--detached") == 0)
		return wish->detached = true;
	if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)
		return wish->help = true;
	if (arg[0] == '-') {
		fprintf(stderr, "trivium prove: there is no option %s\n", arg);
		return false;
	}
	if (wish->path != NULL) {
		fprintf(stderr, "trivium prove: one file at a time, not also %s\n", arg);
		return false;
	}
	wish->path = arg;
	return true;
}

static int
prove_snapshot(const struct wish *wish, const struct snapshot *s)
{
	struct proving p = {
		.s = s, .path = wish->path, .now = kernel_wall() / NANOS_PER_S,
		.colour = host_is_terminal(fileno(stdout)),
	};
	struct arena arena;
	nanos began = kernel_now();
	char *room = malloc(PAGE_BYTES);
	int status = EXIT_MISTAKES;

	arena_init(&arena, heap_memory(), CONF_ARENA_MAX);
	p.proof = arena_zero(&arena, (s->policy.invariant_count + 1) * sizeof *p.proof);
	if (room == NULL || p.proof == NULL || !prove_all(&arena, &s->policy, p.now, p.proof)) {
		fputs("trivium prove: there is not enough memory\n", stderr);
	} else {
		p.took = kernel_now() - began;
		text_init(&p.out, room, PAGE_BYTES);
		if (wish->json)
			json_all(&p);
		else
			say_all(&p);
		status = broken_count(&p) > 0 ? EXIT_BROKEN : EXIT_HOLD;
	}
	arena_release(&arena);
	free(room);
	return status;
}

static int
prove_file(const struct wish *wish)
{
	struct conf_options options = { .detached = wish->detached, .disproven = true };
	struct snapshot *snapshot = NULL;
	struct report report;
	struct hash_key key;
	struct slice yaml;
	char why[CONF_MESSAGE_BYTES];
	struct text text;
	int status = EXIT_MISTAKES;
	enum err e;

	text_init(&text, why, sizeof why);
	if (file_read(wish->path, CONF_BYTES_MAX, &yaml, &text) != ERR_OK) {
		fprintf(stderr, "trivium prove: %.*s\n", (int)text.len, text.ptr);
		return EXIT_UNREADABLE;
	}
	kernel_random(&key, sizeof key);
	options.hash_key = &key;
	report_init(&report, slice_of(wish->path, strlen(wish->path)));
	e = conf_load(yaml, &options, &report, &snapshot);
	if (wish->json && e != ERR_OK)
		show_json(&report, snapshot);
	else
		show_report(&report, yaml);
	if (e == ERR_OK)
		status = prove_snapshot(wish, snapshot);
	else if (e == ERR_MEMORY)
		fprintf(stderr, "trivium prove: %s: there is not enough memory\n", wish->path);
	report_release(&report);
	snapshot_unref(snapshot);
	file_free(yaml);
	return status;
}

int
cmd_prove(int argc, char **argv)
{
	struct wish wish = { .help = false };
	bool good = true;

	for (int i = 1; i < argc && good; i++)
		good = read_argument(&wish, argv[i]);
	if (good && wish.help) {
		fputs(USAGE, stdout);
		return 0;
	}
	if (good && wish.path == NULL)
		fputs("trivium prove: name a file\n", stderr);
	if (!good || wish.path == NULL) {
		fputs("try: trivium prove --help\n", stderr);
		return EXIT_MISTAKES;
	}
	return prove_file(&wish);
}
