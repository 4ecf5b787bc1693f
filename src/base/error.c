/* Why something failed. */
#include "src/base/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

bool error_set(struct error *error, const char *format, ...)
{
	va_list args;

	if (error == NULL)
		return false;
	va_start(args, format);
	(void)vsnprintf(error->text, sizeof error->text, format, args);
	va_end(args);
	return false;
}
