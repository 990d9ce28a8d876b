/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/detect.h"

void
detect_look(const struct look *l, unsigned parts)
{
	(void)parts;
	findings_settle(l->findings, l->text);
}
