/* firedrill: proves that alerts reach people. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/nearest.h"
#include "src/base/words.h"
#include "src/engine/judge.h"
#include "src/program/options.h"
#include "src/program/verbs.h"

/* In the order in which a new user meets them. */
static const struct verb *const verbs[] = {
    &verb_demo,  &verb_init,    &verb_check,  &verb_doctor,    &verb_plan,       &verb_run,
    &verb_serve, &verb_history, &verb_report, &verb_coverage,  &verb_status,     &verb_revert,
    &verb_ack,   &verb_halt,    &verb_resume, &verb_reference, &verb_completion,
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static void print_help(FILE *out)
{
	(void)fputs(
	    "firedrill breaks something on purpose, in a safe and marked way, and reads the\n"
	    "team's chat to see whether the expected alert really arrived.\n\n"
	    "usage: firedrill VERB [WORD...] [OPTION...]\n\n",
	    out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		(void)fprintf(out, "  %-11s %s\n", verbs[i]->name, verbs[i]->summary);
	(void)fputs(
	    "\n`firedrill VERB --help` tells more about each.\n\n"
	    "Exit codes: 0 pass, 1 gap, 2 usage or configuration, 3 a fault is not confirmed\n"
	    "reverted (wins over all), 4 refused by a guard, 5 inconclusive, 6 aborted, 7 all\n"
	    "is well, but a report did not reach its channel.\n",
	    out);
}

static const struct verb *find(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	}
	return NULL;
}

static void print_unknown(const char *word)
{
	const char *names[VERB_COUNT], *meant;

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i]->name;
	meant = nearest(word, names, VERB_COUNT);
	(void)fprintf(stderr, "firedrill: there is no verb \"%s\"%s%s%s see `firedrill help`\n",
		      word, meant != NULL ? ": did you mean \"" : ";", meant != NULL ? meant : "",
		      meant != NULL ? "\"?" : "");
}

/* A standard file that was closed becomes /dev/null: else the next file or connection that is opened
 * gets its number, and what is printed goes there. */
static void open_standard_files(void)
{
	int fd; /* each open takes the lowest number that is free */

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

/* What we got from whoever started us: with SIGCHLD ignored the kernel throws away how a child
 * ended, and a signal that is blocked could not stop a drill. The guardian ignores those itself. */
static void set_up_signals(bool is_guardian)
{
	sigset_t none;

	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN); /* a closed pipe must not end us with a fault in place */
	(void)signal(SIGTTOU, SIG_IGN); /* nor a terminal stop us in the background */
	(void)signal(SIGXFSZ, SIG_IGN); /* nor must a ledger that may not grow: the write fails */
	(void)sigemptyset(&none);
	if (!is_guardian)
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A report that did not arrive must not look like a pass. */
static int check_output(int code)
{
	bool failed = fflush(stdout) != 0;

	if (!failed && ferror(stdout) == 0)
		return code;
	(void)fputs("firedrill: the output could not be written completely: look at what reads "
		    "stdout, and at its disk\n",
		    stderr);
	return (int)exit_code_worst((enum exit_code)code, EXIT_USAGE);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct options options;
	struct error error = {""};
	int code;

	if (!options_parse(verb, argc, argv, &options, &error)) {
		(void)fprintf(stderr, "firedrill: %s\n", error.text);
		return EXIT_USAGE;
	}
	if (options.help) {
		options_print_help(verb, stdout);
		code = EXIT_PASS;
	} else {
		code = verb->run(&options);
	}
	options_done(&options);
	return check_output(code);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct verb *verb = find(word);

	open_standard_files();
	if (isatty(STDOUT_FILENO) || isatty(STDERR_FILENO))
		(void)setlocale(LC_CTYPE, ""); /* only a terminal's view draws more than ASCII */
	set_up_signals(strcmp(word, verb_guardian.name) == 0);
	if (strcmp(word, "completion-words") == 0) {
		completion_print_words(verbs, VERB_COUNT, argc > 2 ? argv[2] : NULL,
				       argc > 3 ? argv[3] : NULL);
		return EXIT_PASS;
	}
	if (strcmp(word, verb_guardian.name) == 0)
		return run(&verb_guardian, argc - 2, argv + 2);
	if (strcmp(word, "--version") == 0) {
		(void)puts("firedrill " FIREDRILL_VERSION);
		return EXIT_PASS;
	}
	if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		verb = argc > 2 ? find(argv[2]) : NULL;
		if (verb != NULL)
			options_print_help(verb, stdout);
		else
			print_help(stdout);
		return EXIT_PASS;
	}
	if (verb == NULL && word[0] != '\0') {
		print_unknown(word);
		return EXIT_USAGE;
	}
	if (verb == NULL) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	return run(verb, argc - 2, argv + 2);
}
