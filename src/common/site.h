/* SPDX-License-Identifier: MIT */
/*
 * Call sites: a function and the stack that it is called from, as one number that is the same in every run, wherever
 * modules are loaded. Computed by the preload inside intercepted calls (rules with at=), and by the command from records.
 *
 *	site = sc_site_begin("malloc@libc.so.6")	the function and the base name of its library's file
 *	for each frame, innermost first: site = sc_site_add(site, base name of the module's file, address - base)
 *	site = sc_site_end(site)
 *
 * An address that lies in no module counts as module "" and offset 0. The program's own file is the one that
 * /proc/self/exe leads to, not the name it was started by.
 */
#ifndef SC_SITE_H
#define SC_SITE_H

#include <stdint.h>

/* FNV-1a (Fowler, Noll, Vo), 64 bits: names are short. */
static inline uint64_t sc_site_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

static inline uint64_t sc_site_begin(const char *function)
{
	return sc_site_text(0xcbf29ce484222325u, function);
}

/* The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators). */
static inline uint64_t sc_site_mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static inline uint64_t sc_site_add(uint64_t site, const char *module, uint64_t offset)
{
	return sc_site_mix(sc_site_text(site, module) + offset * 0x9e3779b97f4a7c15u);
}

/* Never 0, which stands for any site. */
static inline uint64_t sc_site_end(uint64_t site)
{
	return site ? site : 1;
}

#endif
