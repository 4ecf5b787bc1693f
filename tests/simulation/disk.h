/* What would be on the disk if the power went now: of every file of the ledger the durable bytes, and
 * the writes that were not synced since.  A file that was made is there only after its folder was
 * synced; one that was removed is gone at once. */
#ifndef TESTS_SIMULATION_DISK_H
#define TESTS_SIMULATION_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice;

enum { DISK_DATABASE, DISK_LOG, DISK_JOURNAL, DISK_FILES }; /* -wal is the log */

#define DISK_FILE_SIZE    (16U << 20) /* at most */
#define DISK_PENDING_SIZE (32U << 20) /* of all writes not synced */
#define DISK_PENDING_MAX  8192

struct disk_write {
	int file; /* index */
	enum { DISK_BYTES, DISK_SIZE, DISK_MADE } what;
	int64_t at; /* offset, or the new size */
	size_t len, data;
};

struct disk_file {
	bool exists;
	size_t size;
	unsigned char bytes[DISK_FILE_SIZE];
};

struct disk {
	char path[128]; /* of the database */
	struct disk_file files[DISK_FILES];
	struct disk_write pending[DISK_PENDING_MAX]; /* in order */
	size_t pending_count;
	unsigned char data[DISK_PENDING_SIZE];
	size_t data_len;
};

void disk_init(struct disk *disk, const char *path); /* no file is there */

/* Which file a path is; -1: none of them. */
int disk_file_of(const struct disk *disk, const char *path);
void disk_path(const struct disk *disk, int file, char *ret_path, size_t size);

void disk_wrote(struct disk *disk, int file, int64_t at, const void *bytes, size_t len);
void disk_resized(struct disk *disk, int file, int64_t size);
void disk_made(struct disk *disk, int file);
void disk_removed(struct disk *disk, int file);
void disk_synced(struct disk *disk, int file);
void disk_folder_synced(struct disk *disk);

/* Is every commit on the disk?  The database itself may lag behind its log. */
bool disk_is_durable(const struct disk *disk);

/* The power goes: of the writes that were not synced each survives, is lost, or is torn in sectors.
 * The real files are made so. */
void disk_lose_power(struct disk *disk, struct dice *dice, int *ret_lost, int *ret_torn);

#endif
