/* Times as other machines write them. */
#include "probes/hops/rfc3339.h"

#include <ctype.h>
#include <stddef.h>

/* A number of exactly `digits` digits within its range; -1 when there is none. */
static int number(const char **at, int digits, int min, int max)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)(*at)[0]))
			return -1;
		value = value * 10 + (*(*at)++ - '0');
	}
	return value >= min && value <= max ? value : -1;
}

static bool skip(const char **at, const char *any_of)
{
	for (; *any_of != '\0'; any_of++) {
		if (**at == *any_of) {
			(*at)++;
			return true;
		}
	}
	return false;
}

/* Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that a leap day is the
 * last of its year. */
static int64_t days(int year, int month, int day)
{
	int64_t y = year - (month <= 2), m = (month + 9) % 12;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static int fraction(const char **at)
{
	int ms = 0;

	if (!skip(at, "."))
		return 0;
	if (!isdigit((unsigned char)**at))
		return -1;
	for (int unit = 100; isdigit((unsigned char)**at); unit /= 10)
		ms += unit * (*(*at)++ - '0');
	return ms;
}

/* Minutes ahead of UTC; false when there is neither "Z" nor an offset. */
static bool offset(const char **at, int *ret_minutes)
{
	int sign = **at == '-' ? -1 : 1, hours, minutes;

	*ret_minutes = 0;
	if (skip(at, "Zz"))
		return true;
	if (!skip(at, "+-"))
		return false;
	hours = number(at, 2, 0, 23);
	if (hours < 0 || !skip(at, ":"))
		return false;
	minutes = number(at, 2, 0, 59);
	*ret_minutes = sign * (hours * 60 + minutes);
	return minutes >= 0;
}

bool rfc3339_read(const char *text, int64_t *ret_wall_ms)
{
	static const struct {
		int digits, min, max;
		const char *before;
	} fields[] = {{4, 1971, 9999, NULL}, {2, 1, 12, "-"}, {2, 1, 31, "-"},
		      {2, 0, 23, "Tt "},     {2, 0, 59, ":"}, {2, 0, 60, ":"}};
	int value[6], ms, minutes;
	const char *at = text;
	int64_t seconds;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (fields[i].before != NULL && !skip(&at, fields[i].before))
			return false;
		value[i] = number(&at, fields[i].digits, fields[i].min, fields[i].max);
		if (value[i] < 0)
			return false;
	}
	ms = fraction(&at);
	if (ms < 0 || !offset(&at, &minutes) || *at != '\0')
		return false;
	seconds =
	    ((days(value[0], value[1], value[2]) * 24 + value[3]) * 60 + value[4] - minutes) * 60 +
	    value[5];
	*ret_wall_ms = seconds * 1000 + ms;
	return true;
}
