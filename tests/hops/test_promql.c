/* Which series an expression reads; and the counters of the text format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "probes/hops/exposition.h"
#include "probes/hops/promql.h"
#include "src/base/buf.h"

/* `asked`: what is asked, each followed by a semicolon. */
static void reads(const char *expression, const char *asked, bool needs_all, bool needs_any)
{
	struct promql promql;
	struct buf text = {0};

	if (!promql_read(expression, &promql))
		fail_msg("not read: %s", expression);
	for (size_t i = 0; i < promql.count; i++)
		buf_addf(&text, "%s;", promql.ask[i]);
	assert_string_equal(buf_text(&text), asked);
	assert_int_equal(promql.needs_all, needs_all);
	assert_int_equal(promql.needs_any, needs_any);
	buf_done(&text);
	promql_done(&promql);
}

static void not_read(const char *expression)
{
	struct promql promql;

	if (promql_read(expression, &promql))
		fail_msg("read: %s", expression);
}

static void the_selectors_of_an_expression_are_found(void **state)
{
	(void)state;
	reads("up == 0", "up;", true, true);
	reads("up{job=\"a}\\\"b\"} == 0", "up{job=\"a}\\\"b\"};", true, true);
	reads("sum by (queue) (increase(orders_failed_total[5s])) > 0",
	      "last_over_time(orders_failed_total[5s]);", true, true);
	reads("a / on (b) group_left (c) d > bool 1e3", "a;d;", true, true);
	reads("sum(rate(job:x:rate5m{a!=\"b\"}[5m] offset 1h)) without (i)",
	      "last_over_time(job:x:rate5m{a!=\"b\"}[5m] offset 1h);", true, true);
	reads("histogram_quantile(0.99, sum(rate(h_bucket[1m])) by (le)) > 0.5 and up",
	      "last_over_time(h_bucket[1m]);up;", true, true);
	reads("{__name__=~\"a.*\"} > -Inf # up\n", "{__name__=~\"a.*\"};", true, true);
	reads("topk(3, a) != 0x1f", "a;", true, true);
}

static void what_does_not_need_all_of_them_is_known(void **state)
{
	(void)state;
	reads("a > 0 or b > 0", "a;b;", false, true);
	reads("sum(a) UNLESS b", "a;b;", false, true);
	reads("absent(up{job=\"x\"})", "up{job=\"x\"};", false, false);
	reads("a or vector(0)", "a;", false, false);
	reads("time() - a > 60", "a;", false, false);
}

static void what_cannot_be_read_for_sure_is_not_read(void **state)
{
	(void)state;
	not_read("");
	not_read("vector(1)");
	not_read("1 > 0");
	not_read("max_over_time(up[5m:1m])");
	not_read("max_over_time(sum(up)[5m:1m])");
	not_read("up @ 1609746000");
	not_read("sum(up) offset 5m");
	not_read("up{job=\"x");
	not_read("up{a={b}}");
	not_read("up[5m");
	not_read("count > 1");
	not_read("up $ 3");
	not_read("a+b+c+d+e+f+g+h+i+j+k+l+m");
}

static void keep(void *arg, const struct exposition_sample *sample)
{
	buf_addf(arg, "%s[%s]=%g;", sample->name, exposition_label(sample, "reason"),
		 sample->value);
}

static void counters_are_read_and_what_is_broken_is_left_out(void **state)
{
	static const char text[] =
	    "# HELP a_total x\n# TYPE a_total counter\na_total 3\n"
	    "a_total{integration=\"slack\",reason=\"a\\\"b\\\\\\n\"} 1e2 1700000\n"
	    "a_total{reason=\"x\",} 4\r\nb_total 5\na_total{reason=\"no end 1\n"
	    "a_total{=\"x\"} 1\na_total NaN\na_total +Inf\na_total\na_total x\n"
	    "a_total{reason=\"y\"}7";
	struct buf found = {0};

	(void)state;
	assert_int_equal(exposition_read(text, strlen(text), "a_", keep, &found), 4);
	assert_string_equal(buf_text(&found),
			    "a_total[]=3;a_total[a\"b\\\n]=100;a_total[x]=4;a_total[y]=7;");
	buf_done(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_selectors_of_an_expression_are_found),
	    cmocka_unit_test(what_does_not_need_all_of_them_is_known),
	    cmocka_unit_test(what_cannot_be_read_for_sure_is_not_read),
	    cmocka_unit_test(counters_are_read_and_what_is_broken_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
