/* The durable bytes of the ledger's files, and what was not synced. */
#include "tests/simulation/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/simulation/dice.h"

#define SECTOR 512

static const char *const endings[DISK_FILES] = {"", "-wal", "-journal"};

void disk_init(struct disk *disk, const char *path)
{
	char name[160];

	(void)snprintf(disk->path, sizeof disk->path, "%s", path);
	for (int i = 0; i < DISK_FILES; i++) {
		disk->files[i].exists = false;
		disk->files[i].size = 0;
		disk_path(disk, i, name, sizeof name);
		(void)unlink(name);
	}
	disk->pending_count = 0;
	disk->data_len = 0;
}

int disk_file_of(const struct disk *disk, const char *path)
{
	size_t len = strlen(disk->path);

	if (strncmp(path, disk->path, len) != 0)
		return -1;
	for (int i = 0; i < DISK_FILES; i++) {
		if (strcmp(path + len, endings[i]) == 0)
			return i;
	}
	return -1;
}

void disk_path(const struct disk *disk, int file, char *ret_path, size_t size)
{
	(void)snprintf(ret_path, size, "%s%s", disk->path, endings[file]);
}

/* Durable from now on. */

static void grow(struct disk_file *file, size_t size)
{
	if (size > DISK_FILE_SIZE)
		size = DISK_FILE_SIZE;
	if (size > file->size)
		memset(file->bytes + file->size, 0, size - file->size);
	file->size = size;
}

static void apply_bytes(struct disk *disk, const struct disk_write *write, size_t from, size_t to)
{
	struct disk_file *file = &disk->files[write->file];
	size_t at = (size_t)write->at;

	if (at + to > DISK_FILE_SIZE)
		return;
	if (at + to > file->size)
		grow(file, at + to);
	memcpy(file->bytes + at + from, disk->data + write->data + from, to - from);
}

static void apply(struct disk *disk, const struct disk_write *write)
{
	struct disk_file *file = &disk->files[write->file];

	switch (write->what) {
	case DISK_BYTES:
		apply_bytes(disk, write, 0, write->len);
		break;
	case DISK_SIZE:
		grow(file, (size_t)write->at);
		break;
	case DISK_MADE:
		file->exists = true;
		break;
	}
}

static void settle(struct disk *disk, int file, bool folder)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk->pending_count; i++) {
		struct disk_write *write = &disk->pending[i];

		if ((write->what == DISK_MADE) == folder && (folder || write->file == file))
			apply(disk, write);
		else
			disk->pending[kept++] = *write;
	}
	disk->pending_count = kept;
	if (kept == 0)
		disk->data_len = 0;
}

static struct disk_write *add(struct disk *disk, int file, size_t len)
{
	struct disk_write *write;

	if (disk->pending_count == DISK_PENDING_MAX ||
	    disk->data_len + len > DISK_PENDING_SIZE) { /* as a kernel would: to the disk with it */
		for (int i = 0; i < DISK_FILES; i++)
			settle(disk, i, false);
		settle(disk, 0, true);
	}
	write = &disk->pending[disk->pending_count++];
	*write = (struct disk_write){.file = file, .data = disk->data_len, .len = len};
	disk->data_len += len;
	return write;
}

void disk_wrote(struct disk *disk, int file, int64_t at, const void *bytes, size_t len)
{
	struct disk_write *write = add(disk, file, len);

	write->what = DISK_BYTES;
	write->at = at;
	memcpy(disk->data + write->data, bytes, len);
}

void disk_resized(struct disk *disk, int file, int64_t size)
{
	struct disk_write *write = add(disk, file, 0);

	write->what = DISK_SIZE;
	write->at = size;
}

void disk_made(struct disk *disk, int file)
{
	add(disk, file, 0)->what = DISK_MADE;
}

void disk_removed(struct disk *disk, int file)
{
	size_t kept = 0;

	for (size_t i = 0; i < disk->pending_count; i++) {
		if (disk->pending[i].file != file)
			disk->pending[kept++] = disk->pending[i];
	}
	disk->pending_count = kept;
	disk->files[file].exists = false;
	disk->files[file].size = 0;
}

void disk_synced(struct disk *disk, int file)
{
	settle(disk, file, false);
}

void disk_folder_synced(struct disk *disk)
{
	settle(disk, 0, true);
}

bool disk_is_durable(const struct disk *disk)
{
	for (size_t i = 0; i < disk->pending_count; i++) {
		if (disk->pending[i].file == DISK_LOG || disk->pending[i].what == DISK_MADE)
			return false;
	}
	return true;
}

/* The power goes. */

static bool tear(struct disk *disk, const struct disk_write *write, struct dice *dice)
{
	bool torn = false;

	for (size_t from = 0; from < write->len; from += SECTOR) {
		size_t to = from + SECTOR < write->len ? from + SECTOR : write->len;

		if (dice_chance(dice, 50))
			apply_bytes(disk, write, from, to);
		else
			torn = true;
	}
	return torn;
}

static void write_out(const struct disk *disk, int i)
{
	const struct disk_file *file = &disk->files[i];
	char path[160];
	long fd;

	disk_path(disk, i, path, sizeof path);
	if (!file->exists) {
		(void)unlink(path);
		return;
	}
	fd = syscall(SYS_open, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	for (size_t at = 0; at < file->size;) {
		long wrote = syscall(SYS_write, fd, file->bytes + at, file->size - at);

		if (wrote <= 0)
			break;
		at += (size_t)wrote;
	}
	(void)syscall(SYS_close, fd);
}

void disk_lose_power(struct disk *disk, struct dice *dice, int *ret_lost, int *ret_torn)
{
	int survive = dice_below(dice, 3) * 45; /* percent: none, some, most */
	char shared[160];

	for (size_t i = 0; i < disk->pending_count; i++) {
		struct disk_write *write = &disk->pending[i];

		if (dice_chance(dice, survive))
			apply(disk, write);
		else if (write->what == DISK_BYTES && survive > 0 && dice_chance(dice, 30))
			*ret_torn += tear(disk, write, dice) ? 1 : 0;
		else
			*ret_lost += 1;
	}
	disk->pending_count = 0;
	disk->data_len = 0;
	for (int i = 0; i < DISK_FILES; i++)
		write_out(disk, i);
	(void)snprintf(shared, sizeof shared, "%s-shm", disk->path);
	(void)unlink(shared);
}
