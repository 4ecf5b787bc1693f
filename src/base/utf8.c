/* Foreign bytes as text. */
#include "src/base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static size_t length_by_first(unsigned char first)
{
	return first < 0x80                     ? 1
	       : first >= 0xc2 && first <= 0xdf ? 2
	       : first >= 0xe0 && first <= 0xef ? 3
	       : first >= 0xf0 && first <= 0xf4 ? 4
						: 0;
}

/* Which second bytes may follow the first: the others would make the same character twice
 * (overlong), half a character of UTF-16, or one beyond U+10FFFF. */
static bool is_second(unsigned char first, unsigned char second)
{
	return !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f) &&
	       !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
}

size_t utf8_length(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t size = len > 0 ? length_by_first(at[0]) : 0;

	if (size > len || (size > 1 && !is_second(at[0], at[1])))
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	}
	return size;
}

size_t utf8_cut(const char *text, size_t len, size_t limit)
{
	if (len <= limit)
		return len;
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

static uint32_t value_of(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	uint32_t value = size == 1 ? at[0] : at[0] & (0x7fU >> size);

	for (size_t i = 1; i < size; i++)
		value = value << 6 | (at[i] & 0x3fU);
	return value;
}

static bool is_harmless(uint32_t value)
{
	return value >= ' ' && !(value >= 0x7f && value <= 0x9f) &&
	       !(value >= 0x200e && value <= 0x200f) && !(value >= 0x2028 && value <= 0x202e) &&
	       !(value >= 0x2066 && value <= 0x2069) && value != 0x061c && value != 0xfeff;
}

void utf8_clean(char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t size = utf8_length(text + at, len - at);
		bool keep = size > 0 && is_harmless(value_of(text + at, size));

		if (size == 0)
			size = 1;
		if (!keep)
			memset(text + at, ' ', size);
		at += size;
	}
}
