/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/safe.h"

#include <stdlib.h>
#include <string.h>

#include "core/limit.h"
#include "run/file.h"
#include "run/host.h"
#include "run/kernel.h"

#define KEEP	((nanos)30 * 86400 * NANOS_PER_S)

static const struct vault_owner owner = { { "command", 7 }, { "mask", 4 } };

static struct slice
slice_from(const char *s)
{
	return slice_of(s, strlen(s));
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 64 hexadecimal digits; a file's last line feed does not count. */
static bool
read_digits(struct slice s, char key[static AEAD_KEY_BYTES])
{
	s = slice_trim(s);
	while (s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
		s.len--;
	if (s.len != 2 * AEAD_KEY_BYTES)
		return false;
	for (size_t i = 0; i < AEAD_KEY_BYTES; i++) {
		int high = hex(s.ptr[2 * i]), low = hex(s.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i] = (char)(high << 4 | low);
	}
	return true;
}

int
safe_key(struct desk *d, const char *from, char key[static AEAD_KEY_BYTES])
{
	struct text *why = desk_why(d);
	struct slice bytes = { 0 };
	const char *value;
	bool good;

	if (strncmp(from, "env:", 4) == 0) {
		value = getenv(from + 4);
		good = value != NULL && read_digits(slice_from(value), key);
	} else if (strncmp(from, "file:", 5) == 0) {
		if (file_read(from + 5, SECRET_BYTES_MAX, &bytes, why) != ERR_OK) {
			desk_complain(d, SAY(text_slice(why)));
			return DESK_UNREADABLE;
		}
		good = read_digits(bytes, key);
		file_free(bytes);
	} else {
		return desk_usage(d, "--key takes env:NAME or file:PATH");
	}
	if (good)
		return DESK_OK;
	desk_complain(d, SAY(S("the key of "), slice_from(from), S(" must be 64 hexadecimal "
	    "digits; make one with: openssl rand -hex 32")));
	return DESK_WRONG;
}

static int
read_vault(struct safe *s, struct desk *d)
{
	struct slice sealed;
	enum err e;
	int status = desk_read(d, s->path, 2 * VAULT_BYTES_MAX, &sealed);

	if (status != DESK_OK)
		return status;
	e = vault_open(&s->vault, &s->aead.seal, &owner, sealed, kernel_wall());
	file_free(sealed);
	if (e == ERR_OK)
		return DESK_OK;
	desk_complain(d, SAY(slice_from(s->path), S(": "), e == ERR_VAULT_FOREIGN
	    ? S("it was sealed under another key, or was changed") : e == ERR_VAULT_EXPIRED
	    ? S("its time is over") : e == ERR_VAULT_BROKEN ? S("this is no vault")
	    : err_info(e)->text));
	return DESK_DATA;
}

int
safe_open(struct safe *s, struct desk *d, const char *path, const char *key, bool must_be)
{
	char master[AEAD_KEY_BYTES];
	struct hash_key once;
	bool there;
	int status;

	*s = (struct safe){ .path = path };
	if ((path == NULL) != (key == NULL))
		return desk_usage(d, "--vault and --key go together");
	if (path == NULL) {
		kernel_random(&once, sizeof once);
		vault_init(&s->vault, &d->arena, once, kernel_wall() + KEEP);
		return DESK_OK;
	}
	if ((status = safe_key(d, key, master)) != DESK_OK)
		return status;
	s->open = aead_init(&s->aead, slice_of(master, sizeof master), owner.tenant,
	    owner.conversation);
	explicit_bzero(master, sizeof master);
	if (!s->open) {
		desk_complain(d, SAY(S("there is not enough memory")));
		return DESK_WRONG;
	}
	vault_init(&s->vault, &d->arena, s->aead.tokens, kernel_wall() + KEEP);
	there = host_file_stamp(path) != 0;
	return there || must_be ? read_vault(s, d) : DESK_OK;
}

int
safe_keep(struct safe *s, struct desk *d)
{
	char nonce[SEAL_NONCE_BYTES];
	struct text *why = desk_why(d);
	struct slice sealed;
	enum err e;

	if (s->path == NULL)
		return DESK_OK;
	kernel_random(nonce, sizeof nonce);
	s->vault.expires_wall = kernel_wall() + KEEP;
	if ((e = vault_seal(&s->vault, &s->aead.seal, &owner, nonce, &sealed)) != ERR_OK) {
		desk_complain(d, SAY(err_info(e)->text));
		return DESK_WRONG;
	}
	if (file_replace_secret(s->path, sealed, why) == ERR_OK)
		return DESK_OK;
	desk_complain(d, SAY(text_slice(why)));
	return DESK_UNREADABLE;
}

void
safe_close(struct safe *s)
{
	if (s->open)
		aead_release(&s->aead);
}
