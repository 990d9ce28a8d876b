/* SPDX-License-Identifier: Apache-2.0 */
#include "name/found.h"

#include "core/limit.h"

void
founds_init(struct founds *f, struct arena *a)
{
	*f = (struct founds){ .arena = a };
}

static bool
grow(struct founds *f)
{
	uint32_t room = f->room == 0 ? 32 : 2 * f->room;
	struct found *at = arena_alloc(f->arena, room * sizeof *at);

	if (at == NULL)
		return false;
	if (f->count > 0)
		memcpy(at, f->at, f->count * sizeof *at);
	f->at = at;
	f->room = room;
	return true;
}

/* "6º A." at the end of a line: the full stop is that of the sentence. */
static bool
ends_sentence(const struct atoms *ws, const struct atom *w)
{
	return w->shape == ATOM_INITIAL && w->end - w->start == 2 && atom_ends_line(w) &&
	    ws->text.ptr[w->end - 1] == '.';
}

void
founds_take(struct founds *f, struct atoms *ws, uint32_t from, uint32_t to, struct found one)
{
	if (to <= from)
		return;
	one.start = ws->at[from].start;
	one.end = ws->at[to - 1].end - ends_sentence(ws, &ws->at[to - 1]);
	for (uint32_t i = from; i < to; i++)
		ws->at[i].taken = true;
	if (f->count == FINDINGS_MAX || (f->count == f->room && !grow(f)))
		f->cut = true;
	else
		f->at[f->count++] = one;
}
