/* What this process takes: as every client library of Prometheus tells it.
 * https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "src/program/serve/meter_parts.h"

/* From proc_pid_statm(5); 0: not known. */
static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	char line[128] = "";
	char *at = line;
	uint64_t pages;

	if (file == NULL)
		return 0;
	if (fgets(line, sizeof line, file) == NULL)
		line[0] = '\0';
	(void)fclose(file);
	(void)strtoull(at, &at, 10); /* the first is the size */
	pages = strtoull(at, NULL, 10);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	uint64_t count = 0;

	if (folder == NULL)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		count += entry->d_name[0] != '.';
	(void)closedir(folder);
	return count > 0 ? count - 1 : 0; /* without the folder itself */
}

static int64_t cpu_ms(void)
{
	struct rusage usage = {0};

	(void)getrusage(RUSAGE_SELF, &usage);
	return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static uint64_t most_descriptors(void)
{
	struct rlimit limit = {0};

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

void meter_write_process(const struct meter *meter, const struct meter_text *text)
{
	static const struct meter_family memory = {"process_resident_memory_bytes", METER_GAUGE,
						   "bytes", "Memory that is really there."},
					 cpu = {"process_cpu_seconds", METER_COUNTER, "seconds",
						"Time spent computing."},
					 fds = {"process_open_fds", METER_GAUGE, NULL,
						"Open descriptors."},
					 most = {"process_max_fds", METER_GAUGE, NULL,
						 "How many there may be."},
					 start = {"process_start_time_seconds", METER_GAUGE,
						  "seconds", "When it was started."};

	meter_begin(text, &memory);
	meter_count(text, &memory, NULL, resident_bytes());
	meter_begin(text, &cpu);
	meter_seconds(text, &cpu, NULL, cpu_ms());
	meter_begin(text, &fds);
	meter_count(text, &fds, NULL, open_descriptors());
	meter_begin(text, &most);
	meter_count(text, &most, NULL, most_descriptors());
	meter_begin(text, &start);
	meter_seconds(text, &start, NULL, meter->started_wall_ms);
}
