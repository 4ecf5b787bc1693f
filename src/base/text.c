/* Texts that may be missing. */
#include "src/base/text.h"

#include <stddef.h>
#include <string.h>

bool text_is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}
