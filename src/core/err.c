/* SPDX-License-Identifier: Apache-2.0 */
#include "core/err.h"

#include "core/must.h"

/*
 * The table names its rows in upper case, as C does; everyone outside reads
 * them in lower case.  Folding a literal is not something that a macro can do,
 * so the names are folded here, once per row, by the compiler: each character
 * is a constant expression of the row's own literal.
 */
#define FOLD(c)		((char)((c) >= 'A' && (c) <= 'Z' ? (c) - 'A' + 'a' : (c)))
#define AT(s, i)	((i) < sizeof(s) ? FOLD((s)[(i) < sizeof(s) ? (i) : 0]) : '\0')
#define AT4(s, i)	AT(s, i), AT(s, (i) + 1), AT(s, (i) + 2), AT(s, (i) + 3)
#define LOWER(s)	{ AT4(s, 0), AT4(s, 4), AT4(s, 8), AT4(s, 12), AT4(s, 16), AT4(s, 20) }

#define ERR(name, status, retry, breaker, text)						\
	_Static_assert(sizeof(#name) <= 24, "a longer name needs a longer row in err.c");
#include "core/err.tbl"
#undef ERR

static const char err_name[][24] = {
#define ERR(name, status, retry, breaker, text)	LOWER(#name),
#include "core/err.tbl"
#undef ERR
};

static const struct err_info rows[] = {
#define ERR(name, status, retry, breaker, text)						\
	{ { err_name[ERR_##name], sizeof(#name) - 1 }, S_ROW(text), status, retry, breaker },
#define S_ROW(text)	{ text, sizeof(text) - 1 }
#include "core/err.tbl"
#undef S_ROW
#undef ERR
};

const struct err_info *
err_info(enum err e)
{
	must((unsigned)e < ERR_COUNT);
	return &rows[e];
}
