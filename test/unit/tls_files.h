/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_TLS_FILES_H
#define TEST_TLS_FILES_H

/*
 * tls_files - throwaway CAs and certificates, made when the test runs.
 *
 * Everything is written below a fresh folder of /tmp that files_remove() takes
 * away.  A certificate NAME is NAME.pem and NAME.key.
 */

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/must.h"

struct authority {
	X509		*x;
	EVP_PKEY	*key;
};

struct wish {
	const char	*name;		/* of the files */
	const char	*san;		/* "DNS:a,IP:1.2.3.4"; NULL: none */
	long		 from, to;	/* seconds from now */
	const char	*subject;	/* common name */
};

#define FILES_PATH	256

struct files {
	char	folder[FILES_PATH];
};

static inline void
files_open(struct files *f)
{
	snprintf(f->folder, sizeof f->folder, "%s/trivium-tls-XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	must(mkdtemp(f->folder) != NULL);
}

/* The path of a file in the folder, valid until the eighth next call. */
static inline const char *
files_path(struct files *f, const char *name)
{
	static char room[8][2 * FILES_PATH];
	static unsigned next;
	char *path = room[next++ % 8];

	snprintf(path, sizeof room[0], "%s/%s", f->folder, name);
	return path;
}

static inline void
files_remove(struct files *f)
{
	DIR *dir = opendir(f->folder);
	struct dirent *entry;

	must(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			must(unlinkat(dirfd(dir), entry->d_name, 0) == 0);
	must(closedir(dir) == 0 && rmdir(f->folder) == 0);
}

static inline void
files_text(struct files *f, const char *name, const char *text)
{
	FILE *out = fopen(files_path(f, name), "w");

	must(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
}

static inline void
add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	must(extension != NULL && X509_add_ext(x, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

/* Makes a certificate; issuer NULL: it signs itself and is a CA. */
static inline struct authority
files_certificate(struct files *f, const struct wish *w, const struct authority *issuer)
{
	struct authority a = { X509_new(), EVP_EC_gen("P-256") };
	X509_NAME *name = X509_get_subject_name(a.x);
	char file[FILES_PATH];
	FILE *out;

	must(a.x != NULL && a.key != NULL && X509_set_version(a.x, 2) == 1);
	ASN1_INTEGER_set(X509_get_serialNumber(a.x), rand());
	X509_gmtime_adj(X509_getm_notBefore(a.x), w->from);
	X509_gmtime_adj(X509_getm_notAfter(a.x), w->to);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)w->subject, -1, -1, 0);
	X509_set_issuer_name(a.x, X509_get_subject_name(issuer != NULL ? issuer->x : a.x));
	X509_set_pubkey(a.x, a.key);
	add_extension(a.x, issuer != NULL ? issuer->x : a.x, NID_basic_constraints,
	    issuer == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (w->san != NULL)
		add_extension(a.x, issuer != NULL ? issuer->x : a.x, NID_subject_alt_name, w->san);
	must(X509_sign(a.x, issuer != NULL ? issuer->key : a.key, EVP_sha256()) > 0);

	snprintf(file, sizeof file, "%s.pem", w->name);
	out = fopen(files_path(f, file), "w");
	must(out != NULL && PEM_write_X509(out, a.x) == 1 && fclose(out) == 0);
	snprintf(file, sizeof file, "%s.key", w->name);
	out = fopen(files_path(f, file), "w");
	must(out != NULL && PEM_write_PrivateKey(out, a.key, NULL, NULL, 0, NULL, NULL) == 1 &&
	    fclose(out) == 0);
	return a;
}

static inline void
authority_free(struct authority *a)
{
	X509_free(a->x);
	EVP_PKEY_free(a->key);
}

#endif
