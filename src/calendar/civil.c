/* Days of the Gregorian calendar, counted from 1970-01-01, by the reckoning in eras of 400 years of
 * https://howardhinnant.github.io/date_algorithms.html */
#include "src/calendar/civil.h"

#define ERA_DAYS     146097
#define EPOCH_DAYS   719468 /* from 0000-03-01 to 1970-01-01 */
#define WEEKDAY_OF_0 4      /* a Thursday */

/* Rounded down, for negative numbers too. */
static int64_t divide(int64_t number, int64_t by)
{
	return number >= 0 ? number / by : -((-number + by - 1) / by);
}

int64_t civil_day(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
	int64_t era = divide(y, 400), of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

struct civil civil_date(int64_t day)
{
	int64_t shifted = day + EPOCH_DAYS, era = divide(shifted, ERA_DAYS);
	int64_t of_era = shifted - era * ERA_DAYS;
	int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
	int64_t month = (5 * of_year + 2) / 153; /* from March on */
	struct civil date = {.month = (int)(month < 10 ? month + 3 : month - 9),
			     .day = (int)(of_year - (153 * month + 2) / 5 + 1)};

	date.year = (int)(years + era * 400 + (date.month <= 2 ? 1 : 0));
	return date;
}

int civil_weekday(int64_t day)
{
	return (int)(day + WEEKDAY_OF_0 - divide(day + WEEKDAY_OF_0, 7) * 7);
}

bool civil_exists(int year, int month, int day)
{
	struct civil same;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	same = civil_date(civil_day(year, month, day));
	return same.month == month && same.day == day;
}

int64_t civil_day_of(int64_t seconds)
{
	return divide(seconds, CIVIL_DAY_S);
}
