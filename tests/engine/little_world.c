/* A whole world for one drill, in memory and in virtual time. */
#include "tests/engine/little_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenarios/load.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "tests/engine/little_fault.h"
#include "tests/engine/virtual_time.h"

#define POLL_MS 1000

/* What a drill asks of the world. */

static struct little_drill *drill_of(struct little_world *world, const struct drill_record *record)
{
	for (size_t i = 0; i < LITTLE_DRILLS; i++) {
		if (world->drills[i].drill != NULL &&
		    drill_record(world->drills[i].drill) == record)
			return &world->drills[i];
	}
	return NULL;
}

static struct channels *open_chat(void *arg, const char *name, struct error *error)
{
	struct little_world *world = arg;

	if (!world->no_chat && strcmp(name, "slack") == 0)
		return world->channels;
	(void)error_set(error, "the chat %s has no token", name);
	return NULL;
}

/* Our own message says everything that the alert says, so it must not be taken for it. */
static void write_post(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	const char *stage = record->phase >= PHASE_REPORT ? verdict_name(record->judgement.verdict)
							  : phase_name(record->phase);

	(void)arg;
	*ret_post = (struct chat_post){
	    .mark = record->id, .headline = stage, .body = "QueueMissing HealthDown"};
}

static bool write_details(void *arg, const struct drill_record *record, struct chat_post *ret_post)
{
	(void)arg;
	*ret_post = (struct chat_post){.mark = record->id, .headline = "details"};
	return true;
}

static bool hold(void *arg, const struct drill_record *record, int64_t lease_wall_ms,
		 struct error *error)
{
	struct little_world *world = arg;

	assert_true(lease_wall_ms >= clock_wall_ms() + record->scenario->fault.hold_at_most_ms);
	if (world->guardian.refuses)
		return error_set(error, "there is no guardian");
	world->guardian.holds++;
	buf_adds(&world->story, "hold ");
	return true;
}

static void release(void *arg, const struct drill_record *record)
{
	struct little_world *world = arg;

	(void)record;
	world->guardian.releases++;
	buf_adds(&world->story, "release ");
}

static void changed(void *arg, const struct drill_record *record)
{
	struct little_world *world = arg;
	struct little_drill *drill = drill_of(world, record);

	if (record->phase_ms[record->phase] == clock_ms())
		buf_addf(&world->story, "=%s ", phase_name(record->phase));
	if (drill == NULL)
		return;
	if (world->look != NULL)
		world->look(world, drill->drill);
	if (record->phase == world->stop_at)
		drill_stop(drill->drill, "stopped by the test");
}

static void on_chat(void *arg, const char *what, const char *channel)
{
	struct little_world *world = arg;

	buf_addf(&world->story, "%s:#%s ", what, channel);
}

static void on_done(void *arg, struct drill *drill)
{
	struct little_drill *entry = arg;

	assert_ptr_equal(drill, entry->drill);
	entry->done++;
}

/* The making of it. */

static char *words(const char *text)
{
	return (char *)(uintptr_t)text; /* only read by what is tested: drills work on copies */
}

static void make_config(struct little_world *world)
{
	world->settings = (struct chat_settings){.name = words("slack"),
						 .type = words("little"),
						 .poll_ms = POLL_MS,
						 .patience_ms = PATIENCE_MS};
	world->staging =
	    (struct environment){.name = words("staging"), .effect_limit = EFFECT_MUTATION};
	world->production = (struct environment){
	    .name = words("production"), .protected_ = true, .effect_limit = EFFECT_MUTATION};
	world->config = (struct config){.chats = &world->settings, .chat_count = 1};
	world->config.report.announce = true;
}

static void make_scenario(struct little_world *world)
{
	static struct placement in[] = {{.environment = (char *)(uintptr_t) "staging"},
					{.environment = (char *)(uintptr_t) "production"}};

	world->scenario = (struct scenario){
	    .file = words("orders.cfg"),
	    .name = words("orders"),
	    .summary = words("orders break"),
	    .expect = world->expect,
	    .in = in,
	    .in_count = 2,
	};
	world->scenario.fault.kind = KIND_BAD_QUEUE_NAME;
	world->scenario.fault.via = VIA_HTTP;
	world->scenario.fault.hold_at_most_ms = HOLD_MS;
	world->scenario.fault.http.inject.url = words("http://orders.${environment}.example/");
}

int little_world_setup(void **state)
{
	struct little_world *world = mem_zalloc(sizeof *world);
	struct error error = {""};

	world->base = event_base_new();
	world->chat = (struct chat){
	    .base = world->base,
	    .channels = {{.name = "ops"}, {.name = "general"}, {.name = "drills"}},
	    .latency_ms = 20,
	    .story = on_chat,
	    .arg = world,
	};
	world->channels = channels_new(world->base, &little_chat_driver, &world->chat, POLL_MS);
	(void)snprintf(world->folder, sizeof world->folder, "/tmp/little-world-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(world->file, sizeof world->file, "%s/ledger", world->folder);
	world->ledger = ledger_open(world->file, &error);
	assert_non_null(world->ledger);
	world->locks = little_other_process(world);
	world->faults = (struct fault_context){.base = world->base};
	make_config(world);
	make_scenario(world);
	world->drill_world = (struct drill_world){
	    .base = world->base,
	    .config = &world->config,
	    .faults = &world->faults,
	    .ledger = world->ledger,
	    .locks = world->locks,
	    .chat = open_chat,
	    .write_post = write_post,
	    .write_details = write_details,
	    .hold = hold,
	    .release = release,
	    .changed = changed,
	    .arg = world,
	};
	world->stop_at = PHASE_COUNT;
	*state = world;
	return 0;
}

int little_world_teardown(void **state)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal", "-lock", "-locks"};
	struct little_world *world = *state;
	char path[80];

	for (size_t i = 0; i < LITTLE_DRILLS; i++)
		drill_free(world->drills[i].drill);
	little_faults_done(world);
	channels_free(world->channels);
	little_chat_done(&world->chat);
	ledger_close(world->ledger);
	locks_close(world->locks);
	event_base_free(world->base);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		(void)snprintf(path, sizeof path, "%s%s", world->file, endings[i]);
		(void)unlink(path);
	}
	(void)rmdir(world->folder);
	for (size_t i = 0; i < world->scenario.expect_count; i++)
		free(world->expect[i].match.list);
	buf_done(&world->story);
	free(world);
	return 0;
}

struct locks *little_other_process(struct little_world *world)
{
	struct error error = {""};
	struct locks *locks = locks_open(world->file, &error);

	assert_non_null(locks);
	return locks;
}

struct expectation *little_expect(struct little_world *world, const char *channel,
				  const char *alert, bool nonce)
{
	static char *resolved[] = {(char *)(uintptr_t) "resolved"};
	struct expectation *expect = &world->expect[world->scenario.expect_count++];

	*expect = (struct expectation){
	    .alert = words(alert),
	    .chat = words("slack"),
	    .channel = words(channel),
	    .match = {mem_zalloc(2 * sizeof(char *)), nonce ? 2 : 1},
	    .resolved_match = {resolved, 1},
	    .within_ms = WITHIN_MS,
	    .grace_ms = GRACE_MS,
	    .settle_ms = SETTLE_MS,
	    .at_most = 1,
	};
	expect->match.list[0] = words(alert);
	expect->match.list[1] = words("${drill}");
	return expect;
}

struct little_rule *little_rule(struct little_world *world, const char *channel, const char *alert)
{
	struct little_rule *rule = world->rules;

	while (rule->channel != NULL)
		rule++;
	*rule = (struct little_rule){.channel = channel, .format = alert, .after_ms = 1000};
	return rule;
}

void little_answers(struct little_step *step, enum fault_outcome outcome, int times)
{
	step->outcome = outcome;
	step->times = times;
}

void little_halt(struct little_world *world)
{
	struct error error = {""};

	assert_true(ledger_set_halt(world->ledger, "the shop is down", "ann@host", &error));
}

void little_resume(struct little_world *world)
{
	struct error error = {""};

	assert_true(ledger_lift_halt(world->ledger, &error));
}

void little_simple(struct little_world *world)
{
	(void)little_expect(world, "#ops", "QueueMissing", true);
	(void)little_rule(world, "ops", LITTLE_QUEUE);
}

/* Running. */

const struct drill_record *little_start_in(struct little_world *world, size_t which,
					   const struct environment *environment)
{
	struct little_drill *entry = &world->drills[which];
	struct error error = {""};

	entry->world = world;
	entry->drill =
	    drill_new(&world->drill_world, &world->scenario, environment, &world->options, &error);
	if (entry->drill == NULL)
		fail_msg("%s", error.text);
	memcpy(entry->id, drill_record(entry->drill)->id, sizeof entry->id);
	drill_start(entry->drill, on_done, entry);
	return drill_record(entry->drill);
}

const struct drill_record *little_start(struct little_world *world)
{
	return little_start_in(world, 0, &world->staging);
}

static bool is_done(void *arg)
{
	const struct little_world *world = arg;

	for (size_t i = 0; i < LITTLE_DRILLS; i++) {
		if (world->drills[i].drill != NULL && world->drills[i].done == 0)
			return false;
	}
	return true;
}

const struct drill_record *little_run(struct little_world *world)
{
	if (world->drills[0].drill == NULL)
		(void)little_start(world);
	if (!virtual_time_run(world->base, is_done, world))
		fail_msg("the drill is never done: %s", buf_text(&world->story));
	little_pass(world, 60000); /* whatever else would be said, is said now */
	for (size_t i = 0; i < LITTLE_DRILLS; i++)
		assert_int_equal(world->drills[i].done, world->drills[i].drill != NULL ? 1 : 0);
	return drill_record(world->drills[0].drill);
}

struct phase_wait {
	struct little_world *world;
	enum phase phase;
};

static bool is_in_phase(void *arg)
{
	const struct phase_wait *wait = arg;

	return drill_record(wait->world->drills[0].drill)->phase >= wait->phase;
}

void little_run_until_phase(struct little_world *world, enum phase phase)
{
	struct phase_wait wait = {world, phase};

	if (!virtual_time_run(world->base, is_in_phase, &wait))
		fail_msg("%s is never reached: %s", phase_name(phase), buf_text(&world->story));
}

void little_pass(struct little_world *world, int64_t ms)
{
	virtual_time_pass(world->base, ms);
}

struct find_state {
	const char *id;
	enum fault_state state;
};

static bool on_row(void *arg, const struct ledger_fault *fault)
{
	struct find_state *find = arg;

	if (strcmp(fault->drill, find->id) != 0)
		return true;
	find->state = fault->state;
	return false;
}

enum fault_state little_ledger_state(struct little_world *world)
{
	struct find_state find = {world->drills[0].id, FAULT_CLEAN};
	struct error error = {""};

	assert_true(ledger_visit_open(world->ledger, NULL, on_row, &find, &error));
	return find.state;
}
