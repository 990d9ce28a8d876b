/* SPDX-License-Identifier: Apache-2.0 */
#include "core/err.h"

#include "core/lower.h"
#include "core/must.h"

#define ERR(name, status, retry, breaker, text)	LOWER_FITS(name);
#include "core/err.tbl"
#undef ERR

static const char names[][LOWER_BYTES] = {
#define ERR(name, status, retry, breaker, text)	LOWER(name),
#include "core/err.tbl"
#undef ERR
};

static const struct err_info rows[] = {
#define ERR(name, status, retry, breaker, text)						\
	{ { names[ERR_##name], sizeof(#name) - 1 }, { text, sizeof(text) - 1 },		\
	    status, retry, breaker },
#include "core/err.tbl"
#undef ERR
};

const struct err_info *
err_info(enum err e)
{
	must((unsigned)e < ERR_COUNT);
	return &rows[e];
}
