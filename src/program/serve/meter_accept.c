/* Which of the two formats is asked for. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/program/serve/meter.h"

static const char open_type[] = "application/openmetrics-text";
static const char text_type[] = "text/plain";

/* The weight in thousandths that a list of media ranges gives to this type; 0: it does not name it.
 * https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1 */
static int weight_of(const char *accept, const char *type)
{
	int best = 0;

	while (*accept != '\0') {
		size_t len = strcspn(accept, ",");
		size_t name = strspn(accept, " \t");
		int weight = 1000;

		if (len > name && strncasecmp(accept + name, type, strlen(type)) == 0 &&
		    strchr(";, \t", accept[name + strlen(type)]) != NULL) {
			const char *q = memmem(accept, len, "q=", 2);

			if (q != NULL && strchr("; \t", q[-1]) != NULL)
				weight = (int)(strtod(q + 2, NULL) * 1000);
			best = weight > best ? weight : best;
		}
		accept += len + (accept[len] == ',');
	}
	return best;
}

bool meter_wants_open_metrics(const char *accept)
{
	int weight = weight_of(accept, open_type);

	return weight > 0 && weight >= weight_of(accept, text_type);
}

const char *meter_type(bool open_metrics)
{
	return open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			    : "text/plain; version=0.0.4; charset=utf-8";
}
