/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_PRINT_H
#define CONF_PRINT_H

/*
 * print - lines of YAML that the loader reads back as what they were.
 *
 * Keys come with their indent; values are quoted where they need it.
 */

#include "conf/draft.h"

void print_value(struct text *, struct slice);

/* "INDENT key: value\n"; nothing where the value is absent. */
void print_line(struct text *, struct slice key, struct slice value);
void print_count(struct text *, struct slice key, uint64_t);

/* A set of bits as a list of names. */
void print_set(struct text *, struct slice key, struct names, uint64_t set);

/* The opening of a row of a table: "  NAME:\n". */
void print_row(struct text *, struct slice name);

/* "INDENT key: [name, name]\n", and a server's `proxy`. */
void print_list(struct text *, struct slice key, const struct slice *names, uint32_t count);
void print_proxy(struct text *, const struct endpoint *);

/* print_law.c: what the policy is made of beside zones and models. */
void print_law(struct text *, const struct draft *);

/* `limits` of a row; nothing where it has none. */
void print_allowance(struct text *, const struct allowance *);

/* A set of models, by name; nothing for NULL: all. */
void print_models(struct text *, struct slice key, const struct snapshot *, const uint64_t *set);

#endif
