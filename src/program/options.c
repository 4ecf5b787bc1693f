/* What is typed after `firedrill`. */
#include "src/program/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/nearest.h"
#include "src/base/mem.h"

static const struct option_entry {
	const char *name;
	const char *value; /* what it takes, for the help; NULL: nothing */
	const char *help;
} entries[] = {
    [OPTION_CONFIG] = {"--config", "FILE",
		       "the configuration (else $FIREDRILL_CONFIG, ./firedrill.cfg,\n"
		       "                     /etc/firedrill/firedrill.cfg)"},
    [OPTION_ENV] = {"--env", "NAME", "the environment; may be given more than once"},
    [OPTION_ALL] = {"--all", NULL, "all of them instead of named ones"},
    [OPTION_JSON] = {"--json", NULL, "one JSON object a line on stdout; the view goes to stderr"},
    [OPTION_ALLOW_PROTECTED] = {"--allow-protected", NULL,
				"yes, break something in a protected environment"},
    [OPTION_KEEP] = {"--keep", NULL, "leave the world and its chat page open until Ctrl-C"},
    [OPTION_SERVE] = {"--serve", NULL, "go on with the daemon and its pages until Ctrl-C"},
    [OPTION_REASON] = {"--reason", "TEXT", "why, for whoever looks at it later"},
    [OPTION_POST] = {"--post", NULL, "tell it in the report channel, too"},
    [OPTION_SINCE] = {"--since", "TIME", "how far to look back, such as 7d (coverage: else 90d)"},
    [OPTION_REQUIRE] = {"--require", "PERCENT", "exit code 1 when less is proven"},
    [OPTION_SELF_TEST] = {"--self-test", NULL,
			  "prove firedrill itself, in a miniature world of its own"},
    [OPTION_LOG_LEVEL] = {"--log-level", "LEVEL", "error, warn, info or debug (else info)"},
    [OPTION_ALONE] = {"--alone", NULL, "by this process itself, even where a daemon runs"},
    [OPTION_VERDICT] = {"--verdict", "WORD", "only drills that ended so, such as gap"},
    [OPTION_LOG] = {"--log", NULL, "the lines of its log"},
    [OPTION_HTML] = {"--html", "FILE", "a page of its own, as one file; - is stdout"},
    [OPTION_JUNIT] = {"--junit", "FILE", "the drills as JUnit XML, for CI"},
    [OPTION_HELP] = {"--help", NULL, "this help"},
};

static bool set(struct options *options, enum option_id id, const char *value)
{
	const char **const texts[OPTION_COUNT] = {
	    [OPTION_CONFIG] = &options->config,       [OPTION_REASON] = &options->reason,
	    [OPTION_SINCE] = &options->since,         [OPTION_REQUIRE] = &options->require,
	    [OPTION_LOG_LEVEL] = &options->log_level, [OPTION_VERDICT] = &options->verdict,
	    [OPTION_HTML] = &options->html,           [OPTION_JUNIT] = &options->junit,
	};
	bool *const flags[OPTION_COUNT] = {
	    [OPTION_ALL] = &options->all,
	    [OPTION_JSON] = &options->json,
	    [OPTION_ALLOW_PROTECTED] = &options->allow_protected,
	    [OPTION_KEEP] = &options->keep,
	    [OPTION_SERVE] = &options->serve,
	    [OPTION_POST] = &options->post,
	    [OPTION_SELF_TEST] = &options->self_test,
	    [OPTION_ALONE] = &options->alone,
	    [OPTION_LOG] = &options->log,
	    [OPTION_HELP] = &options->help,
	};

	if (id == OPTION_COUNT)
		return false;
	if (id == OPTION_ENV)
		options->env[options->env_count++] = value;
	else if (texts[id] != NULL)
		*texts[id] = value;
	else if (flags[id] != NULL)
		*flags[id] = true;
	else
		return false;
	return true;
}

/* Does arg ("--env", "--env=x", or "-h") name the option?  Its value after '=' or NULL. */
static bool names(const char *arg, enum option_id id, const char **ret_value)
{
	size_t len = strlen(entries[id].name);

	*ret_value = NULL;
	if (id == OPTION_HELP && strcmp(arg, "-h") == 0)
		return true;
	if (strncmp(arg, entries[id].name, len) != 0 || (arg[len] != '\0' && arg[len] != '='))
		return false;
	if (arg[len] == '=')
		*ret_value = arg + len + 1;
	return true;
}

/* Nobody knows it: what was meant, of those that the verb has. Always false. */
static bool unknown(const struct verb *verb, const char *arg, struct error *error)
{
	const char *known[OPTION_COUNT], *meant;
	char word[40];
	size_t count = 0;

	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		if (id == OPTION_HELP || (verb->options & 1u << id) != 0)
			known[count++] = entries[id].name;
	}
	(void)snprintf(word, sizeof word, "%.*s", (int)strcspn(arg, "="), arg);
	meant = nearest(word, known, count);
	return error_set(error, "`firedrill %s` does not know %s%s%s%s see `firedrill %s --help`",
			 verb->name, arg, meant != NULL ? ": did you mean " : ";",
			 meant != NULL ? meant : "", meant != NULL ? "?" : "", verb->name);
}

/* One option at argv[*at]; moves *at on when its value is a word of its own. */
static bool parse_one(const struct verb *verb, int argc, char *const *argv, int *at,
		      struct options *options, struct error *error)
{
	const char *arg = argv[*at], *value;

	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		if (!names(arg, id, &value))
			continue;
		if (id != OPTION_HELP && (verb->options & 1u << id) == 0)
			return error_set(error,
					 "`firedrill %s` has no option %s; see `firedrill %s "
					 "--help`",
					 verb->name, entries[id].name, verb->name);
		if (entries[id].value == NULL && value != NULL)
			return error_set(error, "%s takes no value", entries[id].name);
		if (entries[id].value != NULL && value == NULL && ++*at < argc)
			value = argv[*at];
		if (entries[id].value != NULL && (value == NULL || value[0] == '\0'))
			return error_set(error, "%s wants a %s after it", entries[id].name,
					 entries[id].value);
		return set(options, id, value);
	}
	return unknown(verb, arg, error);
}

bool options_parse(const struct verb *verb, int argc, char *const *argv,
		   struct options *ret_options, struct error *error)
{
	struct options options = {
	    .env = mem_zalloc((size_t)(argc + 1) * sizeof *options.env),
	    .words = mem_zalloc((size_t)(argc + 1) * sizeof *options.words),
	};
	bool ended = false, good = true;

	for (int at = 0; at < argc && good; at++) {
		if (!ended && strcmp(argv[at], "--") == 0)
			ended = true;
		else if (!ended && argv[at][0] == '-' && argv[at][1] != '\0')
			good = parse_one(verb, argc, argv, &at, &options, error);
		else if (options.word_count < verb->words_max)
			options.words[options.word_count++] = argv[at];
		else
			good = error_set(error,
					 "`firedrill %s` takes no word \"%s\"; see `firedrill "
					 "%s --help`",
					 verb->name, argv[at], verb->name);
	}
	if (good)
		*ret_options = options;
	else
		options_done(&options);
	return good;
}

void options_done(struct options *options)
{
	free(options->env);
	free(options->words);
	*options = (struct options){0};
}

const char *options_config_path(const struct options *options)
{
	const char *named = getenv("FIREDRILL_CONFIG");

	if (options->config != NULL)
		return options->config;
	if (named != NULL && named[0] != '\0')
		return named;
	if (access("firedrill.cfg", F_OK) == 0)
		return "firedrill.cfg";
	return "/etc/firedrill/firedrill.cfg";
}

void options_print_help(const struct verb *verb, FILE *out)
{
	(void)fprintf(out, "usage: firedrill %s%s%s%s\n\n%s\n", verb->name,
		      verb->words[0] != '\0' ? " " : "", verb->words,
		      verb->options != 0 ? " [OPTION...]" : "", verb->help);
	if (verb->options != 0)
		(void)fputs("\nOptions:\n", out);
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		char left[40];

		if ((verb->options & 1u << id) == 0)
			continue;
		(void)snprintf(left, sizeof left, "%s%s%s", entries[id].name,
			       entries[id].value != NULL ? " " : "",
			       entries[id].value != NULL ? entries[id].value : "");
		(void)fprintf(out, "  %-18s %s\n", left, entries[id].help);
	}
}

void options_print_words(const struct verb *verb, FILE *out)
{
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		if ((verb->options & 1u << id) != 0)
			(void)fprintf(out, "%s\n", entries[id].name);
	}
	(void)fprintf(out, "%s\n", entries[OPTION_HELP].name);
}
