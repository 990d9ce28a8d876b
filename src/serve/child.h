/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_CHILD_H
#define SERVE_CHILD_H

/*
 * child - the process that serves: workers, their gates, the admin port, and
 * the built-in providers where the configuration uses them.
 *
 * The first worker also hears signals.  A reload is read by a job, off the
 * loops, and handed to each gate on its own loop.  A stop closes the listeners,
 * lets what is in flight end within drain_wait, cancels the rest, and leaves.
 */

struct boot;

/* Serves until told to stop; the process's exit status. */
int child_run(struct boot *);

#endif
