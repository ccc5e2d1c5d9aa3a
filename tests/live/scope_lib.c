/* SPDX-License-Identifier: MIT */
/* One of several libraries that define the same function: SCOPE_ANSWER is what this one answers. */
int scope_answer(void);

int scope_answer(void)
{
	return SCOPE_ANSWER;
}
