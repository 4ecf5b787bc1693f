/* `firedrill completion`: tab completion for shells. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/load.h"
#include "src/base/words.h"
#include "src/program/serve/log.h"
#include "src/program/verbs.h"
#include "src/store/history.h"
#include "src/store/ledger.h"

#define PAST_OFFERED 50 /* drills; who wants an older one looks into the history */

/* Both shells ask the program itself for the words, so a new option needs no change here. */
static const char bash_script[] =
    "_firedrill() {\n"
    "\tlocal word=${COMP_WORDS[COMP_CWORD]} verb= before=\n"
    "\t[ \"$COMP_CWORD\" -gt 1 ] && verb=${COMP_WORDS[1]} && before=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tmapfile -t COMPREPLY < <(compgen -W \"$(firedrill completion-words $verb $before "
    "2>/dev/null)\" -- \"$word\")\n"
    "}\n"
    "complete -o default -F _firedrill firedrill\n";

static const char zsh_script[] =
    "#compdef firedrill\n"
    "_firedrill() {\n"
    "\tlocal verb= before=\n"
    "\t(( CURRENT > 2 )) && verb=$words[2] && before=$words[CURRENT-1]\n"
    "\tcompadd -- ${(f)\"$(firedrill completion-words $verb $before 2>/dev/null)\"}\n"
    "\t_files\n"
    "}\n"
    "compdef _firedrill firedrill\n";

/* The environments that the configuration at hand knows, and its scenarios. */
static void print_names(bool with_scenarios)
{
	const struct options options = {0};
	struct scenario_list scenarios = {0};
	struct mistakes mistakes = {0};
	struct config *config = load_config(options_config_path(&options), &mistakes);

	if (config != NULL) {
		if (with_scenarios)
			(void)!load_scenarios(config, &scenarios, &mistakes);
		for (size_t i = 0; i < scenarios.count; i++)
			(void)puts(scenarios.list[i]->name);
		for (size_t i = 0; i < config->environment_count; i++)
			(void)puts(config->environments[i].name);
	}
	scenario_list_done(&scenarios);
	config_free(config);
	mistakes_done(&mistakes);
}

static bool on_fault(void *arg, const struct ledger_fault *fault)
{
	(void)arg;
	(void)puts(fault->drill);
	return true;
}

/* Those whose fault is not clean. A ledger that does not exist is not made by pressing Tab. */
static void print_drills(void)
{
	const struct options options = {0};
	struct mistakes mistakes = {0};
	struct config *config = load_config(options_config_path(&options), &mistakes);
	struct error error = {""};
	struct ledger *ledger = NULL;

	if (config != NULL && access(config->state, R_OK) == 0)
		ledger = ledger_open(config->state, &error);
	if (ledger != NULL)
		(void)!ledger_visit_open(ledger, NULL, on_fault, NULL, &error);
	ledger_close(ledger);
	config_free(config);
	mistakes_done(&mistakes);
}

static bool on_past(void *arg, const struct history_drill *drill)
{
	(void)arg;
	(void)puts(drill->drill);
	return true;
}

/* Those that are over, the newest of them. A history that does not exist is not made. */
static void print_past(void)
{
	const struct options options = {0};
	const struct history_filter filter = {.most = PAST_OFFERED};
	struct history_limits limits = {.bytes = HISTORY_BYTES};
	struct mistakes mistakes = {0};
	struct config *config = load_config(options_config_path(&options), &mistakes);
	struct error error = {""};
	struct history *history = NULL;

	if (config != NULL && history_exists(config->state)) {
		limits.keep_ms = config->history.keep_ms;
		history = history_open(config->state, &limits, &error);
	}
	if (history != NULL)
		(void)!history_visit_drills(history, &filter, false, on_past, NULL, &error);
	history_close(history);
	config_free(config);
	mistakes_done(&mistakes);
}

static bool is(const char *word, const struct verb *verb)
{
	return strcmp(word, verb->name) == 0;
}

static void print_verdicts(void)
{
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		(void)puts(verdict_name((enum verdict)i));
}

static void print_levels(void)
{
	for (enum log_level level = LEVEL_ERROR; level < LEVEL_COUNT; level++)
		(void)puts(log_level_name(level));
}

/* What may follow an option that takes a value; true when before is one. */
static bool print_values(const char *before)
{
	if (strcmp(before, "--env") == 0)
		print_names(false);
	else if (strcmp(before, "--verdict") == 0)
		print_verdicts();
	else if (strcmp(before, "--log-level") == 0)
		print_levels();
	else if (strcmp(before, "--config") != 0 && strcmp(before, "--reason") != 0 &&
		 strcmp(before, "--since") != 0 && strcmp(before, "--require") != 0 &&
		 strcmp(before, "--html") != 0 && strcmp(before, "--junit") != 0)
		return false;
	return true; /* nothing: the shell offers files */
}

void completion_print_words(const struct verb *const *verbs, size_t count, const char *verb,
			    const char *before)
{
	bool lists = verb == NULL || strcmp(verb, "help") == 0;

	if (before != NULL && print_values(before))
		return;
	for (size_t i = 0; i < count; i++) {
		if (lists)
			(void)puts(verbs[i]->name);
		else if (is(verb, verbs[i]))
			options_print_words(verbs[i], stdout);
	}
	if (lists)
		return;
	if (is(verb, &verb_run) || is(verb, &verb_plan) || is(verb, &verb_history) ||
	    is(verb, &verb_report))
		print_names(true);
	if (is(verb, &verb_report)) {
		(void)puts("last");
		print_past();
	}
	if (is(verb, &verb_revert) || is(verb, &verb_ack))
		print_drills();
	if (is(verb, &verb_completion))
		(void)puts("bash\nzsh");
}

static int run_completion(const struct options *options)
{
	const char *shell = options->word_count == 1 ? options->words[0] : "";

	if (strcmp(shell, "bash") == 0) {
		(void)fputs(bash_script, stdout);
		return EXIT_PASS;
	}
	if (strcmp(shell, "zsh") == 0) {
		(void)fputs(zsh_script, stdout);
		return EXIT_PASS;
	}
	(void)fputs("firedrill: say for which shell: `firedrill completion bash` or `... zsh`\n",
		    stderr);
	return EXIT_USAGE;
}

const struct verb verb_completion = {
    .name = "completion",
    .words = "bash|zsh",
    .words_max = 1,
    .summary = "print tab completion for a shell",
    .help = "Put this into ~/.bashrc:  source <(firedrill completion bash)\n"
	    "or into ~/.zshrc:         source <(firedrill completion zsh)",
    .run = run_completion,
};
