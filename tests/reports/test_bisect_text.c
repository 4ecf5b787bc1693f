/* Probes in the reports: JSON, chat, terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "reports/bisect_text.h"
#include "reports/details.h"
#include "reports/json.h"
#include "reports/message.h"
#include "reports/result.h"
#include "src/base/mem.h"
#include "src/engine/bisect.h"
#include "tests/reports/check_text.h"
#include "tests/reports/make_record.h"

static void add_probe(struct made *made, enum hop hop, enum probe_result result, int64_t at_ms,
		      int64_t latency_ms, const char *text)
{
	struct evidence *evidence = &made->record.evidence;

	evidence->probes =
	    mem_grow(evidence->probes, evidence->probe_count + 1, sizeof *evidence->probes);
	evidence->probes[evidence->probe_count++] = (struct probe_told){
	    .hop = hop,
	    .result = result,
	    .at_ms = at_ms,
	    .latency_ms = latency_ms,
	    .text = mem_dup(text),
	};
}

static struct made *make_confirmed(const char *text)
{
	struct made *made = make_running();

	make_over(made, VERDICT_GAP, "OrdersQueueMissing never arrived in #ops");
	(void)make_finding(made, 0, FINDING_MISSING, TIME_NEVER, "never arrived in #ops");
	make_gap(made, "rule", "alertmanager", "it fired; it has no such alert");
	made->record.judgement.gap.confirmed = true;
	make_text(&made->record.judgement.gap.probes, text);
	add_probe(made, HOP_RECEIVER, PROBE_ARRIVED, MADE_REVERTED_MS + 10000, 1200, text);
	add_probe(made, HOP_ALERTMANAGER, PROBE_SKIPPED, TIME_NEVER, -1, "no alert was sent");
	return made;
}

static void json_has_each_probe_and_whether_the_gap_is_confirmed(void **state)
{
	struct made *made = make_confirmed("confirmed: it arrived");
	char *line = json_report(&made->record);

	(void)state;
	assert_non_null(strstr(line, "\"confirmed\":true,\"probes\":\"confirmed: it arrived\"}"));
	assert_non_null(strstr(
	    line,
	    "\"probes\":[{\"alert\":\"OrdersQueueMissing\",\"hop\":\"receiver\",\"result\":"
	    "\"arrived\",\"at_ms\":101320,\"latency_ms\":1200,\"text\":\"confirmed: it "
	    "arrived\"},{\"alert\":\"OrdersQueueMissing\",\"hop\":\"alertmanager\",\"result\":"
	    "\"skipped\",\"at_ms\":null,\"latency_ms\":null,\"text\":\"no alert was sent\"}]"));
	free(line);
	made_free(made);
}

static void chat_and_terminal_have_one_line_and_the_details_all(void **state)
{
	struct made *made = make_confirmed("confirmed: it arrived");
	struct message_writer *writer = message_writer_new();
	const struct view view = {.columns = 100};
	struct buf details = {0}, block = {0};
	struct chat_post post;

	(void)state;
	message_write(writer, &made->record, &post);
	assert_non_null(strstr(post.body, "\n*Probes*: confirmed: it arrived\n"));
	details_write(&details, &made->record);
	assert_non_null(
	    strstr(buf_text(&details), "\n*Probe*: 10:02:39 UTC: confirmed: it arrived\n"));
	assert_non_null(strstr(buf_text(&details), "\n*Probe*: no alert was sent\n"));
	result_block(&block, &view, &made->record);
	assert_non_null(strstr(buf_text(&block), "probes          confirmed: it arrived\n"));
	buf_done(&block);
	buf_done(&details);
	message_writer_free(writer);
	made_free(made);
}

static void hostile_texts_are_tamed(void **state)
{
	char *hostile = make_hostile(6000);
	struct made *made = make_confirmed(hostile);
	struct message_writer *writer = message_writer_new();
	const struct view view = {.columns = 80};
	struct buf details = {0}, block = {0};
	char *line = json_report(&made->record);
	struct chat_post post;

	(void)state;
	message_write(writer, &made->record, &post);
	details_write(&details, &made->record);
	result_block(&block, &view, &made->record);
	assert_true(text_is_utf8(line) && !text_has_control(line, false));
	assert_true(text_is_utf8(post.body) && !text_has_control(post.body, true));
	assert_true(text_is_utf8(buf_text(&details)) &&
		    !text_has_control(buf_text(&details), true));
	assert_true(text_is_utf8(buf_text(&block)) && !text_has_control(buf_text(&block), true));
	free(line);
	buf_done(&block);
	buf_done(&details);
	message_writer_free(writer);
	made_free(made);
	free(hostile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_has_each_probe_and_whether_the_gap_is_confirmed),
	    cmocka_unit_test(chat_and_terminal_have_one_line_and_the_details_all),
	    cmocka_unit_test(hostile_texts_are_tamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
