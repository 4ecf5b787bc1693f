/* What is stored of a drill, as damaged as can be: everything that shows it must hold. The input is its
 * report; the first bytes are also taken for its other texts. */
#include <stdlib.h>
#include <string.h>

#include "reports/junit.h"
#include "reports/past_report.h"
#include "reports/past_table.h"
#include "reports/period.h"
#include "src/base/mem.h"
#include "src/store/history.h"
#include "tests/fuzz/fuzz.h"

static void show(const struct past *past)
{
	static const struct view view = {.colour = true, .columns = 60};
	struct past_widths widths = PAST_WIDTHS;
	struct period period = {.since_wall_ms = 1, .until_wall_ms = 1000};
	struct junit *junit = junit_new();
	struct buf text = {0};

	past_table_measure(&widths, past);
	past_table_line(&text, &view, &widths, past);
	past_report(&text, &view, past);
	(void)past_log(&text, past);
	period_add(&period, past);
	period_finish(&period);
	period_write(&text, &view, &period);
	buf_done(&text);
	free(period_json(&period));
	period_done(&period);
	junit_add(junit, past);
	free(junit_text(junit));
	junit_free(junit);
	free(past_json(past, true));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *report = mem_dup_n((const char *)data, size);
	char *word = mem_dup_n((const char *)data, size < 24 ? size : 24);
	const struct history_expectation expect = {word, word, word, word, 1, -1, word, 5};
	const struct history_evidence evidence[] = {{"message", word, 0, 1, report},
						    {"log", word, 9, 1, report},
						    {word, word, -1, 0, report}};
	struct history_drill drill = {word, word, word, word,     word,      word,   word,
				      word, word, 3,    1,        INT64_MAX, report, &expect,
				      1,    NULL, 0,    evidence, 3};
	struct past past;

	past_of_drill(&past, &drill);
	show(&past);
	past_done(&past);
	if (past_of_report(&past, report)) {
		show(&past);
		past_done(&past);
	}
	free(word);
	free(report);
	return 0;
}
