/* Metrics as text, in either format. */
#include "src/program/serve/meter_text.h"

static const struct {
	const char *type, *old_type; /* of OpenMetrics, and of the text format */
	const char *suffix;
} kinds[] = {
    [METER_GAUGE] = {"gauge", "gauge", ""},
    [METER_COUNTER] = {"counter", "counter", "_total"},
    [METER_HISTOGRAM] = {"histogram", "histogram", ""},
    [METER_INFO] = {"info", "gauge", "_info"},
};

void meter_begin(const struct meter_text *text, const struct meter_family *family)
{
	/* The text format names the sample, OpenMetrics the family. */
	const char *suffix = text->open_metrics ? "" : kinds[family->kind].suffix;
	const char *type =
	    text->open_metrics ? kinds[family->kind].type : kinds[family->kind].old_type;

	buf_addf(text->out, "# HELP %s%s %s\n", family->name, suffix, family->help);
	buf_addf(text->out, "# TYPE %s%s %s\n", family->name, suffix, type);
	if (text->open_metrics && family->unit != NULL)
		buf_addf(text->out, "# UNIT %s %s\n", family->name, family->unit);
}

static void add_name(const struct meter_text *text, const struct meter_family *family,
		     const char *labels)
{
	buf_adds(text->out, family->name);
	buf_adds(text->out, kinds[family->kind].suffix);
	if (labels != NULL && labels[0] != '\0') {
		buf_adds(text->out, "{");
		buf_adds(text->out, labels);
		buf_adds(text->out, "}");
	}
}

/* printf() would take half of the time that the whole text does. */
void meter_add_number(struct buf *out, uint64_t value)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	buf_add(out, digits + at, sizeof digits - at);
}

void meter_count(const struct meter_text *text, const struct meter_family *family,
		 const char *labels, uint64_t value)
{
	add_name(text, family, labels);
	buf_add(text->out, " ", 1);
	meter_add_number(text->out, value);
	buf_add(text->out, "\n", 1);
}

void meter_add_seconds(struct buf *out, int64_t ms)
{
	uint64_t size = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
	const char thousandths[4] = {'.', (char)('0' + size / 100 % 10),
				     (char)('0' + size / 10 % 10), (char)('0' + size % 10)};

	if (ms < 0)
		buf_add(out, "-", 1);
	meter_add_number(out, size / 1000);
	buf_add(out, thousandths, sizeof thousandths);
}

void meter_seconds(const struct meter_text *text, const struct meter_family *family,
		   const char *labels, int64_t ms)
{
	add_name(text, family, labels);
	buf_adds(text->out, " ");
	meter_add_seconds(text->out, ms);
	buf_adds(text->out, "\n");
}

void meter_end(const struct meter_text *text)
{
	if (text->open_metrics)
		buf_adds(text->out, "# EOF\n");
}
