/* SPDX-License-Identifier: MIT */
/* libwindows.so: a function that is called by Windows' convention, as Wine's libraries call each other. */
#include <math.h>

__attribute__((ms_abi)) double windows_mix(long first, double second, long third, double fourth);

__attribute__((ms_abi)) double windows_mix(long first, double second, long third, double fourth)
{
	return fabs((double)first * second) + (double)third * fourth;
}
