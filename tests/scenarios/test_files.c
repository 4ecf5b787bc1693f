/* Tests of files and folders: includes, paths, what cannot be read, the scenario folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/scenarios/texts.h"
#include "src/base/mem.h"

struct folder {
	char path[64];
	char *was; /* owned; the folder to go back to */
};

/* Every test runs in an empty folder of its own. */
static int make(void **state)
{
	struct folder *folder = calloc(1, sizeof *folder);

	strcpy(folder->path, "/tmp/firedrill-test-XXXXXX");
	folder->was = getcwd(NULL, 0);
	*state = folder;
	return mkdtemp(folder->path) != NULL && chdir(folder->path) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int unmake(void **state)
{
	struct folder *folder = *state;
	int failed = chdir(folder->was);

	(void)nftw(folder->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(folder->was);
	free(folder);
	return failed;
}

static void write_bytes(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void write_file(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

/* The configuration cannot be loaded, and its mistakes are printed as this. */
static void assert_mistakes(const char *path, const char *wanted)
{
	struct mistakes mistakes = {0};
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	assert_null(load_config(path, &mistakes));
	mistakes_print(&mistakes, out);
	(void)fclose(out);
	assert_string_equal(printed, wanted);
	free(printed);
	mistakes_done(&mistakes);
}

static struct config *loaded(const char *path)
{
	struct mistakes mistakes = {0};
	struct config *config = load_config(path, &mistakes);

	mistakes_print(&mistakes, stderr);
	assert_non_null(config);
	return config;
}

static void what_cannot_be_read_is_a_mistake_of_the_file(void **state)
{
	(void)state;
	assert_mistakes("none.cfg", "none.cfg: cannot be read: No such file or directory\n");
	assert_mistakes(".", ".: is a folder; name a file\n");
	assert_mistakes("/dev/null", "/dev/null: is not a regular file; name a file\n");
	assert_int_equal(mkfifo("fifo.cfg", 0600), 0);
	assert_mistakes("fifo.cfg", "fifo.cfg: is not a regular file; name a file\n");
}

static void a_file_with_a_byte_0_or_without_end_is_refused(void **state)
{
	char *large = mem_zalloc(1048578);

	(void)state;
	write_bytes("nul.cfg", "a = 1;\nb\0= 2;\n", 14);
	assert_mistakes("nul.cfg", "nul.cfg:2: a byte 0: this is not a text file\n");
	memset(large, ' ', 1048577);
	write_bytes("large.cfg", large, 1048577);
	assert_mistakes("large.cfg",
			"large.cfg:1: larger than 1 MiB: split it, or make it smaller\n");
	write_bytes("fits.cfg", large, 1048576 - strlen(good_config));
	large[1048576 - strlen(good_config)] = '\0';
	memmove(large + strlen(good_config), large, 1048577 - strlen(good_config));
	memcpy(large, good_config, strlen(good_config));
	write_file("fits.cfg", large);
	config_free(loaded("fits.cfg"));
	free(large);
}

static void an_include_stands_for_its_file(void **state)
{
	struct config *config;

	(void)state;
	assert_int_equal(mkdir("common", 0700), 0);
	write_file("common/chats.cfg", "slack = { type = \"slack\"; token = \"env:T\"; };");
	write_file("common/all.cfg", "chats = {\n  @include \"chats.cfg\"\n};");
	write_file("main.cfg", "@include \"common/all.cfg\"  # their chats\n"
			       "environments = { staging = { }; };\n");
	config = loaded("main.cfg");
	assert_string_equal(config->chats[0].token, "env:T");
	config_free(config);
}

static void mistakes_around_an_include_have_their_own_file_and_line(void **state)
{
	(void)state;
	write_file("chats.cfg", "# one\nchats = { slack = { type = \"slack\"; tokn = \"env:T\";\n"
				" token = \"env:T\"; }; };\n\n");
	write_file("main.cfg", "# one\n# two\n@include \"chats.cfg\"\n\nstat = \"x\";\n"
			       "environments = { staging = { }; };\n");
	assert_mistakes("main.cfg",
			"chats.cfg:2: chats.slack.tokn: unknown key: did you mean \"token\"?\n"
			"main.cfg:5: stat: unknown key: did you mean \"state\"?\n");
	write_file("chats.cfg", "chats = { slack = };");
	assert_mistakes("main.cfg", "chats.cfg:1: chats.slack: a value such as \"text\", 1 or true "
				    "must come here, but here is }\n");
	write_file("chats.cfg", "stat = 1;");
	assert_mistakes("main.cfg", "main.cfg:5: stat: is given twice: take one out; the first is "
				    "in chats.cfg, line 1\n");
}

static void includes_that_cannot_work_are_told(void **state)
{
	(void)state;
	write_file("a.cfg", "@include \"none.cfg\"\n@include \".\"\n");
	assert_mistakes("a.cfg",
			"a.cfg:1: @include: none.cfg cannot be read: No such file or directory\n"
			"a.cfg:2: @include: . is a folder; name a file\n");
	write_file("a.cfg", "x = 1;\n@include \"b.cfg\"\n");
	write_file("b.cfg", "@include \"a.cfg\"\n");
	assert_mistakes("a.cfg", "b.cfg:1: @include: a.cfg includes itself, directly or by another "
				 "file: take one @include out\n");
	write_file("b.cfg", "@include \"./b.cfg\"\n");
	assert_mistakes("a.cfg", "b.cfg:1: @include: ./b.cfg includes itself, directly or by "
				 "another file: take one @include out\n");
}

static void includes_inside_each_other_have_a_limit(void **state)
{
	char name[16], text[32];

	(void)state;
	for (int i = 0; i < 20; i++) {
		(void)snprintf(name, sizeof name, "%d.cfg", i);
		(void)snprintf(text, sizeof text, "@include \"%d.cfg\"\n", i + 1);
		write_file(name, text);
	}
	assert_mistakes("0.cfg", "8.cfg:1: @include: more than 8 files inside each other\n");
}

static void includes_that_multiply_end_at_a_limit(void **state)
{
	struct mistakes mistakes = {0};

	(void)state;
	/* each file includes the next one ten times: ten million files without a limit */
	for (int i = 0; i < 8; i++) {
		char name[16], text[512] = "", line[32];

		(void)snprintf(name, sizeof name, "%d.cfg", i);
		(void)snprintf(line, sizeof line, "@include \"%d.cfg\"\n", i + 1);
		for (int k = 0; k < 10 && i < 7; k++)
			strcat(text, line);
		write_file(name, text);
	}
	assert_null(load_config("0.cfg", &mistakes));
	assert_non_null(strstr(mistakes.list[0].text, "more than 64 files"));
	mistakes_done(&mistakes);
}

static void paths_count_from_the_folder_of_their_file(void **state)
{
	struct mistakes mistakes = {0};
	struct config *config;
	struct scenario *scenario;

	(void)state;
	assert_int_equal(mkdir("etc", 0700), 0);
	write_file(
	    "etc/f.cfg",
	    "chats = { a = { type = \"slack\"; token = \"file:token\"; };\n"
	    " b = { type = \"slack\"; token = \"file:/run/token\"; }; };\n"
	    "environments = { staging = { variables = { t = \"file:t\"; x = \"a/b\"; }; }; };");
	config = loaded("etc/f.cfg");
	assert_string_equal(config->file, "etc/f.cfg");
	assert_string_equal(config->state, "etc/firedrill.db");
	assert_string_equal(config->scenarios, "etc/scenarios");
	assert_string_equal(config->chats[0].token, "file:etc/token");
	assert_string_equal(config->chats[1].token, "file:/run/token");
	assert_string_equal(config->environments[0].variables.list[0].value, "file:etc/t");
	assert_string_equal(config->environments[0].variables.list[1].value, "a/b");
	write_file(
	    "etc/s.cfg",
	    "name = \"s\"; summary = \"s\"; fault = { kind = \"silence\"; via = \"exec\";\n"
	    "inject = [ \"./break\", \"./x\" ]; revert = [ \"mend\" ]; "
	    "confirm = [ \"/bin/true\" ];\n"
	    "witness = [ \"${x}/w\" ]; environment = { TOKEN = \"file:t\"; A = \"file:${x}\"; }; "
	    "};\n"
	    "expect = ( { chat = \"a\"; channel = \"c\"; match = [ \"a\" ]; } );\n"
	    "in = { staging = { }; };");
	scenario = load_scenario("etc/s.cfg", config, &mistakes);
	mistakes_print(&mistakes, stderr);
	assert_non_null(scenario);
	assert_string_equal(scenario->fault.exec.inject.list[0], "etc/./break");
	assert_string_equal(scenario->fault.exec.inject.list[1], "./x");
	assert_string_equal(scenario->fault.exec.revert.list[0], "mend");
	assert_string_equal(scenario->fault.exec.confirm.list[0], "/bin/true");
	assert_string_equal(scenario->fault.exec.witness.list[0], "${x}/w");
	assert_string_equal(scenario->fault.exec.environment.list[0].value, "file:etc/t");
	assert_string_equal(scenario->fault.exec.environment.list[1].value, "file:${x}");
	scenario_free(scenario);
	config_free(config);
}

static void a_command_in_a_directory_counts_from_there(void **state)
{
	static const char text[] =
	    "name = \"s\"; summary = \"s\"; fault = { kind = \"missing-env\"; via = \"process\";\n"
	    "command = [ \"./w\" ]; unset = [ \"A\" ]; directory = \"work\"; };\n"
	    "expect = ( { channel = \"c\"; match = [ \"a\" ]; } ); in = { staging = { }; };";
	struct mistakes mistakes = {0};
	struct config *config = config_of(good_config);
	struct scenario *scenario = load_scenario_text("etc/s.cfg", text, config, &mistakes);

	(void)state;
	assert_non_null(scenario);
	assert_string_equal(scenario->fault.process.command.list[0], "./w");
	assert_string_equal(scenario->fault.process.directory, "etc/work");
	scenario_free(scenario);
	config_free(config);
}

static void write_scenario(const char *path, const char *name)
{
	char *text = text_with(good_scenario, "orders-bad-queue", name);

	write_file(path, text);
	free(text);
}

static void a_folder_of_scenarios_is_read_in_the_order_of_names(void **state)
{
	struct mistakes mistakes = {0};
	struct scenario_list list;
	struct config *config;
	char *text = text_with(good_config, "chats =", "scenarios = \".\"; chats =");

	(void)state;
	write_file("firedrill.cfg", text);
	write_scenario("b.cfg", "second");
	write_scenario("a.cfg", "first");
	write_scenario("Z.cfg", "zero");
	write_file("notes.txt", "no scenario");
	write_file(".#a.cfg", "an editor's");
	write_file(".cfg", "hidden");
	config = loaded("firedrill.cfg");
	assert_true(load_scenarios(config, &list, &mistakes));
	assert_int_equal(mistakes.count, 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.list[0]->name, "zero");
	assert_string_equal(list.list[1]->name, "first");
	assert_string_equal(list.list[2]->name, "second");
	assert_string_equal(list.list[2]->file, "./b.cfg");
	scenario_list_done(&list);
	config_free(config);
	free(text);
}

static void one_bad_scenario_does_not_hide_the_others(void **state)
{
	struct mistakes mistakes = {0};
	struct scenario_list list;
	struct config *config;

	(void)state;
	write_file("firedrill.cfg", good_config);
	assert_int_equal(mkdir("scenarios", 0700), 0);
	assert_int_equal(mkdir("scenarios/d.cfg", 0700), 0);
	write_scenario("scenarios/a.cfg", "one");
	write_scenario("scenarios/b.cfg", "two words");
	write_scenario("scenarios/c.cfg", "one");
	write_scenario("scenarios/e.cfg", "other");
	config = loaded("firedrill.cfg");
	assert_false(load_scenarios(config, &list, &mistakes));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.list[1]->name, "other");
	assert_int_equal(mistakes.count, 3);
	assert_string_equal(mistakes.list[0].file, "scenarios/b.cfg");
	assert_int_equal(mistakes.list[1].line, 1);
	assert_string_equal(mistakes.list[1].key, "name");
	assert_string_equal(mistakes.list[1].text, "\"one\" is the name of the scenario in "
						   "scenarios/a.cfg, too: choose another");
	assert_string_equal(mistakes.list[2].text, "is a folder; name a file");
	mistakes_done(&mistakes);
	scenario_list_done(&list);
	config_free(config);
}

static void a_folder_that_is_read_in_part_is_let_go(void **state)
{
	struct mistakes mistakes = {0};
	struct scenario_loader *loader;
	struct scenario_list list;
	struct config *config;

	(void)state;
	write_file("firedrill.cfg", good_config);
	assert_int_equal(mkdir("scenarios", 0700), 0);
	write_scenario("scenarios/a.cfg", "one");
	write_scenario("scenarios/b.cfg", "other");
	config = loaded("firedrill.cfg");
	loader = scenario_loader_new(config, &mistakes);
	assert_true(scenario_loader_step(loader));
	assert_true(scenario_loader_end(loader, &list));
	assert_int_equal(list.count, 1);
	assert_string_equal(list.list[0]->name, "one");
	scenario_list_done(&list);
	config_free(config);
}

static void a_missing_scenario_folder_is_told_and_an_empty_one_is_fine(void **state)
{
	struct mistakes mistakes = {0};
	struct scenario_list list;
	struct config *config;

	(void)state;
	write_file("firedrill.cfg", good_config);
	config = loaded("firedrill.cfg");
	assert_false(load_scenarios(config, &list, &mistakes));
	assert_int_equal(mistakes.count, 1);
	assert_string_equal(mistakes.list[0].key, "scenarios");
	assert_string_equal(mistakes.list[0].text,
			    "the folder scenarios cannot be read: No such file or directory; make "
			    "it, or name another one");
	mistakes_done(&mistakes);
	scenario_list_done(&list);
	assert_int_equal(mkdir("scenarios", 0700), 0);
	assert_true(load_scenarios(config, &list, &mistakes));
	assert_int_equal(list.count, 0);
	scenario_list_done(&list);
	config_free(config);
}

static void the_shipped_library_has_no_mistake_and_an_example_of_every_via(void **state)
{
	struct mistakes mistakes = {0};
	struct scenario_list list;
	struct config *config = loaded(LIBRARY "/firedrill.cfg");
	bool seen[VIA_COUNT] = {false};

	(void)state;
	assert_true(load_scenarios(config, &list, &mistakes));
	for (size_t i = 0; i < list.count; i++) {
		const struct scenario *scenario = list.list[i];

		seen[scenario->fault.via] = true;
		for (size_t k = 0; k < scenario->in_count; k++) {
			struct error error;
			struct scenario *drill = scenario_resolve(
			    scenario, config_environment(config, scenario->in[k].environment),
			    "fd-k3q9x2m7", &error);

			assert_non_null(drill);
			scenario_free(drill);
		}
	}
	for (int via = 0; via < VIA_COUNT; via++)
		assert_true(seen[via]);
	scenario_list_done(&list);
	config_free(config);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(what_cannot_be_read_is_a_mistake_of_the_file),
	    TEST(a_file_with_a_byte_0_or_without_end_is_refused),
	    TEST(an_include_stands_for_its_file),
	    TEST(mistakes_around_an_include_have_their_own_file_and_line),
	    TEST(includes_that_cannot_work_are_told),
	    TEST(includes_inside_each_other_have_a_limit),
	    TEST(includes_that_multiply_end_at_a_limit),
	    TEST(paths_count_from_the_folder_of_their_file),
	    TEST(a_command_in_a_directory_counts_from_there),
	    TEST(a_folder_of_scenarios_is_read_in_the_order_of_names),
	    TEST(one_bad_scenario_does_not_hide_the_others),
	    TEST(a_folder_that_is_read_in_part_is_let_go),
	    TEST(a_missing_scenario_folder_is_told_and_an_empty_one_is_fine),
	    TEST(the_shipped_library_has_no_mistake_and_an_example_of_every_via),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
