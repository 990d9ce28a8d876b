/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/greet.h"

#include <stdio.h>

#include "run/address.h"
#include "serve/boot.h"

static void
show_address(char *room, size_t bytes, const struct address *address)
{
	struct text t;

	text_init(&t, room, bytes - 1);
	address_put(&t, address);
	room[t.len] = '\0';
}

void
greet_say(const struct boot *b, bool asks)
{
	const struct snapshot *s = b->snapshot;
	const char *scheme = s->listen.tls != NULL ? "https" : "http";
	char here[80], admin[80];

	show_address(here, sizeof here, &b->address);
	show_address(admin, sizeof admin, &b->admin_address);
	printf("trivium %s serves %s://%s/v1 (admin: %s), %u model%s, %u worker%s\n",
	    b->version, scheme, here, admin, s->model_count, s->model_count == 1 ? "" : "s",
	    s->workers, s->workers == 1 ? "" : "s");
	printf("try:\n"
	    "  curl -s %s%s://%s/v1/chat/completions -H 'Content-Type: application/json' \\\n"
	    "%s    -d '{\"model\":\"auto\","
	    "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'\n",
	    s->listen.tls != NULL ? "--insecure " : "", scheme, here,
	    asks ? "    -H 'Authorization: Bearer YOUR_KEY' \\\n" : "");
	fflush(stdout);
}
