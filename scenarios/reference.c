/* The table of keys for people: the reference page and the help. */
#include "scenarios/load.h"

#include <inttypes.h>
#include <string.h>

#include "scenarios/keys.h"
#include "src/base/buf.h"
#include "src/base/text.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

/* Groups of keys that came before, so that equal ones need not be repeated. */
struct shown {
	struct shown_group {
		enum key_file file;
		int via;
		char prefix[KEY_PATH_SIZE];
	} list[64];
	size_t count;
};

static const char introduction[] =
    "# Reference: every key\n"
    "\n"
    "This page is printed from the table in `scenarios/table.c`, and a test compares the two.\n"
    "\n"
    "## How files are written\n"
    "\n"
    "Both kinds of file are in the format of "
    "[libconfig](https://hyperrealm.github.io/libconfig/libconfig_manual.html#Configuration-Files"
    "):\n"
    "\n"
    "```\n"
    "# a comment, up to the end of the line; also // and /* ... */\n"
    "name = \"a text\";                     # \\\" and \\\\ inside; texts side by side are one\n"
    "group = { key = 1; other = true; };\n"
    "texts = [ \"one\", \"two\" ];\n"
    "groups = ( { key = 1; }, { key = 2; } );\n"
    "@include \"common.cfg\"                # at the beginning of a line; counts from this file\n"
    "```\n"
    "\n"
    "- **Durations** have units: `\"250ms\"`, `\"90s\"`, `\"5m\"`, `\"2h\"`, `\"1d\"`, "
    "`\"1m30s\"`.\n"
    "- **Secrets** never stand in a file. A secret reference is `\"env:NAME\"` (an environment "
    "variable) or\n"
    "  `\"file:PATH\"` (a file). Tokens, webhook addresses and passwords in URLs are refused "
    "anywhere.\n"
    "- **Variables**: `${name}` in a text of a scenario is replaced by the variable of the "
    "placement (`in`), else of\n"
    "  the environment (`firedrill.cfg`). `${drill}` (the drill's id), `${environment}` and "
    "`${scenario}` are always\n"
    "  there; `${original}` is what an http fault captured. `$${` stands for the characters "
    "`${`. Values of variables\n"
    "  are not looked into.\n"
    "- **Paths** count from the folder of the file that they stand in; so does a command with a "
    "`/` in it.\n"
    "- **Hours** are days and times of the clock on the wall there: `\"Mon-Fri 09:00-17:00\"`, "
    "`\"Sat,Sun 10:00-24:00\"`,\n"
    "  `\"daily 22:00-06:00\"` (an end before the start: of the next day). The end itself is "
    "outside.\n"
    "- **Patterns**: `*` is any text, `?` any character, `[ab]` one of these; a pattern stands for "
    "the whole text.\n"
    "- **Names** have `a`-`z`, `0`-`9` and hyphens.\n"
    "- A file with everything it includes has at most 1 MiB.\n"
    "\n"
    "`firedrill check` reports every mistake of the configuration and, once that is right, of every scenario.\n";

/* "90s" for 90000: the largest unit that fits exactly. */
static void print_duration(FILE *out, int64_t ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
	size_t i = 0;

	while (ms % units[i].ms != 0 || (ms == 0 && i < 3))
		i++;
	(void)fprintf(out, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
}

static void print_type(FILE *out, const struct key *key)
{
	const char *name = key_type_name(key->type), *word;

	if (strncmp(name, "a ", 2) == 0)
		name += 2;
	else if (strncmp(name, "an ", 3) == 0)
		name += 3;
	if (key->type == KEY_CHOICE || key->type == KEY_WORD) {
		for (int i = 0; (word = key->word(i)) != NULL; i++)
			(void)fprintf(out, "%s`\"%s\"`", i == 0 ? "" : ", ", word);
		return;
	}
	(void)fputs(name, out);
	if (key->type == KEY_INTEGER) {
		(void)fprintf(out, ", %" PRId64 " to %" PRId64, key->min, key->max);
	} else if (key->type == KEY_DURATION) {
		(void)fputs(", ", out);
		print_duration(out, key->min);
		(void)fputs(" to ", out);
		print_duration(out, key->max);
		if (key->automatic)
			(void)fputs(", or `\"auto\"`", out);
	}
}

/* The default as it would be written in a file. */
static void print_standard(FILE *out, const struct key *key)
{
	bool quoted = key->type != KEY_INTEGER && key->type != KEY_BOOLEAN;
	const char *quote = quoted ? "\"" : "";

	(void)fprintf(out, key_is_texts(key->type) ? "[ %s%s%s ]" : "%s%s%s", quote, key->standard,
		      quote);
}

static void print_row(FILE *out, const struct key *key)
{
	if (key->type == KEY_VARIABLE)
		(void)fputs("| any other name | ", out);
	else
		(void)fprintf(out, "| `%s` | ", key_name(key));
	print_type(out, key);
	(void)fputs(" | ", out);
	if (key->required) {
		(void)fputs("**required**", out);
	} else if (key->standard != NULL) {
		(void)fputc('`', out);
		print_standard(out, key);
		(void)fputc('`', out);
	} else {
		(void)fputs(key->otherwise, out);
	}
	(void)fprintf(out, " | %s | `", key->help);
	if (key->example == NULL && key->standard != NULL)
		print_standard(out, key);
	else
		(void)fputs(key_example(key), out);
	(void)fputs("` |\n", out);
}

/* "chats.NAME" for the prefix "chats.*.", "expect[]" for "expect[]." */
static void print_prefix(FILE *out, const char *prefix)
{
	for (const char *c = prefix; *c != '\0' && c[1] != '\0'; c++) {
		if (*c == '*')
			(void)fputs("NAME", out);
		else
			(void)fputc(*c, out);
	}
}

static bool has_keys(const struct key *key)
{
	return key->type == KEY_GROUP || key->type == KEY_LIST || key->type == KEY_NAMED;
}

/* Do two groups have the same keys, with the same words about them? */
static bool same_keys(const struct shown_group *a, const struct shown_group *b)
{
	const struct key *one = NULL, *other = NULL;

	do {
		one = keys_next(a->file, a->via, a->prefix, one);
		other = keys_next(b->file, b->via, b->prefix, other);
		if (one == NULL || other == NULL)
			return one == other;
	} while (strcmp(key_name(one), key_name(other)) == 0 && one->type == other->type &&
		 text_is_same(one->help, other->help) &&
		 text_is_same(one->standard, other->standard));
	return false;
}

/* An earlier group with the same keys, or NULL; then this one is remembered. */
static const struct shown_group *shown_before(struct shown *shown, const struct shown_group *group)
{
	for (size_t i = 0; i < shown->count; i++) {
		if (same_keys(&shown->list[i], group))
			return &shown->list[i];
	}
	if (shown->count < LENGTH(shown->list))
		shown->list[shown->count++] = *group;
	return NULL;
}

/* The keys right below a prefix: all that are not bound, or all that are bound to one via. */
static const struct key *next_row(const struct shown_group *group, bool bound,
				  const struct key *key)
{
	do
		key = keys_next(group->file, group->via, group->prefix, key);
	while (key != NULL && key->bound != bound);
	return key;
}

static void print_table(FILE *out, const struct shown_group *group, bool bound)
{
	const struct key *key = NULL;

	(void)fputs("\n| key | type | default | what it does | example |\n"
		    "|---|---|---|---|---|\n",
		    out);
	while ((key = next_row(group, bound, key)) != NULL)
		print_row(out, key);
}

static void print_inner(FILE *out, const struct shown_group *group, bool bound,
			struct shown *shown);

static void print_group(FILE *out, const struct key *key, int via, struct shown *shown)
{
	struct shown_group group = {.file = key->file, .via = via};
	const struct shown_group *same;

	key_prefix(key, group.prefix);
	(void)fprintf(out, "\n%s `", key->bound ? "####" : "###");
	print_prefix(out, group.prefix);
	(void)fprintf(out, "`\n\n%s.\n", key->help);
	same = shown_before(shown, &group);
	if (same != NULL) {
		(void)fputs("Its keys are those of `", out);
		print_prefix(out, same->prefix);
		(void)fputs("`.\n", out);
		return;
	}
	print_table(out, &group, key->bound);
	print_inner(out, &group, key->bound, shown);
}

static void print_inner(FILE *out, const struct shown_group *group, bool bound, struct shown *shown)
{
	const struct key *key = NULL;

	while ((key = next_row(group, bound, key)) != NULL) {
		if (has_keys(key))
			print_group(out, key, group->via, shown);
		if (has_keys(key) && strcmp(key->path, "fault") == 0) {
			for (int via = VIA_NONE + 1; via < VIA_COUNT; via++) {
				struct shown_group bound_to = {KEYS_SCENARIO, via, "fault."};

				(void)fprintf(out, "\n### `fault` with `via = \"%s\"`\n",
					      via_name((enum fault_via)via));
				print_table(out, &bound_to, true);
				print_inner(out, &bound_to, true, shown);
			}
		}
	}
}

void keys_print_reference(FILE *out)
{
	static const struct {
		enum key_file file;
		const char *title;
	} files[] = {
	    {KEYS_CONFIG, "`firedrill.cfg`"},
	    {KEYS_SCENARIO, "A scenario file"},
	};
	struct shown shown = {.count = 0};

	(void)fputs(introduction, out);
	for (size_t i = 0; i < LENGTH(files); i++) {
		struct shown_group top = {files[i].file, KEYS_ANY_VIA, ""};

		(void)fprintf(out, "\n## %s\n", files[i].title);
		print_table(out, &top, false);
		print_inner(out, &top, false, &shown);
	}
}

/* One line of help: the key in full, its default, what it does. */
static void print_help_line(FILE *out, const struct key *key)
{
	(void)fprintf(out, "  %-*s %s", 32, key->path, key->help);
	if (key->required) {
		(void)fputs(" (required)", out);
	} else if (key->standard != NULL) {
		(void)fputs(" (", out);
		print_standard(out, key);
		(void)fputc(')', out);
	} else if (key->type != KEY_GROUP && key->type != KEY_VARIABLE) {
		(void)fprintf(out, " (%s)", key->otherwise);
	}
	(void)fputc('\n', out);
}

static void print_help_group(FILE *out, const struct shown_group *group, struct shown *shown)
{
	const struct key *key = NULL, *last = NULL;

	while ((key = keys_next(group->file, group->via, group->prefix, key)) != NULL) {
		struct shown_group inner = {.file = group->file, .via = group->via};
		const struct shown_group *same;

		if (strcmp(group->prefix, "fault.") == 0 && key->bound &&
		    (last == NULL || !last->bound || last->via != key->via))
			(void)fprintf(out, "  with via = \"%s\":\n", via_name(key->via));
		last = key;
		print_help_line(out, key);
		if (!has_keys(key))
			continue;
		key_prefix(key, inner.prefix);
		same = shown_before(shown, &inner);
		if (same == NULL)
			print_help_group(out, &inner, shown);
		else
			(void)fprintf(out, "  %s*%*s the same keys as %s*\n", inner.prefix,
				      (int)(31 - strlen(inner.prefix)), "", same->prefix);
	}
}

void keys_print_help(FILE *out)
{
	struct shown shown = {.count = 0};

	(void)fputs("firedrill.cfg\n", out);
	print_help_group(out, &(struct shown_group){KEYS_CONFIG, KEYS_ANY_VIA, ""}, &shown);
	(void)fputs("\nA scenario file\n", out);
	print_help_group(out, &(struct shown_group){KEYS_SCENARIO, KEYS_ANY_VIA, ""}, &shown);
}
