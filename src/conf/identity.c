/* SPDX-License-Identifier: Apache-2.0 */

/*
 * identity - TLS contexts, one for each set of files.
 *
 * Models that name the same authorities and the same client certificate share
 * a context, and with it their sessions and connections.
 */

#include "conf/draft.h"
#include "core/limit.h"
#include "run/tls.h"

static const char *
path_or_null(struct slice path)
{
	return path.len > 0 ? path.ptr : NULL;
}

/* Opens a context and notes it for the snapshot's end; NULL with a report. */
static struct tls_context *
context_open(struct draft *d, const struct node *node, const struct tls_source *source, bool server)
{
	struct tls_files files = {
		.certificate = path_or_null(source->certificate),
		.key = path_or_null(source->key),
		.ca = path_or_null(source->ca),
	};
	struct tls_context *context = NULL;
	char why[CONF_MESSAGE_BYTES] = "";

	if (d->options->detached || d->s->tls == NULL)
		return NULL;
	if (tls_context_open(&files, server, &context, why, sizeof why) != ERR_OK) {
		report_error(d->report, node, SAY(slice_of(why, strnlen(why, sizeof why))));
		return NULL;
	}
	must(d->s->tls_count < MODEL_MAX + ISSUER_MAX + 2);
	d->s->tls[d->s->tls_count++] = context;
	return context;
}

struct tls_context *
draft_client_tls(struct draft *d, const struct node *node, const struct tls_source *source)
{
	if (d->tls_shared == NULL)
		return NULL;
	for (uint32_t i = 0; i < d->tls_shared_count; i++) {
		const struct tls_shared *shared = &d->tls_shared[i];

		if (slice_eq(shared->source.certificate, source->certificate) &&
		    slice_eq(shared->source.key, source->key) &&
		    slice_eq(shared->source.ca, source->ca))
			return shared->context;
	}
	struct tls_context *context = context_open(d, node, source, false);

	/* A context that failed is remembered too: its mistake is told once. */
	d->tls_shared[d->tls_shared_count++] = (struct tls_shared){ *source, context };
	return context;
}

struct tls_context *
draft_server_tls(struct draft *d, const struct node *node, struct tls_source *source)
{
	struct fields f;

	if (!schema_read(node, ROW_TLS, d->report, &f))
		return NULL;
	source->certificate = draft_path(d, &f, TLS_certificate);
	source->key = draft_path(d, &f, TLS_key);
	source->ca = draft_path(d, &f, TLS_client_ca);
	if (source->certificate.len == 0 || source->key.len == 0)
		return NULL;
	return context_open(d, node, source, true);
}
