/* SPDX-License-Identifier: MIT */
/*
 * Owns how the values of options are written: numbers, times, probabilities, names of errors and signals. Called by
 * rules_options.c. No floating point: these files are also inside hosts.
 */
#include "common/rules_internal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define DECIMALS 6
#define DECIMALS_UNIT 1000000u
#define ERRORS 4096 /* as the kernel has it: -4095 to -1 are errors */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits that a word begins with; false when there are none, or too many. */
static bool cut_digits(struct sc_span *word, uint64_t *out)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < word->length && is_digit(word->at[i]); i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(word->at[i] - '0'), &value))
			return false;
	if (i == 0)
		return false;
	word->at += i;
	word->length -= i;
	*out = value;
	return true;
}

static bool starts_with(struct sc_span word, const char *what)
{
	size_t length = strlen(what);

	return word.length >= length && memcmp(word.at, what, length) == 0;
}

static bool is_word(struct sc_span word, const char *what)
{
	return word.length == strlen(what) && starts_with(word, what);
}

int sc_rules_read_number(struct sc_rules_reading *p, struct sc_span word, const char *what, uint64_t least,
			 uint64_t most, uint64_t *out)
{
	struct sc_span rest = word;
	char typed[SC_RULES_SHOWN + 1];
	uint64_t value;

	if (!cut_digits(&rest, &value) || rest.length || value < least || value > most)
		return sc_rules_refuse(p, word.at, "%s '%s': expected a number from %llu to %llu", what,
				       sc_rules_show(typed, word), (unsigned long long)least,
				       (unsigned long long)most);
	*out = value;
	return 0;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(struct sc_span digits, uint64_t *out)
{
	uint64_t value = 0;

	if (digits.length == 0 || digits.length > 16)
		return false;
	for (size_t i = 0; i < digits.length; i++) {
		int digit = hex_digit(digits.at[i]);

		if (digit < 0)
			return false;
		value = value << 4 | (uint64_t)digit;
	}
	*out = value;
	return true;
}

int sc_rules_read_retval(struct sc_rules_reading *p, struct sc_span word, uint64_t *out)
{
	bool negative = word.length && *word.at == '-';
	struct sc_span rest = { word.at + negative, word.length - negative };
	char typed[SC_RULES_SHOWN + 1];
	uint64_t value;
	bool ok;

	if (starts_with(rest, "0x") && !negative)
		ok = read_hex((struct sc_span){ rest.at + 2, rest.length - 2 }, &value);
	else
		ok = cut_digits(&rest, &value) && !rest.length && (!negative || value <= (uint64_t)1 << 63);
	if (!ok)
		return sc_rules_refuse(p, word.at, "return value '%s': expected a number of 64 bits",
				       sc_rules_show(typed, word));
	*out = negative ? -value : value;
	return 0;
}

int sc_rules_read_site(struct sc_rules_reading *p, struct sc_span word, uint64_t *out)
{
	char typed[SC_RULES_SHOWN + 1];

	if (word.length != 16 || !read_hex(word, out) || !*out)
		return sc_rules_refuse(p, word.at, "call site '%s': expected 16 hexadecimal digits, not all zero",
				       sc_rules_show(typed, word));
	return 0;
}

int sc_rules_read_delay(struct sc_rules_reading *p, struct sc_span word, uint64_t *out)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "", 1000 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 }, { "ns", 1 } };
	char typed[SC_RULES_SHOWN + 1];
	struct sc_span rest = word;
	uint64_t value;

	if (cut_digits(&rest, &value))
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (is_word(rest, units[i].name) && !__builtin_mul_overflow(value, units[i].ns, &value) &&
			    value <= INT64_MAX) {
				*out = value;
				return 0;
			}
	return sc_rules_refuse(p, word.at, "delay '%s': expected microseconds, or a number with s, ms, us or ns",
			       sc_rules_show(typed, word));
}

/* The digits behind a decimal point, as millionths. */
static bool cut_decimals(struct sc_span *word, uint64_t *out)
{
	size_t before = word->length;

	if (!cut_digits(word, out) || before - word->length > DECIMALS)
		return false;
	for (size_t n = before - word->length; n < DECIMALS; n++)
		*out *= 10;
	return true;
}

static bool read_millionths(struct sc_span *word, uint64_t *out)
{
	uint64_t whole = 0, decimals = 0;
	bool point;

	if (!cut_digits(word, &whole) && !(word->length > 1 && *word->at == '.'))
		return false;
	point = word->length && *word->at == '.';
	word->at += point;
	word->length -= point;
	if ((point && !cut_decimals(word, &decimals)) || whole > 100)
		return false;
	*out = whole * DECIMALS_UNIT + decimals;
	return true;
}

int sc_rules_read_chance(struct sc_rules_reading *p, struct sc_span word, uint64_t *out)
{
	char typed[SC_RULES_SHOWN + 1];
	struct sc_span rest = word;
	uint64_t value = 0, unit = DECIMALS_UNIT;
	bool ok = read_millionths(&rest, &value);

	if (is_word(rest, "%")) {
		unit *= 100;
		rest.length = 0;
	}
	if (!ok || rest.length || value > unit)
		return sc_rules_refuse(p, word.at, "probability '%s': expected 0 to 1, or 0%% to 100%%, with at most "
				       "%d decimals", sc_rules_show(typed, word), DECIMALS);
	*out = value * SC_RULE_ALWAYS / unit;
	return 0;
}

int sc_rules_read_when(struct sc_rules_reading *p, struct sc_span word, struct sc_rule_when *out)
{
	struct sc_rule_when when = { .step = 0 };
	char typed[SC_RULES_SHOWN + 1];
	struct sc_span rest = word;
	bool ok = cut_digits(&rest, &when.first) && when.first > 0;

	if (ok && starts_with(rest, "..")) {
		rest = (struct sc_span){ rest.at + 2, rest.length - 2 };
		ok = cut_digits(&rest, &when.last) && when.last >= when.first;
		when.step = 1;
	}
	if (ok && starts_with(rest, "+")) {
		rest = (struct sc_span){ rest.at + 1, rest.length - 1 };
		when.step = 1;
		ok = !rest.length || (cut_digits(&rest, &when.step) && when.step > 0);
	}
	if (!ok || rest.length)
		return sc_rules_refuse(p, word.at, "calls '%s': expected FIRST[..LAST][+[STEP]], counted from 1",
				       sc_rules_show(typed, word));
	*out = when;
	return 0;
}

/* A name that libc has for a number. */
struct name {
	const char *text; /* NULL: none */
	int number;
};

typedef struct name naming(int i);

/* Those that libc does not return, because another name is of the same number, come after the numbers. */
static struct name error_name(int i)
{
	static const struct name more[] = { { "EWOULDBLOCK", EWOULDBLOCK }, { "EDEADLOCK", EDEADLOCK },
					    { "ENOTSUP", ENOTSUP }, { NULL, 0 } };

	return i < ERRORS ? (struct name){ i ? strerrorname_np(i) : NULL, i } : more[i - ERRORS];
}

static struct name signal_name(int i)
{
	static const struct name more[] = { { "IOT", SIGIOT }, { "CLD", SIGCHLD }, { "IO", SIGIO }, { NULL, 0 } };

	return i < NSIG ? (struct name){ sigabbrev_np(i), i } : more[i - NSIG];
}

/* The number of that name; else 0, and in *near the name that may have been meant, or NULL. */
static int find_name(naming *names, int numbers, const char *wanted, const char **near)
{
	unsigned most = strlen(wanted) > 3 ? 2 : 1;

	*near = NULL;
	for (int i = 0; i < numbers || names(i).text; i++) {
		struct name name = names(i);
		unsigned distance = name.text ? sc_name_distance(wanted, name.text, most) : most + 1;

		if (distance == 0)
			return name.number;
		if (distance > most)
			continue;
		*near = name.text;
		most = distance - 1;
	}
	return 0;
}

static int read_name(struct sc_rules_reading *p, struct sc_span word, const char *what, naming *names, int numbers,
		     int *out)
{
	char typed[SC_RULES_SHOWN + 1];
	const char *near;
	int found = find_name(names, numbers, sc_rules_show(typed, word), &near);

	if (found == 0 && near)
		return sc_rules_refuse(p, word.at, "unknown %s '%s': did you mean '%s'?", what, typed, near);
	if (found == 0)
		return sc_rules_refuse(p, word.at, "unknown %s '%s'", what, typed);
	*out = found;
	return 0;
}

static int read_small(struct sc_rules_reading *p, struct sc_span word, const char *what, uint64_t most, int *out)
{
	uint64_t number;
	int error = sc_rules_read_number(p, word, what, 1, most, &number);

	if (!error)
		*out = (int)number;
	return error;
}

int sc_rules_read_error(struct sc_rules_reading *p, struct sc_span word, int *out)
{
	if (is_digit(*word.at))
		return read_small(p, word, "error", ERRORS - 1, out);
	return read_name(p, word, "error", error_name, ERRORS, out);
}

int sc_rules_read_signal(struct sc_rules_reading *p, struct sc_span word, int *out)
{
	struct sc_span name = word;

	if (is_digit(*word.at))
		return read_small(p, word, "signal", NSIG - 1, out);
	if (starts_with(word, "SIG"))
		name = (struct sc_span){ word.at + 3, word.length - 3 };
	return read_name(p, name, "signal", signal_name, NSIG, out);
}
