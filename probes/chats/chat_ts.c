/* Time stamps of messages: decimal numbers of any length, compared as text. */
#include <string.h>

#include "probes/chats/chat.h"

#define SECONDS_DIGITS 15 /* so that ms fit into 64 bits */

/* The digits before the point, without leading zeros. */
static size_t whole(const char **text)
{
	*text += strspn(*text, "0");
	return strspn(*text, "0123456789");
}

static int compare_fractions(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0') {
		char left = *a != '\0' ? *a++ : '0';
		char right = *b != '\0' ? *b++ : '0';

		if (left != right)
			return left < right ? -1 : 1;
	}
	return 0;
}

int chat_ts_compare(const char *a, const char *b)
{
	size_t a_len = whole(&a), b_len = whole(&b);
	int order;

	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	order = strncmp(a, b, a_len);
	if (order != 0)
		return order;
	a += a_len;
	b += b_len;
	return compare_fractions(*a == '.' ? a + 1 : a, *b == '.' ? b + 1 : b);
}

int64_t chat_ts_ms(const char *ts)
{
	size_t len = whole(&ts);
	int64_t ms = 0;

	if (len > SECONDS_DIGITS)
		return 0;
	for (size_t i = 0; i < len; i++)
		ms = ms * 10 + (ts[i] - '0');
	ts += len;
	if (*ts == '.')
		ts++;
	for (int i = 0; i < 3; i++)
		ms = ms * 10 + (*ts >= '0' && *ts <= '9' ? *ts++ - '0' : 0);
	return ms;
}
