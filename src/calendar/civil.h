/* Days of the Gregorian calendar, counted from 1970-01-01.  Private to this folder. */
#ifndef CALENDAR_CIVIL_H
#define CALENDAR_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_DAY_S 86400

struct civil {
	int year, month, day; /* month and day from 1 */
};

/* The day of a date that exists; any month and day beyond their month are reckoned on. */
int64_t civil_day(int year, int month, int day);
struct civil civil_date(int64_t day);
int civil_weekday(int64_t day); /* 0: Sunday */
bool civil_exists(int year, int month, int day);
/* The day in which a second lies, both counted from 1970. */
int64_t civil_day_of(int64_t seconds);

#endif
