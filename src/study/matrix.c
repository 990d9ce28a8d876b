/* SPDX-License-Identifier: Apache-2.0 */
#include "study/matrix.h"

#include "study/matrix_row.h"
#include "study/told.h"

/* ---- rows ---- */

struct slice
matrix_capability(enum capability c)
{
	static const struct slice name[] = {
		{ "", 0 }, { "basic", 5 }, { "mid", 3 }, { "frontier", 8 },
	};

	return name[c];
}

/* Joins the row of levels that is the newest, or any row of kinds, where the answer is theirs. */
static struct matrix_row *
row_like(const struct matrix *m, struct matrix_row *row, uint32_t count,
    const struct matrix_row *one)
{
	for (uint32_t i = count; i-- > 0;) {
		if ((row[i].kinds != 0) != (one->kinds != 0) || row[i].floor)
			continue;
		if (row[i].cell.duties == one->cell.duties &&
		    cell_is_same(&row[i].cell, &one->cell, m->snapshot))
			return &row[i];
		if (one->levels != 0)
			return NULL;
	}
	return NULL;
}

enum err
matrix_rows(const struct matrix *m, uint32_t workload, struct matrix_row *row, uint32_t *count)
{
	const struct snapshot *s = m->snapshot;
	uint32_t floor = cell_floor(s, workload).level;

	*count = 0;
	for (uint32_t i = floor; i < s->level_count + s->kind_count; i++) {
		bool of_kind = i >= s->level_count;
		struct sensitivity what = { of_kind, of_kind ? i - s->level_count : i };
		struct matrix_row one = {
			.levels = of_kind ? 0 : UINT64_C(1) << i,
			.kinds = of_kind ? UINT64_C(1) << what.index : 0,
			.floor = !of_kind && i == floor,
		};
		struct matrix_row *like;

		if (!one.floor && cell_is_floor(s, workload, what))
			continue;
		one.cell = cell_new(m->arena, s);
		if (one.cell.reason == NULL)
			return ERR_MEMORY;
		cell_ask(&one.cell, s, workload, what, m->now);
		if ((like = row_like(m, row, *count, &one)) == NULL) {
			row[(*count)++] = one;
		} else {
			like->levels |= one.levels;
			like->kinds |= one.kinds;
		}
	}
	return ERR_OK;
}

/* ---- words in each format ---- */

/* Text of the configuration, which may be anything that fits a line. */
static void
put_free(const struct matrix *m, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (m->format == MATRIX_TEXT)
			text_put_char(m->out, c);
		else if (c == '<')
			text_put(m->out, S("&lt;"));
		else if (c == '>')
			text_put(m->out, S("&gt;"));
		else if (c == '&')
			text_put(m->out, S("&amp;"));
		else if (c == '"')
			text_put(m->out, S("&quot;"));
		else if (c == '\'')
			text_put(m->out, S("&#39;"));
		else if (m->format == MATRIX_MARKDOWN && memchr("|*_`[]\\#", c, 8) != NULL)
			text_put(m->out, slice_of((char[]){ '\\', c }, 2));
		else
			text_put_char(m->out, c);
	}
}

static void
put_either(const struct matrix *m, struct slice text, struct slice markdown, struct slice html)
{
	text_put(m->out, m->format == MATRIX_TEXT ? text
	    : m->format == MATRIX_MARKDOWN ? markdown : html);
}

static void
open_fact(const struct matrix *m, struct slice name)
{
	put_either(m, S("  "), S("- **"), S("<dt>"));
	text_put(m->out, name);
	for (size_t i = name.len; i < 14 && m->format == MATRIX_TEXT; i++)
		text_put_char(m->out, ' ');
	put_either(m, S(""), S(":** "), S("</dt><dd>"));
}

static void
close_fact(const struct matrix *m)
{
	put_either(m, S("\n"), S("\n"), S("</dd>\n"));
}

static void
put_fact(const struct matrix *m, struct slice name, struct slice value)
{
	if (value.len == 0)
		return;
	open_fact(m, name);
	put_free(m, value);
	close_fact(m);
}

static void
put_names(const struct matrix *m, struct names names, uint64_t set, struct slice none)
{
	bool first = true;

	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		text_put(m->out, first ? S("") : S(", "));
		put_free(m, names.name[i]);
		first = false;
	}
	text_put(m->out, first ? none : S(""));
}

/* ---- what people need to judge a workload ---- */

static void
put_floor(const struct matrix *m, uint32_t workload)
{
	const struct vocabulary *v = &m->snapshot->vocabulary;
	struct label floor = cell_floor(m->snapshot, workload);

	open_fact(m, S("floor"));
	put_free(m, v->level.name[floor.level]);
	text_put(m->out, floor.kinds != 0 ? S(", ") : S(""));
	put_names(m, v->kind, floor.kinds, S(""));
	if (floor.regions != UINT64_MAX) {
		text_put(m->out, S("; only in "));
		put_names(m, v->region, floor.regions, S("no region"));
	}
	if (floor.requires != 0) {
		text_put(m->out, S("; requires "));
		put_names(m, v->property, floor.requires, S(""));
	}
	close_fact(m);
}

static void
put_needs(const struct matrix *m, const struct workload *w)
{
	static const struct names features = { policy_feature_name, FEATURE_COUNT };

	if (w->capability == CAPABILITY_UNSAID && w->features == 0 && w->latency_ms == 0 &&
	    !w->offline)
		return;
	open_fact(m, S("needs"));
	text_put(m->out, w->capability == CAPABILITY_UNSAID ? S("any capability")
	    : matrix_capability(w->capability));
	text_put(m->out, w->features != 0 ? S("; ") : S(""));
	put_names(m, features, w->features, S(""));
	if (w->latency_ms > 0) {
		text_put(m->out, S("; first byte within "));
		text_put_number(m->out, w->latency_ms);
		text_put(m->out, S(" ms"));
	}
	text_put(m->out, w->offline ? S("; without a network") : S(""));
	close_fact(m);
}

static void
put_weight(const struct matrix *m, struct slice name, uint32_t weight)
{
	if (weight == 0)
		return;
	text_put(m->out, S(" "));
	text_put(m->out, name);
	text_put_char(m->out, ' ');
	text_put_number(m->out, weight);
}

static void
put_prefer(const struct matrix *m, const struct workload *w)
{
	const struct prefer *p = &w->prefer;

	if (!w->prefers)
		return;
	open_fact(m, S("prefers"));
	if (p->cost + p->latency + p->quality == 0) {
		text_put(m->out, S("the order of the request's group"));
	} else {
		text_put(m->out, S("by weight:"));
		put_weight(m, S("cost"), p->cost);
		put_weight(m, S("latency"), p->latency);
		put_weight(m, S("quality"), p->quality);
	}
	close_fact(m);
}

static void
put_fallback(const struct matrix *m, const struct workload *w)
{
	put_fact(m, S("if refused"), w->refused_degrade ? S("a less capable model serves")
	    : w->reroute ? S("another model than the one that was named serves, or nothing")
	    : S("nothing serves: the request is refused"));
	put_fact(m, S("if down"), w->down_degrade ? S("a less capable model serves")
	    : S("nothing serves: the request fails"));
}

static void
put_exceptions(const struct matrix *m, uint32_t workload)
{
	for (uint32_t i = 0; i < m->snapshot->exception_count; i++) {
		const struct exception *x = &m->snapshot->exception[i];

		if (x->workload != workload)
			continue;
		open_fact(m, S("exception"));
		put_free(m, x->name);
		text_put(m->out, S(" to "));
		put_free(m, m->snapshot->zone[x->zone].name);
		text_put(m->out, S(" until "));
		put_free(m, x->until);
		text_put(m->out, S(", approved by "));
		put_free(m, x->approved_by);
		text_put(m->out, S(": "));
		put_free(m, x->why);
		close_fact(m);
	}
}

static void
put_facts(const struct matrix *m, uint32_t workload)
{
	static const struct names duties = { policy_duty_name, DUTY_COUNT };
	const struct workload *w = &m->snapshot->policy.workload[workload];
	const struct workload_text *text = &m->snapshot->workload[workload];

	put_either(m, S(""), S(""), S("<dl>\n"));
	put_fact(m, S("owner"), text->owner);
	put_fact(m, S("why"), text->why);
	put_fact(m, S("volume"), text->volume);
	put_fact(m, S("review by"), text->review_by);
	put_floor(m, workload);
	put_needs(m, w);
	put_prefer(m, w);
	if ((w->duties | m->snapshot->policy.duties) != 0) {
		open_fact(m, S("duties"));
		put_names(m, duties, w->duties | m->snapshot->policy.duties, S(""));
		close_fact(m);
	}
	put_fallback(m, w);
	put_exceptions(m, workload);
	put_either(m, S("\n"), S("\n"), S("</dl>\n"));
}

/* ---- the table ---- */

/* Capabilities that some model has, so that no column is empty in all tables. */
static uint32_t
columns(const struct matrix *m)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < m->snapshot->model_count; i++)
		set |= UINT32_C(1) << m->snapshot->policy.model[i].capability;
	return set;
}

static struct slice
column_name(unsigned capability)
{
	return capability == CAPABILITY_UNSAID ? S("not said")
	    : matrix_capability((enum capability)capability);
}

static void
put_sensitivity(const struct matrix *m, const struct matrix_row *row, uint32_t workload)
{
	static const struct names duties = { policy_duty_name, DUTY_COUNT };
	const struct vocabulary *v = &m->snapshot->vocabulary;
	const struct policy *p = &m->snapshot->policy;
	uint64_t more = row->cell.duties & ~(uint64_t)(p->duties | p->workload[workload].duties);

	if (row->floor && cell_floor(m->snapshot, workload).level > 0)
		text_put(m->out, S("up to "));
	else if (row->kinds != 0)
		text_put(m->out, S("with "));
	put_names(m, v->level, row->levels, S(""));
	put_names(m, v->kind, row->kinds, S(""));
	if (row->kinds == 0 || more == 0)
		return;
	text_put(m->out, S(" (duties: "));
	put_names(m, duties, more, S(""));
	text_put(m->out, S(")"));
}

/* Models of one capability by tier: "edge: small, tiny; on_prem: large*". */
static void
put_cell(const struct matrix *m, const struct matrix_row *row, unsigned capability)
{
	const struct policy *p = &m->snapshot->policy;
	bool any = false;

	for (unsigned kind = PLACE_EDGE; kind <= PLACE_PUBLIC_API; kind++) {
		bool first = true;

		for (uint32_t i = 0; i < p->model_count; i++) {
			if (!policy_set_has(row->cell.serves, i) ||
			    p->model[i].capability != capability ||
			    p->place[p->model[i].place].kind != kind)
				continue;
			if (first) {
				put_either(m, any ? S("; ") : S(""), any ? S("<br>") : S(""),
				    any ? S("<br>") : S(""));
				put_either(m, S(""), S("**"), S("<b>"));
				text_put(m->out, told_kind((enum place_kind)kind));
				put_either(m, S(": "), S("**: "), S("</b>: "));
			}
			text_put(m->out, first ? S("") : S(", "));
			put_free(m, m->snapshot->model[i].name);
			if (policy_set_has(row->cell.leans, i))
				put_either(m, S("*"), S("\\*"), S("*"));
			first = false;
			any = true;
		}
	}
	text_put(m->out, any ? S("") : S("-"));
	text_put(m->out, any && row->cell.degraded ? S(" (degraded)") : S(""));
}

static void
put_row(const struct matrix *m, const struct matrix_row *row, uint32_t workload, uint32_t set)
{
	put_either(m, S("  "), S("| "), row->cell.degraded ? S("<tr class=degraded><th>")
	    : S("<tr><th>"));
	put_sensitivity(m, row, workload);
	put_either(m, S("\n"), S(""), S("</th>"));
	for (unsigned c = 0; c <= CAPABILITY_FRONTIER; c++) {
		if ((set >> c & 1) == 0)
			continue;
		put_either(m, S("    "), S(" | "), S("<td>"));
		if (m->format == MATRIX_TEXT) {
			text_put(m->out, column_name(c));
			for (size_t i = column_name(c).len; i < 10; i++)
				text_put_char(m->out, ' ');
		}
		put_cell(m, row, c);
		put_either(m, S("\n"), S(""), S("</td>"));
	}
	put_either(m, S(""), S(" |\n"), S("</tr>\n"));
}

static void
put_heads(const struct matrix *m, uint32_t set)
{
	if (m->format == MATRIX_TEXT)
		return;
	put_either(m, S(""), S("| sensitivity"), S("<table>\n<tr><th>sensitivity</th>"));
	for (unsigned c = 0; c <= CAPABILITY_FRONTIER; c++) {
		if ((set >> c & 1) == 0)
			continue;
		put_either(m, S(""), S(" | "), S("<th>"));
		text_put(m->out, column_name(c));
		put_either(m, S(""), S(""), S("</th>"));
	}
	put_either(m, S(""), S(" |\n|---"), S("</tr>\n"));
	for (unsigned c = 0; c <= CAPABILITY_FRONTIER && m->format == MATRIX_MARKDOWN; c++)
		text_put(m->out, (set >> c & 1) != 0 ? S("|---") : S(""));
	put_either(m, S(""), S("|\n"), S(""));
}

/* ---- the page ---- */

enum err
matrix_workload(struct matrix *m, uint32_t workload)
{
	struct slice name = m->snapshot->workload[workload].name;
	struct matrix_row *row;
	uint32_t count, set = columns(m);
	enum err e;

	if (m->format == MATRIX_JSON)
		return matrix_put_json(m, workload);
	row = arena_alloc(m->arena, MATRIX_ROWS_MAX * sizeof *row);
	if (row == NULL)
		return ERR_MEMORY;
	if ((e = matrix_rows(m, workload, row, &count)) != ERR_OK)
		return e;
	put_either(m, S(""), S("## "), S("<section>\n<h2>"));
	text_put(m->out, m->colour ? S("\033[1m") : S(""));
	put_free(m, name.len > 0 ? name : S("every request"));
	text_put(m->out, m->colour ? S("\033[0m") : S(""));
	put_either(m, S("\n"), S("\n\n"), S("</h2>\n"));
	put_facts(m, workload);
	put_heads(m, set);
	for (uint32_t i = 0; i < count; i++)
		put_row(m, &row[i], workload, set);
	put_either(m, S("\n"), S("\n"), S("</table>\n</section>\n"));
	m->begun = true;
	return ERR_OK;
}

#define STYLE									\
	"body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:75em;"	\
	"padding:0 1em;color:#111;background:#fff}h1{font-size:1.5em}"		\
	"h2{font-size:1.15em;margin:1.5em 0 .3em}"				\
	"dl{display:grid;grid-template-columns:8em 1fr;gap:.1em 1em;margin:.3em 0}"	\
	"dt{color:#555}dd{margin:0}table{border-collapse:collapse;width:100%;margin:.6em 0}"	\
	"th,td{border:1px solid #bbb;padding:.3em .5em;text-align:left;vertical-align:top}"	\
	"tr:first-child th{background:#eee}.degraded td{font-style:italic}"	\
	"@media print{body{margin:0;max-width:none;font-size:10px}"		\
	"section{break-inside:avoid}}"

#define LEGEND									\
	"Which tiers and models may serve, in health, for a caller without bounds of its own. "	\
	"A tier is a kind of zone. "

void
matrix_begin(struct matrix *m)
{
	if (m->format == MATRIX_JSON) {
		text_put(m->out, S("{\"policy\":\""));
		text_put(m->out, slice_of(m->snapshot->hash, SNAPSHOT_HASH_BYTES));
		text_put(m->out, S("\",\"title\":"));
		text_put_json(m->out, m->title);
		text_put(m->out, S(",\"at\":"));
		text_put_signed(m->out, m->now);
		text_put(m->out, S(",\"workloads\":["));
		return;
	}
	put_either(m, S(""), S("# "), S("<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n"
	    "<meta name=viewport content=\"width=device-width\">\n<title>"));
	put_free(m, m->title);
	put_either(m, S(", "), S("\n\n"), S("</title>\n<style>" STYLE "</style>\n<h1>"));
	if (m->format == MATRIX_HTML) {
		put_free(m, m->title);
		text_put(m->out, S("</h1>\n<p>"));
	}
	text_put(m->out, S("policy "));
	text_put(m->out, slice_of(m->snapshot->hash, SNAPSHOT_HASH_BYTES));
	text_put(m->out, S(", "));
	text_put_time(m->out, m->now * NANOS_PER_S);
	put_either(m, S("\n" LEGEND "* is by an exception.\n\n"),
	    S("\n\n" LEGEND "\\* is by an exception.\n\n"),
	    S("</p>\n<p>" LEGEND "* is by an exception.</p>\n"));
}

void
matrix_end(struct matrix *m)
{
	if (m->format == MATRIX_JSON)
		text_put(m->out, S("]}\n"));
	else
		put_either(m, S(""), S(""), S("</html>\n"));
}
