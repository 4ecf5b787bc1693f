/* The open faults of a ledger, and what they promise. */
#include "tests/simulation/rows.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/store/ledger.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/world.h"

static bool on_row(void *arg, const struct ledger_fault *fault)
{
	struct rows *rows = arg;
	struct row *row = &rows->list[rows->count];

	if (rows->count == SIM_DRILLS)
		return false;
	rows->count++;
	*row = (struct row){.state = fault->state, .acked = fault->ack_reason != NULL};
	(void)snprintf(row->drill, sizeof row->drill, "%s", fault->drill);
	(void)snprintf(row->environment, sizeof row->environment, "%s", fault->environment);
	(void)snprintf(row->target, sizeof row->target, "%s",
		       fault->target != NULL ? fault->target : "");
	return true;
}

void rows_read(struct ledger *ledger, struct rows *ret_rows)
{
	struct error error = {""};

	ret_rows->count = 0;
	ret_rows->readable = ledger_visit_open(ledger, NULL, on_row, ret_rows, &error);
}

const struct row *rows_find(const struct rows *rows, const char *drill)
{
	for (int i = 0; i < rows->count; i++) {
		if (strcmp(rows->list[i].drill, drill) == 0)
			return &rows->list[i];
	}
	return NULL;
}

/* Copies of files. */

/* NULL when it is not there. Owned by the caller. */
static char *read_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat about;
	ssize_t got = 0;
	char *bytes;

	*ret_len = 0;
	if (fd < 0)
		return NULL;
	if (fstat(fd, &about) != 0)
		about.st_size = 0;
	bytes = mem_zalloc((size_t)about.st_size + 1);
	got = pread(fd, bytes, (size_t)about.st_size, 0);
	(void)close(fd);
	*ret_len = got > 0 ? (size_t)got : 0;
	return bytes;
}

static void copy_file(const char *from, const char *to)
{
	size_t len, at = 0;
	char *bytes = read_file(from, &len);
	int fd;

	(void)unlink(to);
	if (bytes == NULL)
		return;
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while (fd >= 0 && at < len) {
		ssize_t wrote = write(fd, bytes + at, len - at);

		if (wrote <= 0)
			break;
		at += (size_t)wrote;
	}
	if (fd >= 0)
		(void)close(fd);
	free(bytes);
}

void rows_read_copy(struct sim *sim, struct rows *ret_rows)
{
	struct error error = {""};
	struct ledger *ledger;
	char from[160], to[160];

	for (int i = 0; i < DISK_FILES; i++) {
		disk_path(&sim->disk, i, from, sizeof from);
		(void)snprintf(to, sizeof to, "%s/copy%s", sim->folder,
			       from + strlen(sim->disk.path));
		copy_file(from, to);
	}
	(void)snprintf(to, sizeof to, "%s/copy-shm", sim->folder);
	(void)unlink(to);
	(void)snprintf(to, sizeof to, "%s/copy", sim->folder);
	ledger = ledger_open(to, &error);
	ret_rows->count = 0;
	ret_rows->readable = false;
	if (ledger == NULL)
		sim_break(sim, 1, "the ledger cannot be opened after a crash: %.300s", error.text);
	else
		rows_read(ledger, ret_rows);
	ledger_close(ledger);
}

/* The promises. */

void rows_check(struct sim *sim, const struct rows *rows)
{
	sim_count(sim, COUNT_PROMISE_1);
	if (!rows->readable)
		return;
	for (int i = 0; i < sim->drill_count; i++) {
		const struct sim_drill *drill = &sim->drills[i];

		if (drill->tried && world_may_be_in_place(sim, drill) && !drill->acked &&
		    rows_find(rows, drill->id) == NULL)
			sim_break(sim, 1,
				  "the fault of %s %s at target %d, and the ledger has no open row "
				  "for it",
				  drill->id,
				  world_is_in_place(sim, drill) ? "is in place"
								: "may still come into place",
				  drill->target);
	}
}

void rows_check_files(struct sim *sim)
{
	sim_count(sim, COUNT_PROMISE_5);
	for (int i = 0; i < DISK_FILES; i++) {
		char path[160];
		size_t len;
		char *bytes;

		disk_path(&sim->disk, i, path, sizeof path);
		bytes = read_file(path, &len);
		if (bytes != NULL && memmem(bytes, len, SIM_SECRET, strlen(SIM_SECRET)) != NULL)
			sim_break(sim, 5, "the secret is in the file %s", path);
		free(bytes);
	}
}
