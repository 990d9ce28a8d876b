/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"
#include "sim/court.h"
#include "sim/judge.h"
#include "sim/page.h"
#include "sim/story.h"

/*
 * The book: one closing entry for each request whose caller is known, money that adds up,
 * and, after a crash, all that was promised before it.
 */

struct audit {
	struct evidence	*e;
	struct world	*w;
	const char	*folder;
	bool		 recovered;	/* by a next process */
	struct page	 page;
};

/* Was its caller known, so that it is entered? */
static bool
is_entered(const struct account *a)
{
	return a->caller.len > 0 && !(slice_eq(a->step, S("identify")) &&
	    (a->err == ERR_KEY_MISSING || a->err == ERR_KEY_UNKNOWN));
}

/* ---- what any folder must be that a process has left in order ---- */

static unsigned
count_ends(const struct audit *a, struct slice id)
{
	unsigned count = 0;

	for (const struct page_line *l = a->page.lines; l != NULL; l = l->next)
		count += (l->kind == PAGE_RECORD || l->kind == PAGE_CLOSED) && slice_eq(l->id, id);
	return count;
}

static void
check_ends(struct audit *a)
{
	if (a->page.open)
		world_complain(a->w, "%s: work is open at the end", a->folder);
	for (const struct page_line *l = a->page.lines; l != NULL; l = l->next)
		if (l->kind <= PAGE_CLOSED && count_ends(a, l->id) != 1)
			world_complain(a->w, "%s: request %.*s has %u closing entries", a->folder,
			    (int)l->id.len, l->id.ptr, count_ends(a, l->id));
}

static void
check_account(struct audit *a, const struct page_account *p)
{
	nano_usd limit = purses_limit(&a->e->story->scene.purses, p->name), sum = 0;

	for (const struct page_line *l = a->page.lines; l != NULL; l = l->next)
		if (page_charges(l->text, p->row) && l->kind != PAGE_OPENED)
			sum += l->settled;
	if (sum != p->spent)
		world_complain(a->w, "%s: %.*s: entries charge %lld, its row says %lld", a->folder,
		    (int)p->name.len, p->name.ptr, (long long)sum, (long long)p->spent);
	if (p->spent != p->ceiling)
		world_complain(a->w, "%s: %.*s: %lld is spent, and a hold lives on up to %lld",
		    a->folder, (int)p->name.len, p->name.ptr, (long long)p->spent,
		    (long long)p->ceiling);
	if (limit < 0 || p->spent > limit)
		world_complain(a->w, "%s: %.*s: %lld is spent of %lld", a->folder,
		    (int)p->name.len, p->name.ptr, (long long)p->spent, (long long)limit);
}

static void
check_folder(struct audit *a)
{
	page_read(&a->page, a->w, a->folder);
	check_ends(a);
	for (const struct page_account *p = a->page.accounts; p != NULL; p = p->next)
		check_account(a, p);
}

/* ---- the first folder, whose process ended in order ---- */

/* What the book lost it has counted; nothing else is missing, and nothing is there twice. */
static void
check_entries(struct audit *a)
{
	uint64_t missing = 0, extra = 0, lost = a->e->story->shelf.lost;

	for (const struct account *b = a->e->accounts; b != NULL; b = b->next) {
		const struct page_line *l = page_find(&a->page, b->id, PAGE_RECORD);

		/* These providers tell nothing that a hold does not bound. */
		if (page_amount(b->line, S(",\"settled_usd\":\"")) >
		    page_amount(b->line, S(",\"held_usd\":\"")))
			world_complain(a->w, "record %.*s settles more than was held",
			    (int)b->id.len, b->id.ptr);
		if (l == NULL)
			missing += is_entered(b);
		else if (!is_entered(b) || !slice_eq(l->text, b->line))
			world_complain(a->w, "record %.*s and its entry differ", (int)b->id.len,
			    b->id.ptr);
	}
	for (const struct page_line *l = a->page.lines; l != NULL; l = l->next)
		extra += l->kind == PAGE_CLOSED || l->kind == PAGE_REST;
	/* Of what a spool could not promise the next process may find something all the same. */
	if (a->recovered ? missing > lost : missing != lost)
		world_complain(a->w, "%llu records have no entry, and the book lost %llu",
		    (unsigned long long)missing, (unsigned long long)lost);
	if (extra > 0 && !a->recovered)
		world_complain(a->w, "%llu entries recover what was not lost",
		    (unsigned long long)extra);
}

/* ---- promises ---- */

/* The call of the kernel that carried the last byte of an answer. */
static uint64_t
end_of(const struct answer *a)
{
	size_t end = a->next != NULL && a->next->tap == a->tap ? a->next->from : a->tap->out.len;

	return tape_mark(&a->tap->out, end - 1)->call;
}

/* A whole answer whose caller may rely on its entry. */
static bool
is_promised(const struct answer *a)
{
	return a->durable && message_is_whole(&a->message) && a->account->err == ERR_OK &&
	    a->account->decision.there;
}

static bool
is_durable(const struct evidence *e, const struct call *c, const struct account *a)
{
	const struct version *v = a == NULL ? NULL : scene_find(&e->story->scene, a->policy);

	return v != NULL && court_is_durable(v, c->wish);
}

static void
check_promises(struct evidence *e)
{
	const struct shelf *s = &e->story->shelf;

	for (const struct answer *a = e->answers; a != NULL; a = a->next)
		if (is_promised(a) && shelf_durable(s, a->account->id, true) > end_of(a))
			world_complain(&e->story->world,
			    "%s: was answered before its entry was on disk", a->wish->marker);
}

/* ---- folders that crashes left ---- */

static void
check_answered(struct audit *a, const struct crash *c)
{
	for (const struct answer *b = a->e->answers; b != NULL; b = b->next) {
		const struct page_line *l;

		if (!is_promised(b) || end_of(b) > c->call)
			continue;
		l = page_find(&a->page, b->account->id, PAGE_RECORD);
		if (l == NULL || !slice_eq(l->text, b->account->line))
			world_complain(a->w, "%s: %s: was answered, and its entry is lost",
			    a->folder, b->wish->marker);
	}
}

static void
check_sent(struct audit *a, const struct crash *c)
{
	for (const struct call *b = a->e->calls; b != NULL; b = b->next) {
		const struct account *of = evidence_account(a->e, b->wish);

		if (b->wish == NULL || tape_mark(&b->tap->out, b->from)->call > c->call ||
		    !is_durable(a->e, b, of))
			continue;
		if (page_find(&a->page, of->id, PAGE_OPENED) == NULL)
			world_complain(a->w, "%s: %s: was sent, and nothing knows of it", a->folder,
			    b->wish->marker);
	}
}

/* All that it was ever sent was sent before the crash. */
static bool
was_sent(const struct evidence *e, const struct account *a, const struct crash *c)
{
	bool any = false;

	for (const struct call *b = e->calls; b != NULL; b = b->next) {
		if (a->wish == NULL || b->wish != a->wish)
			continue;
		if (tape_mark(&b->tap->out, b->from)->call > c->call)
			return false;
		any = true;
	}
	return any;
}

/*
 * What a request may have spent when the power went: its hold while it was under way, then what it
 * settled.  One with a durable end settles before that.
 */
static nano_usd
used(const struct evidence *e, const struct account *a, const struct crash *c)
{
	for (const struct answer *b = e->answers; b != NULL; b = b->next)
		if (b->account == a && !b->durable && end_of(b) > c->call)
			return page_amount(a->line, S(",\"held_usd\":\""));
	return page_amount(a->line, S(",\"settled_usd\":\""));
}

static void
check_spent(struct audit *a, const struct crash *c)
{
	for (const struct page_account *p = a->page.accounts; p != NULL; p = p->next) {
		nano_usd sum = 0;

		for (const struct account *b = a->e->accounts; b != NULL; b = b->next)
			if (page_charges(b->line, p->row) && was_sent(a->e, b, c))
				sum += used(a->e, b, c);
		if (p->spent < sum)
			world_complain(a->w, "%s: %.*s: %lld was spent, and %lld is known of",
			    a->folder, (int)p->name.len, p->name.ptr, (long long)sum,
			    (long long)p->spent);
	}
}

static bool
recover(struct audit *a)
{
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	if (shelf_recover(a->folder, &why) == ERR_OK)
		return true;
	world_complain(a->w, "%s: the next process does not start: %.*s", a->folder, (int)why.len,
	    why.ptr);
	return false;
}

static void
check_crash(struct audit *a, const struct crash *c)
{
	if (!recover(a))
		return;
	check_folder(a);
	check_answered(a, c);
	check_sent(a, c);
	check_spent(a, c);
	disk_clear(&a->w->disk, c->folder);
}

void
judge_book(struct evidence *e)
{
	struct shelf *s = &e->story->shelf;
	struct audit first = { .e = e, .w = &e->story->world, .folder = SHELF_FOLDER };

	if (!s->there)
		return;
	/* Where the disk took nothing at last, or lost an end, the next process has the rest. */
	first.recovered = s->unwell;
	if (first.recovered && !recover(&first))
		return;
	check_folder(&first);
	check_entries(&first);
	check_promises(e);
	for (int i = 0; i < SHELF_CRASHES; i++) {
		struct audit a = { .e = e, .w = first.w, .folder = s->crash[i].folder };

		if (s->crash[i].happened)
			check_crash(&a, &s->crash[i]);
	}
}
