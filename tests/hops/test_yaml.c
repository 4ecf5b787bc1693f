/* The YAML that Alertmanager prints: read, or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "probes/hops/yaml.h"
#include "src/base/buf.h"

static void reads_as(const char *yaml, const char *json)
{
	struct error error = {""};
	cJSON *node = yaml_read(yaml, strlen(yaml), &error);
	char *text = node != NULL ? cJSON_PrintUnformatted(node) : NULL;

	cJSON_Delete(node);
	if (text == NULL)
		fail_msg("%s\n%s", error.text, yaml);
	assert_string_equal(text, json);
	free(text);
}

static void refused(const char *yaml, const char *why)
{
	struct error error = {""};
	cJSON *node = yaml_read(yaml, strlen(yaml), &error);

	if (node != NULL || strstr(error.text, why) == NULL)
		fail_msg("%s, wanted: %s", node != NULL ? "read" : error.text, why);
	cJSON_Delete(node);
}

static void a_configuration_reads_as_it_is_printed(void **state)
{
	(void)state;
	reads_as("global:\n  resolve_timeout: 5m\n  http_config:\n    follow_redirects: true\n"
		 "route:\n  receiver: team\n  group_by:\n  - '...'\n  continue: false\n  routes:\n"
		 "  - receiver: \"null\"\n    matchers:\n    - severity=~\"a|b, c\"\n"
		 "    - team=\"db \\\"x\\\" \\\\ ü\"\n    - x!=\"\"\n    continue: true\n"
		 "    routes:\n    - receiver: 'we: ird #1'\n      match:\n        foo: bar\n"
		 "receivers:\n- name: team\n  slack_configs:\n  - send_resolved: true\n"
		 "    api_url: <secret>\n    channel: '#ops'\n    title: |\n      multi\n"
		 "        - name: hack\n      receivers:\n    text: |-\n      {{ range .Alerts }}\n"
		 "      runbook: {{ end }}\n    short: false\n- name: \"null\"\ntemplates: []\n",
		 "{\"global\":{\"resolve_timeout\":\"5m\",\"http_config\":{\"follow_redirects\":"
		 "\"true\"}},\"route\":{\"receiver\":\"team\",\"group_by\":[\"...\"],\"continue\":"
		 "\"false\",\"routes\":[{\"receiver\":\"null\",\"matchers\":[\"severity=~\\\"a|b, "
		 "c\\\"\",\"team=\\\"db \\\\\\\"x\\\\\\\" \\\\\\\\ ü\\\"\",\"x!=\\\"\\\"\"],"
		 "\"continue\":\"true\",\"routes\":[{\"receiver\":\"we: ird #1\",\"match\":{"
		 "\"foo\":\"bar\"}}]}]},\"receivers\":[{\"name\":\"team\",\"slack_configs\":[{"
		 "\"send_resolved\":\"true\",\"api_url\":\"<secret>\",\"channel\":\"#ops\","
		 "\"title\":\"multi\\n  - name: hack\\nreceivers:\\n\",\"text\":\"{{ range .Alerts "
		 "}}\\nrunbook: {{ end }}\",\"short\":\"false\"}]},{\"name\":\"null\"}],"
		 "\"templates\":[]}");
}

static void quotes_escapes_and_folded_lines_are_undone(void **state)
{
	(void)state;
	reads_as(
	    "a: 'it''s # no comment'\nb: \"\\u00fc\\x41\\U0001F600\\n\\\"\" # comment\n"
	    "\"c d\": \"one\n  two\n\n  three\\\n  four\"\n'e':\n- - x\n  - ~\n- {f: [g, \"h\"]}\n",
	    "{\"a\":\"it's # no comment\",\"b\":\"üA😀\\n\\\"\",\"c d\":\"one two\\nthreefour\","
	    "\"e\":[[\"x\",null],{\"f\":[\"g\",\"h\"]}]}");
}

static void brackets_may_go_over_lines(void **state)
{
	(void)state;
	reads_as("- {name: off, t: [{a: [{s: \"00:00\", e: \"09:00\"},\n        {s: \"17:00\"}], "
		 "days: [\n        \"1:5\", '-3:-1']}]}\n- weekdays: [saturday, sunday]\n",
		 "[{\"name\":\"off\",\"t\":[{\"a\":[{\"s\":\"00:00\",\"e\":\"09:00\"},{\"s\":"
		 "\"17:00\"}],\"days\":[\"1:5\",\"-3:-1\"]}]},{\"weekdays\":[\"saturday\","
		 "\"sunday\"]}]");
}

static void what_is_empty_is_null(void **state)
{
	(void)state;
	reads_as("---\na:\nb: ~\nc: null\nd: ''\ne: |\nf: {}\n",
		 "{\"a\":null,\"b\":null,\"c\":null,\"d\":\"\",\"e\":\"\",\"f\":{}}");
}

static void what_is_not_known_is_refused_with_its_line(void **state)
{
	(void)state;
	refused("a: b\nc: &anchor d\n", "line 2: a value of a kind");
	refused("a: *b\n", "line 1");
	refused("a: !!binary aGk=\n", "line 1");
	refused("a: >\n  folded\n", "line 1");
	refused("a: one\n  two\n", "line 2: a plain text over several lines");
	refused("a: b: c\n", "line 1");
	refused("a: b\na: c\n", "line 2: a key that is there twice");
	refused("? a\n: b\n", "line 1");
	refused("a: [b\n", "line 1");
	refused("a: \"b\n", "a quote without its end");
	refused("a: \"\\q\"\n", "an escape");
	refused("a: 'b' c\n", "more than one value");
	refused("a:\n\t- b\n", "a tab");
	refused("a:\n    b: c\n  d: e\n", "line 3");
	refused("  a: b\nc: d\n", "line 2");
	refused("a: b\n---\nc: d\n", "line 2");
	refused("- a\nb: c\n", "line 2");
	refused("", "empty");
	refused("# nothing\n", "empty");
}

static void it_is_neither_too_deep_nor_too_large(void **state)
{
	struct buf deep = {0}, wide = {0};

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_adds(&deep, "[");
	refused(buf_text(&deep), "nested too deeply");
	deep.len = 0;
	for (int i = 0; i < 5000; i++)
		buf_adds(&deep, "- ");
	refused(buf_text(&deep), "nested too deeply");
	for (int i = 0; i < 2000; i++)
		buf_addf(&wide, "key%d: x\n", i);
	refused(buf_text(&wide), "too many keys");
	wide.len = 0;
	for (int i = 0; i < 300000; i++)
		buf_adds(&wide, "- x\n");
	refused(buf_text(&wide), "too much of it");
	buf_done(&deep);
	buf_done(&wide);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_configuration_reads_as_it_is_printed),
	    cmocka_unit_test(quotes_escapes_and_folded_lines_are_undone),
	    cmocka_unit_test(brackets_may_go_over_lines),
	    cmocka_unit_test(what_is_empty_is_null),
	    cmocka_unit_test(what_is_not_known_is_refused_with_its_line),
	    cmocka_unit_test(it_is_neither_too_deep_nor_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
