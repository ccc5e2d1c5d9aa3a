/* SPDX-License-Identifier: MIT */
/* Calls scope_answer, lazily bound to whichever definition ld.so finds at the first call. */
int scope_answer(void);
int scope_ask(void);

int scope_ask(void)
{
	return scope_answer();
}
