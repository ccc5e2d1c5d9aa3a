/* SPDX-License-Identifier: MIT */
/* A function of tests/live/typed.sh that calls one of another library. */
int typed_inner(int value);
int typed_outer(int value);

int typed_outer(int value)
{
	return typed_inner(value) * 2;
}
