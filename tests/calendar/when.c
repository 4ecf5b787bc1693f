/* Moments, as tests write them. */
#include "tests/calendar/when.h"

#include <time.h>

int64_t when(int month, int day, int hour, int minute)
{
	struct tm moment = {
	    .tm_year = 126, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute};

	return (int64_t)timegm(&moment) * 1000;
}
