/* Secrets: named in files, held in memory, never shown. */
#include "src/base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/mem.h"

#define FILE_LIMIT   65536
#define MASK_MINIMUM 4 /* bytes; shorter values would mask ordinary text */

struct secret {
	struct secret *next; /* owned */
	char *reference;     /* owned */
	char *value;         /* owned */
};

struct secrets {
	struct secret *first; /* owned */
};

struct secrets *secrets_new(void)
{
	return mem_zalloc(sizeof(struct secrets));
}

void secrets_free(struct secrets *secrets)
{
	if (secrets == NULL)
		return;
	while (secrets->first != NULL) {
		struct secret *gone = secrets->first;

		secrets->first = gone->next;
		explicit_bzero(gone->value, strlen(gone->value));
		free(gone->value);
		free(gone->reference);
		free(gone);
	}
	free(secrets);
}

bool secret_is_reference(const char *text)
{
	return strncmp(text, "env:", 4) == 0 || strncmp(text, "file:", 5) == 0;
}

/* The file's bytes with a byte 0 behind them, owned by the caller; NULL with an error. */
static char *read_bytes(int fd, const char *path, size_t *ret_len, struct error *error)
{
	char *text = mem_zalloc(FILE_LIMIT + 2);
	ssize_t got = 0;

	*ret_len = 0;
	while (*ret_len <= FILE_LIMIT &&
	       (got = read(fd, text + *ret_len, FILE_LIMIT + 1 - *ret_len)) > 0)
		*ret_len += (size_t)got;
	if (got < 0)
		(void)error_set(error, "secret file %s: %s", path, strerror(errno));
	else if (*ret_len > FILE_LIMIT)
		(void)error_set(error, "secret file %s is larger than 64 KiB: name the right one",
				path);
	else if (memchr(text, '\0', *ret_len) != NULL)
		(void)error_set(error, "secret file %s holds a byte 0: name a text file", path);
	else
		return text;
	explicit_bzero(text, FILE_LIMIT + 1);
	free(text);
	return NULL;
}

static char *read_file(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang us */
	struct stat about;
	char *text = NULL;
	size_t len = 0;

	if (fd < 0 || fstat(fd, &about) != 0)
		(void)error_set(error, "secret file %s: %s", path, strerror(errno));
	else if (!S_ISREG(about.st_mode))
		(void)error_set(error, "secret file %s is not a regular file: name one", path);
	else
		text = read_bytes(fd, path, &len, error);
	if (fd >= 0)
		(void)close(fd);
	while (len > 0 && text != NULL && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = '\0';
	return text;
}

static char *fetch(const char *reference, struct error *error)
{
	const char *value;

	if (strncmp(reference, "file:", 5) == 0)
		return read_file(reference + 5, error);
	if (strncmp(reference, "env:", 4) != 0) {
		(void)error_set(error, "a secret is named as \"env:NAME\" or \"file:PATH\"");
		return NULL;
	}
	value = getenv(reference + 4);
	if (value == NULL)
		(void)error_set(error, "the environment variable %s is not set", reference + 4);
	return mem_dup(value);
}

const char *secret_resolve(struct secrets *secrets, const char *reference, struct error *error)
{
	struct secret *secret;
	char *value;

	for (secret = secrets->first; secret != NULL; secret = secret->next) {
		if (strcmp(secret->reference, reference) == 0)
			return secret->value;
	}
	value = fetch(reference, error);
	if (value == NULL)
		return NULL;
	if (value[0] == '\0') {
		(void)error_set(error, "the secret %s is empty", reference);
		free(value);
		return NULL;
	}
	secret = mem_zalloc(sizeof *secret);
	*secret = (struct secret){secrets->first, mem_dup(reference), value};
	secrets->first = secret;
	return secret->value;
}

void secret_mask(const struct secrets *secrets, char *text)
{
	if (secrets == NULL || text == NULL)
		return;
	for (const struct secret *secret = secrets->first; secret != NULL; secret = secret->next) {
		size_t len = strlen(secret->value);
		char *at = text;

		if (len < MASK_MINIMUM)
			continue;
		while ((at = strstr(at, secret->value)) != NULL) {
			memset(at, '*', len);
			at += len;
		}
	}
}
