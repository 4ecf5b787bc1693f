/* Name look-ups that fail or hang: the loop goes on.  The program's own getaddrinfo stands before
 * that of the C library for all that it links, libcurl included, and runs in libcurl's thread. */
#include "probes/http.h"

#include <errno.h>
#include <event2/event.h>
#include <netdb.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "tests/probes/asking.h"
#include "tests/support/loop.h"

#define PATIENCE_S 45 /* a look-up ends then by itself, should the test fail to let it go */

static sem_t begun, may_end, ended; /* posted once for each look-up of a name that hangs */
static atomic_bool is_hanging;

static void wait_for(sem_t *semaphore)
{
	struct timespec limit;

	(void)clock_gettime(CLOCK_MONOTONIC, &limit);
	limit.tv_sec += PATIENCE_S;
	while (sem_clockwait(semaphore, CLOCK_MONOTONIC, &limit) != 0 && errno == EINTR)
		continue;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret_list)
{
	(void)service;
	(void)hints;
	*ret_list = NULL;
	if (strcmp(name, "hangs.invalid") != 0)
		return EAI_NONAME;
	is_hanging = true;
	(void)sem_post(&begun);
	wait_for(&may_end);
	is_hanging = false;
	(void)sem_post(&ended);
	return EAI_AGAIN;
}

static int set_up(void **state)
{
	(void)sem_init(&begun, 0, 0);
	(void)sem_init(&may_end, 0, 0);
	(void)sem_init(&ended, 0, 0);
	return asking_setup(state);
}

/* A test with a look-up that hung ends after that thread has. */
static void let_go(void)
{
	(void)sem_post(&may_end);
	wait_for(&ended);
}

static void an_unknown_name_is_unreachable(void **state)
{
	struct answer answer =
	    asking_get(*state, (struct http_ask){.url = "http://host.invalid/path?token=hunter2"});

	assert_int_equal(answer.result, HTTP_UNREACHABLE);
	assert_non_null(strstr(answer.error, "the name in http://host.invalid is not known"));
	assert_null(strstr(answer.error, "hunter2"));
}

static void a_look_up_that_hangs_cannot_stretch_the_deadline(void **state)
{
	struct answer answer = asking_get(
	    *state, (struct http_ask){.url = "http://hangs.invalid/", .timeout_ms = 100});

	assert_int_equal(answer.result, HTTP_UNREACHABLE);
	wait_for(&begun); /* its thread may be that late */
	assert_true(is_hanging);
	let_go();
}

static void a_look_up_that_hangs_holds_up_neither_others_nor_a_cancel(void **state)
{
	struct asking *asking = *state;
	struct http_ask ask = {.url = "http://hangs.invalid/"};
	struct answer answer = {0};
	struct http_request *request = http_start(asking->http, &ask, answer_keep, &answer);

	while (!is_hanging)
		(void)event_base_loop(asking->base, EVLOOP_NONBLOCK);
	assert_int_equal(asking_get(asking, (struct http_ask){0}).status, 200);
	http_cancel(request);
	asking_sentinel(asking);
	assert_true(is_hanging);
	assert_int_equal(answer.times, 0);
	let_go();
}

static void a_look_up_that_hangs_does_not_hold_up_the_end(void **state)
{
	struct asking *asking = *state;
	struct http_ask ask = {.url = "http://hangs.invalid/"};
	struct answer answer = {0};

	(void)http_start(asking->http, &ask, answer_keep, &answer);
	while (!is_hanging)
		(void)event_base_loop(asking->base, EVLOOP_NONBLOCK);
	http_free(asking->http);
	assert_true(is_hanging);
	asking->http = http_new(asking->base);
	asking_sentinel(asking);
	assert_int_equal(answer.times, 0);
	let_go();
}

int main(void)
{
#define name_test(f) cmocka_unit_test_setup_teardown(f, set_up, asking_teardown)
	const struct CMUnitTest tests[] = {
	    name_test(an_unknown_name_is_unreachable),
	    name_test(a_look_up_that_hangs_cannot_stretch_the_deadline),
	    name_test(a_look_up_that_hangs_holds_up_neither_others_nor_a_cancel),
	    name_test(a_look_up_that_hangs_does_not_hold_up_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
