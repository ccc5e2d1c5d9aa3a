/* SPDX-License-Identifier: MIT */
/* What the libraries of test_symbols_bind offer each other and the test. */
#ifndef FIXTURES_H
#define FIXTURES_H

/* provider.c, once for each kind of hash table; PREFIX is set by the Makefile where it matters. */
#define PASTE(a, b) a##_##b
#define EXPAND(a, b) PASTE(a, b)
#define PROVIDER(name) EXPAND(PREFIX, name)
#define TEXT(name) TEXT_OF(name)
#define TEXT_OF(name) #name
#define SYMVER(function, name, version) __asm__(".symver " TEXT(function) "," TEXT(name) version);

const char *gnu_moved(void);
const char *gnu_retired(void);
const char *gnu_added(void);
const char *gnu_overridden(void);
const char *sysv_moved(void);
const char *sysv_retired(void);
const char *sysv_added(void);
const char *sysv_overridden(void);

/* interposer.c, then visibility.c: the first in the scope wins unless visibility says otherwise. */
const char *shared_name(void);
const char *kept_name(void);
const char *hidden_name(void);
void nowhere(void) __attribute__((weak));
extern void (*const visibility_weak_address)(void);
const char *visibility_call_shared(void);
const char *visibility_call_kept(void);
const char *visibility_call_hidden(void);
const char *(*visibility_kept_address(void))(void);

/* Each library that refers to the others, so that it is linked. */
const char *versioned_moved_before(int sysv);
const char *versioned_moved_now(int sysv);
const char *versioned_retired(int sysv);
const char *versioned_added(int sysv);
const char *versioned_overridden(int sysv);
int interposer_has_versions(void);
const char *unversioned_moved(int sysv);
const char *unversioned_retired(int sysv);
const char *unversioned_added(int sysv);
int symbolic_answer(void);

#endif
