/* SPDX-License-Identifier: MIT */
/*
 * How functions say that they have failed.
 */
#ifndef SC_HOOK_RETURNS_H
#define SC_HOOK_RETURNS_H

enum sc_hook_returns {
	SC_RETURNS_MINUS_ONE, /* and errno; also MAP_FAILED, SIG_ERR, EOF */
	SC_RETURNS_ZERO,      /* and errno: NULL, no items, no index */
	SC_RETURNS_ERROR,     /* the error itself */
};

/* By its name; SC_RETURNS_MINUS_ONE when nothing is known of it. */
enum sc_hook_returns sc_hook_returns(const char *function);

#endif
