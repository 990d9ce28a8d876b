/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_FILE_H
#define RUN_FILE_H

/*
 * file - whole small files, for start-up, reload and the commands.
 *
 * Every call blocks, so none belongs on a loop.  What went wrong is said in one
 * line for a human, with the file's name and without its content.  Bytes that
 * were read may be secrets and are wiped when they are freed.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/text.h"

/*
 * Reads a file of at most bytes_max bytes into memory for file_free(), with a
 * NUL behind its end.  ERR_IO with *why, ERR_MEMORY.
 */
must_use enum err file_read(const char *path, size_t bytes_max, struct slice *out,
    struct text *why);
void file_free(struct slice);

/*
 * Makes a file that only its owner may read and puts the bytes on the disk.
 * ERR_IO with *why; a file that is already there is left as it is.
 */
must_use enum err file_write_secret(const char *path, struct slice, struct text *why);

/*
 * A secret of random bytes that lasts: the file's, which must have just so many, or a new one, made
 * for its owner alone and put on the disk.  ERR_IO with *why, ERR_MEMORY.
 */
must_use enum err file_keep_secret(const char *path, char *out, size_t bytes, struct text *why);

/*
 * Keeps bytes in a folder under a name, for its owner alone: whole or not at
 * all, and never twice.  The folder is made if it is missing.  ERR_IO with *why,
 * ERR_MEMORY.
 */
must_use enum err file_archive(const char *folder, struct slice name, struct slice,
    struct text *why);

/* The path of a name in a folder, of malloc(); NULL without memory. */
char *file_path(const char *folder, struct slice name);

/* Is there a file of that name, whatever it is? */
bool file_is_there(const char *path);

/* True for a folder that is there. */
bool file_is_folder(const char *path);

/*
 * The paths of a folder's files whose names end like this, sorted, one after
 * another in one block for file_free(), each with a NUL behind it.  ERR_IO,
 * ERR_MEMORY.
 */
must_use enum err file_list(const char *folder, struct slice suffix, struct slice *out,
    struct text *why);

/*
 * Puts the bytes into a file, whole or not at all.  ERR_IO with *why; a file
 * that is already there is left as it is, unless it is to be replaced.
 */
must_use enum err file_write(const char *path, struct slice, bool replace, struct text *why);

/* The same in the place of what is there, for the owner alone. */
must_use enum err file_replace_secret(const char *path, struct slice, struct text *why);

#endif
