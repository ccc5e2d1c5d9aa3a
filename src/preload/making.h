/* SPDX-License-Identifier: MIT */
/*
 * Who makes storage that a thread has run out of, when signal handlers come in meanwhile and run out of it, too: a few that
 * have interrupted each other, each for itself; the next do without. Else a timer that is quicker than the making (some
 * system calls, some pages touched) and whose handler may interrupt itself (SA_NODEFER) would never let it end, and the
 * host's stack would overflow. What does without is counted by who asks.
 *
 * A handler that longjmps out of it all leaves the count of those too high, so it begins anew once it was found too high.
 * Of a thread; where it is of the process, other threads may disturb the count. All zero at first.
 */
#ifndef SC_MAKING_H
#define SC_MAKING_H

#include <stdbool.h>
#include <stdint.h>

#define SC_MAKING_NESTED 4
#define SC_MAKING_WITHOUT 64 /* do without, once there were as many */

struct sc_making {
	uint32_t nested;
	uint32_t without; /* that are still to do without */
};

/* Whether to make it now, and then to say how that went; else there is none. */
static inline bool sc_making_begin(struct sc_making *making)
{
	if (making->without) {
		making->without--;
		return false;
	}
	if (making->nested < SC_MAKING_NESTED) {
		making->nested++;
		return true;
	}
	making->nested = 0;
	making->without = SC_MAKING_WITHOUT;
	return false;
}

/* without: how many are not to ask again, since there was none to be had; 0: it was made. */
static inline void sc_making_end(struct sc_making *making, uint32_t without)
{
	making->nested -= making->nested > 0;
	if (without)
		making->without = without;
}

#endif
