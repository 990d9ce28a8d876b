/* SPDX-License-Identifier: Apache-2.0 */
#include "core/err.h"

#include "check.h"

static void
outside(void)
{
	(void)err_info(ERR_COUNT);
}

static void
negative(void)
{
	(void)err_info((enum err)-1);
}

/* Is every byte of s between lo and hi, or the one other? */
static bool
within(struct slice s, char lo, char hi, char other)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.ptr[i] < lo || s.ptr[i] > hi) && s.ptr[i] != other)
			return false;
	return true;
}

static void
check_row(enum err e)
{
	const struct err_info *info = err_info(e);
	bool error = info->status >= 400 && info->status <= 599;
	bool plain = within(info->text, ' ', '~', ' ') && memchr(info->text.ptr, '"',
	    info->text.len) == NULL && memchr(info->text.ptr, '\\', info->text.len) == NULL;
	bool own = true;

	check(info->name.len > 0 && within(info->name, 'a', 'z', '_'),
	    "the name of error %d is a word in lower case", e);
	check(plain && (info->text.len > 0) == (e != ERR_OK), "  its text needs no escape");
	check(e == ERR_OK ? info->status == 200 : error, "  its status is an error's");
	check(!info->breaker || info->status >= 500, "  a breaker opens for no client's fault");
	for (enum err other = ERR_OK; other < e; other++)
		own = own && !slice_eq(info->name, err_info(other)->name);
	check(own, "  its name is its own");
}

int
main(void)
{
	for (enum err e = ERR_OK; e < ERR_COUNT; e++)
		check_row(e);
	check_slice(err_info(ERR_MALFORMED_REQUEST)->name, S("malformed_request"), "a name");
	check_int(err_info(ERR_MALFORMED_REQUEST)->status, 400, "a status");
	check(err_info(ERR_UPSTREAM_CONNECT)->retry && err_info(ERR_UPSTREAM_CONNECT)->breaker,
	    "a model that cannot be reached is worth another and counts against it");
	check(!err_info(ERR_POLICY_REFUSED)->retry, "a refusal by policy is not tried elsewhere");
	check_must(outside, "an error that is none is a mistake of the program");
	check_must(negative, "so is a negative one");
	return check_done();
}
