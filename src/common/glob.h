/* SPDX-License-Identifier: MIT */
/*
 * Globs: * (any bytes, also none), ? (any one byte), [abc] [!abc] [a-z] (one byte of a class, in
 * which a ']' that comes first and a '-' at either end stand for themselves). Nothing quotes.
 * Bytes are compared as bytes, whatever the locale.
 *
 * Thread safety: any thread. Signal safety: all of them. Nothing is allocated.
 */
#ifndef SC_GLOB_H
#define SC_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the whole text matches. Linear but for '*', which backtracks to the latest star only: at
 * worst the product of both lengths. The '[' of a class that is not closed stands for itself.
 */
bool sc_glob_match(const char *glob, const char *text);

/*
 * What is wrong with glob[0..length), as part of a message, and *at the index where; or NULL and
 * *at untouched. For what people type: sc_glob_match gives every glob some meaning.
 */
const char *sc_glob_fault(const char *glob, size_t length, size_t *at);

#endif
