/* Lengths of time as people write them. */
#include "src/base/duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MS_PER_DAY INT64_C(86400000)
#define MS_MAX     (366 * MS_PER_DAY)
#define ADVICE     "write a number with a unit, such as \"250ms\", \"90s\", \"5m\", \"2h\" or \"1d\""

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", MS_PER_DAY},
};

/* Ms per unit, and how long the unit's name is; 0 when there is no unit here. */
static int64_t unit_at(const char *text, size_t *ret_len)
{
	size_t len = 0;

	while (isalpha((unsigned char)text[len]))
		len++;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strlen(units[i].name) == len && strncmp(units[i].name, text, len) == 0) {
			*ret_len = len;
			return units[i].ms;
		}
	}
	return 0;
}

bool duration_parse(const char *text, int64_t *ret_ms, struct error *error)
{
	const char *at = text;
	int64_t total = 0;

	do {
		int64_t number = 0;
		size_t digits = 0, len = 0;
		int64_t unit;

		while (digits < 12 && isdigit((unsigned char)at[digits]))
			number = number * 10 + (at[digits++] - '0');
		unit = digits > 0 ? unit_at(at + digits, &len) : 0;
		if (unit == 0)
			return error_set(error, "\"%.40s\" is not a length of time: " ADVICE, text);
		if (number > MS_MAX / unit || total + number * unit > MS_MAX)
			return error_set(error, "\"%.40s\" is longer than 366 days", text);
		total += number * unit;
		at += digits + len;
	} while (*at != '\0');
	*ret_ms = total;
	return true;
}

void duration_format(int64_t ms, char *ret_text, size_t size)
{
	int64_t s = ms / 1000;

	if (ms < 1000)
		(void)snprintf(ret_text, size, "%" PRId64 " ms", ms);
	else if (ms < 60000)
		(void)snprintf(ret_text, size, "%" PRId64 ".%" PRId64 " s", s, ms % 1000 / 100);
	else if (s < 3600 && s % 60 == 0)
		(void)snprintf(ret_text, size, "%" PRId64 " min", s / 60);
	else if (s < 3600)
		(void)snprintf(ret_text, size, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
	else
		(void)snprintf(ret_text, size, "%" PRId64 " h %" PRId64 " min", s / 3600,
			       s / 60 % 60);
}
