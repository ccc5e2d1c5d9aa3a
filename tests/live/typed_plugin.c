/* SPDX-License-Identifier: MIT */
/* What the host of tests/live/typed.sh loads. */
int typed_closed(int value);
int plugin_call(int value);

int plugin_call(int value)
{
	return typed_closed(value);
}
