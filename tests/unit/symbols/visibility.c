/* SPDX-License-Identifier: MIT */
/* One name of each visibility, called through slots and with its address in data. */
#include "fixtures.h"

__attribute__((visibility("protected"))) const char *kept_name(void);
__attribute__((visibility("hidden"))) const char *hidden_name(void);

static const char *(*const addresses[])(void) = { shared_name, kept_name, hidden_name };
void (*const visibility_weak_address)(void) = nowhere;

const char *shared_name(void)
{
	return "visibility";
}

const char *kept_name(void)
{
	return "visibility";
}

const char *hidden_name(void)
{
	return "visibility";
}

const char *visibility_call_shared(void)
{
	return shared_name();
}

const char *visibility_call_kept(void)
{
	return kept_name();
}

const char *visibility_call_hidden(void)
{
	return hidden_name();
}

const char *(*visibility_kept_address(void))(void)
{
	return ((const char *(*const volatile *)(void))addresses)[1];
}
