/* The other end of guardian.c in its tests. */
#include "tests/program/fake_guardian.h"

#include <dirent.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/program/wire.h"

/* Appends a piece of text; the file is open only for so long, so that it counts among no files. */
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	FILE *file = fopen(getenv(FAKE_GUARDIAN_LOG), "ae");
	va_list list;

	if (file == NULL)
		_exit(1);
	va_start(list, format);
	(void)vfprintf(file, format, list);
	va_end(list);
	(void)fclose(file);
}

static void note_link(int fd, const char *before)
{
	char name[32], target[512];
	ssize_t len;

	(void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	len = readlink(name, target, sizeof target - 1);
	target[len > 0 ? len : 0] = '\0';
	note("%s%s", before, fd > STDERR_FILENO ? basename(target) : target);
}

static void note_files(void)
{
	DIR *files = opendir("/proc/self/fd");
	const struct dirent *one;
	bool open[64] = {false};

	while (files != NULL && (one = readdir(files)) != NULL) {
		long fd = strtol(one->d_name, NULL, 10);

		if (one->d_name[0] != '.' && fd != dirfd(files) && fd >= 0 && fd < 64)
			open[fd] = true;
	}
	if (files != NULL)
		(void)closedir(files);
	note("files:");
	for (int fd = 0; fd < 64; fd++) {
		if (open[fd])
			note(" %d", fd);
	}
	note("\nstandard files:");
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		note_link(fd, " ");
	note_link(WIRE_LOCKS, "\nlocks: ");
	note("\n");
}

static void note_signals(void)
{
	sigset_t blocked;

	(void)sigprocmask(SIG_BLOCK, NULL, &blocked);
	note("blocked:%s%s%s%s\n", sigismember(&blocked, SIGINT) ? " INT" : "",
	     sigismember(&blocked, SIGTERM) ? " TERM" : "",
	     sigismember(&blocked, SIGHUP) ? " HUP" : "",
	     sigismember(&blocked, SIGQUIT) ? " QUIT" : "");
}

/* False when it is over. */
static bool obey(const struct wire_message *message)
{
	switch ((enum wire_word)message->word) {
	case WIRE_HOLD:
		note("hold %s %d s\n", message->drill, (int)((message->lease_ms + 500) / 1000));
		return true;
	case WIRE_RELEASE:
		note("release %s\n", message->drill);
		return true;
	case WIRE_TICK:
		note("tick\n");
		return wire_send(WIRE_SOCKET, &(struct wire_message){.word = WIRE_TOCK});
	case WIRE_BYE:
		note("bye\n");
		return false;
	case WIRE_READY:
	case WIRE_TOCK:
	case WIRE_REFUSED:
		break;
	}
	note("nonsense\n");
	return false;
}

static int serve(void)
{
	struct pollfd news = {.fd = WIRE_SOCKET, .events = POLLIN};
	struct wire_message message;

	(void)wire_send(WIRE_SOCKET, &(struct wire_message){.word = WIRE_READY});
	while (poll(&news, 1, -1) == 1) {
		enum wire_got got = wire_receive(WIRE_SOCKET, &message);

		if (got == WIRE_END || (got == WIRE_MESSAGE && !obey(&message)))
			return 0;
	}
	return 1;
}

int fake_guardian(int argc, char **argv)
{
	const char *behaviour = getenv(FAKE_GUARDIAN);
	struct wire_message refusal = {.word = WIRE_REFUSED, .text = FAKE_GUARDIAN_WHY};

	if (behaviour == NULL)
		return 1;
	if (strcmp(behaviour, FAKE_GUARDIAN_DIES) == 0) {
		note("died\n");
		return 1;
	}
	if (strcmp(behaviour, FAKE_GUARDIAN_REFUSES) == 0)
		return wire_send(WIRE_SOCKET, &refusal) ? 0 : 1;
	note_files();
	note_signals();
	note("arguments:");
	for (int i = 0; i < argc; i++)
		note(" %s", argv[i]);
	note("\n");
	return serve();
}
