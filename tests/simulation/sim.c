/* The memory that all lives share. */
#include "tests/simulation/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct sim *sim_new(const char *folder)
{
	struct sim *sim = mmap(NULL, sizeof *sim, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (sim == MAP_FAILED)
		return NULL;
	(void)snprintf(sim->folder, sizeof sim->folder, "%s", folder);
	return sim;
}

void sim_free(struct sim *sim)
{
	if (sim != NULL)
		(void)munmap(sim, sizeof *sim);
}

void sim_count(struct sim *sim, enum sim_count what)
{
	sim->counts[what]++;
}

static void hash(struct sim *sim, const char *text)
{
	for (; *text != '\0'; text++)
		sim->hash = (sim->hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
}

void sim_trace(struct sim *sim, const char *format, ...)
{
	char line[700];
	int64_t ms = sim->now_us / 1000;
	int at = snprintf(line, sizeof line, "%6" PRId64 ".%03d  ", ms / 1000, (int)(ms % 1000));
	size_t len;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line + at, sizeof line - (size_t)at - 2, format, args);
	va_end(args);
	len = strlen(line);
	line[len++] = '\n';
	line[len] = '\0';
	hash(sim, line);
	if (sim->trace_loud)
		(void)fputs(line, stderr);
	if (sim->trace_len + len >= sizeof sim->trace)
		return;
	memcpy(sim->trace + sim->trace_len, line, len + 1);
	sim->trace_len += len;
}

void sim_break(struct sim *sim, int promise, const char *format, ...)
{
	va_list args;

	if (sim->broken != 0)
		return;
	va_start(args, format);
	(void)vsnprintf(sim->broken_text, sizeof sim->broken_text, format, args);
	va_end(args);
	sim->broken = promise;
	sim_trace(sim, "*** promise %d is broken: %s", promise, sim->broken_text);
}
