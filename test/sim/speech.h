/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SPEECH_H
#define SIM_SPEECH_H

/*
 * speech - the texts of an answer, as a caller puts them together.
 *
 * Of each choice its content, and the arguments of its tool call; from a whole
 * answer or from the events of a stream, one after another.  Written without
 * the walks of the program under test.
 */

#include "core/arena.h"
#include "core/text.h"

#define SPEECH_CHOICES	16
#define SPEECH_TEXTS	(2 * SPEECH_CHOICES)

struct speech {
	struct arena	*arena;
	size_t		 room;			/* of each text: of the answer as a whole */
	struct text	 text[SPEECH_TEXTS];
};

void speech_init(struct speech *, struct arena *, size_t room);

/* More of it: one document, or anything else, which says nothing. */
void speech_add(struct speech *, struct slice document);

/* The n-th text so far: the content of choice n / 2, or its arguments. */
struct slice speech_text(const struct speech *, int n);

#endif
