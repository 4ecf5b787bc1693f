/* Runs a fuzz target over the files and folders that are named: the corpus as an ordinary test, in
 * builds without libFuzzer. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/mem.h"

#define INPUT_LIMIT 1048576 /* bytes */

/* How many inputs were run; -1 when one cannot be read. */
static int replay_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *data = mem_zalloc(INPUT_LIMIT);
	uint8_t *exact;
	size_t size;

	if (file == NULL) {
		perror(path);
		free(data);
		return -1;
	}
	size = fread(data, 1, INPUT_LIMIT, file);
	(void)fclose(file);
	exact = mem_zalloc(size + 1); /* so that a sanitizer sees every byte read too far */
	memcpy(exact, data, size);
	exact = mem_grow(exact, size > 0 ? size : 1, 1);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	free(data);
	return 1;
}

static int replay(const char *path)
{
	struct dirent **entries = NULL;
	struct stat st;
	int count, total = 0;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return replay_file(path);
	count = scandir(path, &entries, NULL, alphasort);
	if (count < 0) {
		perror(path);
		return -1;
	}
	for (int i = 0; i < count; i++) {
		char *inner = mem_printf("%s/%s", path, entries[i]->d_name);
		int ran = entries[i]->d_name[0] == '.' ? 0 : replay(inner);

		total = ran < 0 || total < 0 ? -1 : total + ran;
		free(inner);
		free(entries[i]);
	}
	free(entries);
	return total;
}

int main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int ran = replay(argv[i]);

		if (ran < 0)
			return 1;
		total += ran;
	}
	(void)printf("%d inputs\n", total);
	return total > 0 ? 0 : 1;
}
