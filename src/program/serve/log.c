/* The daemon's log: one line an event. */
#include "src/program/serve/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reports/outlet.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/logfmt.h"

/* The level as journald reads it at the start of a line: sd-daemon(3). */
static const struct {
	const char *name, *journal;
} levels[LEVEL_COUNT] = {
    [LEVEL_ERROR] = {"error", "<3>"},
    [LEVEL_WARN] = {"warn", "<4>"},
    [LEVEL_INFO] = {"info", "<6>"},
    [LEVEL_DEBUG] = {"debug", "<7>"},
};

struct log {
	struct outlet *out; /* owned */
	enum log_level level;
	bool journal; /* out is read by journald */
	log_mask_fn *mask;
	void *mask_arg;
	size_t lost; /* lines, since nobody read them */
};

const char *log_level_name(enum log_level level)
{
	return levels[level].name;
}

bool log_level_parse(const char *word, enum log_level *ret_level, struct error *error)
{
	for (enum log_level level = 0; level < LEVEL_COUNT; level++) {
		if (strcmp(word, levels[level].name) == 0) {
			*ret_level = level;
			return true;
		}
	}
	return error_set(error, "--log-level is one of error, warn, info, debug; not \"%.40s\"",
			 word);
}

/* "DEVICE:INODE" of what journald gave us as stderr, which may be another file by now:
 * systemd.exec(5). */
static bool is_journal(FILE *out)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat about;
	char *device_end, *end;
	uintmax_t device, inode;

	if (stream == NULL || fstat(fileno(out), &about) != 0)
		return false;
	device = strtoumax(stream, &device_end, 10);
	if (*device_end != ':')
		return false;
	inode = strtoumax(device_end + 1, &end, 10);
	return *end == '\0' && device == (uintmax_t)about.st_dev &&
	       inode == (uintmax_t)about.st_ino;
}

struct log *log_new(FILE *out, enum log_level level)
{
	struct log *log = mem_zalloc(sizeof *log);

	*log = (struct log){.out = outlet_new(out, 0), .level = level, .journal = is_journal(out)};
	return log;
}

void log_free(struct log *log)
{
	if (log == NULL)
		return;
	(void)outlet_flush(log->out);
	outlet_free(log->out);
	free(log);
}

void log_set_mask(struct log *log, log_mask_fn *mask, void *arg)
{
	log->mask = mask;
	log->mask_arg = arg;
}

static void write_line(struct log *log, enum log_level level, const struct buf *pairs)
{
	struct buf line = {0};
	char now[32];

	if (log->journal) {
		buf_adds(&line, levels[level].journal);
	} else {
		clock_rfc3339(clock_wall_ms(), now, sizeof now);
		buf_addf(&line, "time=%s level=%s ", now, levels[level].name);
	}
	buf_add(&line, pairs->data, pairs->len);
	buf_adds(&line, "\n");
	if (log->mask != NULL)
		log->mask(log->mask_arg, line.data);
	outlet_add(log->out, line.data, line.len);
	buf_done(&line);
}

/* What finds no reader is left out, whole lines only, and counted. */
static bool has_reader(struct log *log)
{
	struct buf pairs = {0};

	if (!outlet_flush(log->out)) {
		log->lost++;
		return false;
	}
	if (log->lost > 0) {
		buf_addf(&pairs, "msg=\"log lines were left out\" count=%zu", log->lost);
		write_line(log, LEVEL_WARN, &pairs);
		buf_done(&pairs);
		log->lost = 0;
	}
	return true;
}

static void event(struct log *log, enum log_level level, const struct drill_record *record,
		  const char *msg, const char *const *pairs)
{
	struct buf line = {0};

	if (level > log->level || !has_reader(log))
		return;
	logfmt_add(&line, "msg", msg);
	if (record != NULL) {
		logfmt_add(&line, "drill", record->id);
		logfmt_add(&line, "scenario", record->scenario->name);
		logfmt_add(&line, "environment", record->environment->name);
		logfmt_add(&line, "phase", phase_name(record->phase));
	}
	logfmt_add_all(&line, pairs);
	write_line(log, level, &line);
	buf_done(&line);
}

void log_event(struct log *log, enum log_level level, const char *msg, const char *const *pairs)
{
	event(log, level, NULL, msg, pairs);
}

void log_drill(struct log *log, enum log_level level, const struct drill_record *record,
	       const char *msg, const char *const *pairs)
{
	event(log, level, record, msg, pairs);
}
