/* SPDX-License-Identifier: MIT */
/* What calls.c's way "traced" calls, as stubcache reads it: three arguments, one of them a short string. */
void traced(int descriptor, void *pointer, const char *text);
