/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

/*
 * probe - the two measurements that are not a load.
 *
 * `start`: how long a program takes from being executed to its first answer with status 200.
 * `calibrate`: what this machine's kernel costs today, so that absolute times of two runs can
 * be compared: a fixed loop of the cheapest system call, and an echo over a pair of sockets.
 * Both own what they start and end it before they return.
 */

#include <stdbool.h>
#include <stdint.h>

#include "drive.h"

struct calibration {
	double		getppid_ns;
	double		echo_ns;	/* write 1,500 B and read them back from the other end */
};

/* Executes argv, asks until the answer is 200, ends the program; ns, or 0 after ten seconds. */
uint64_t probe_start(const struct plan *, char *const argv[]);

/* The best of several rounds, since a disturbance can only add. */
struct calibration probe_calibrate(void);

#endif
