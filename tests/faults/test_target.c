/* The line that names what a fault changes: the same for the same thing, another for another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "probes/faults/fault.h"

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))
#define DRILL        "fd-k3q9x2m7"

static void assert_target(const struct fault *fault, const char *wanted)
{
	const struct fault_driver *driver = fault_driver_find(fault->via);
	struct error error = {.text = ""};
	char *recipe = driver->plan(fault, DRILL, &error), *target;

	if (recipe == NULL)
		fail_msg("no plan: %s", error.text);
	target = driver->target(recipe);
	assert_string_equal(target, wanted);
	free(target);
	free(recipe);
}

/* The target of a fault that is put in by a request to this address. Owned by the caller. */
static char *target_of_url(const char *url)
{
	struct fault fault = {.via = VIA_HTTP};
	struct error error;
	char *recipe, *target;

	fault.http.inject.url = (char *)url;
	fault.http.revert.url = fault.http.confirm.url = "http://orders.example/";
	recipe = fault_http.plan(&fault, DRILL, &error);
	assert_non_null(recipe);
	target = fault_http.target(recipe);
	free(recipe);
	return target;
}

static void the_target_of_a_request_is_its_address(void **state)
{
	static const char *const cases[][2] = {
	    {"http://orders.example/admin/queue", "http://orders.example/admin/queue"},
	    {"http://Orders.EXAMPLE:8080/Admin", "http://orders.example:8080/Admin"},
	    {"https://orders.example/x#part", "https://orders.example/x"},
	    {"http://" DRILL ".example/" DRILL "/" DRILL,
	     "http://${drill}.example/${drill}/${drill}"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *target = target_of_url(cases[i][0]);

		assert_string_equal(target, cases[i][1]);
		free(target);
	}
}

static void of_a_query_the_target_shows_a_sum_only(void **state)
{
	char *one = target_of_url("http://orders.example/q?name=a&token=hush");
	char *same = target_of_url("http://orders.example/q?name=a&token=hush#x");
	char *other = target_of_url("http://orders.example/q?name=b&token=hush");

	(void)state;
	assert_null(strstr(one, "hush"));
	assert_null(strstr(one, "name"));
	assert_ptr_equal(strstr(one, "http://orders.example/q?~"), one);
	assert_string_equal(one, same);
	assert_string_not_equal(one, other);
	free(one);
	free(same);
	free(other);
}

static void long_targets_that_differ_at_their_end_differ(void **state)
{
	char url[2000] = "http://orders.example/";
	char *one, *other;

	(void)state;
	memset(url + strlen(url), 'a', 1900);
	one = target_of_url(url);
	strcat(url, "b");
	other = target_of_url(url);
	assert_int_equal(strlen(one), 500);
	assert_int_equal(strlen(other), 500);
	assert_memory_equal(one, other, 480);
	assert_string_not_equal(one, other);
	free(one);
	free(other);
}

static void the_target_of_commands_is_what_puts_the_fault_in(void **state)
{
	char *inject[] = {"/opt/break", "orders queue", DRILL, "a\nb"}, *other[] = {"true"};
	struct fault fault = {.via = VIA_EXEC};

	(void)state;
	fault.exec.inject = (struct texts){inject, 4};
	fault.exec.revert = fault.exec.confirm = (struct texts){other, 1};
	assert_target(&fault, "exec /opt/break 'orders queue' ${drill} 'a b'");
}

static void the_target_of_a_copy_is_its_command_and_folder(void **state)
{
	char *command[] = {"./worker", "--queue", "orders"}, *unset[] = {"NEEDED"};
	struct fault fault = {.via = VIA_PROCESS};

	(void)state;
	fault.process.command = (struct texts){command, 3};
	fault.process.unset = (struct texts){unset, 1};
	assert_target(&fault, "process ./worker --queue orders");
	fault.process.directory = "/srv/orders";
	assert_target(&fault, "process ./worker --queue orders in /srv/orders");
}

static void the_target_of_a_canary_is_its_name(void **state)
{
	struct fault fault = {.via = VIA_CANARY};

	(void)state;
	fault.canary = (struct canary_fault){.name = "orders", .mode = CANARY_HANG};
	assert_target(&fault, "canary orders");
}

static void what_changes_nothing_has_no_target(void **state)
{
	struct fault fault = {.via = VIA_NONE};

	(void)state;
	assert_target(&fault, "");
	fault.via = VIA_RABBITMQ;
	fault.rabbitmq = (struct rabbitmq_fault){.url = "http://rabbit.example:15672",
						 .routing_key = "orders-" DRILL};
	assert_target(&fault, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_target_of_a_request_is_its_address),
	    cmocka_unit_test(of_a_query_the_target_shows_a_sum_only),
	    cmocka_unit_test(long_targets_that_differ_at_their_end_differ),
	    cmocka_unit_test(the_target_of_commands_is_what_puts_the_fault_in),
	    cmocka_unit_test(the_target_of_a_copy_is_its_command_and_folder),
	    cmocka_unit_test(the_target_of_a_canary_is_its_name),
	    cmocka_unit_test(what_changes_nothing_has_no_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
