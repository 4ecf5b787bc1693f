/* Confirming a gap of a drill by probes, where its environment allows it. */
#include "src/base/clock.h"
#include "src/engine/bisect.h"
#include "src/engine/drill_parts.h"
#include "src/engine/guard_parts.h"

/* The first alert that was lost is the one that the gap is about; none, when it went elsewhere. */
static bool find_missing(const struct evidence *evidence, size_t *ret_expect)
{
	struct judgement judgement;
	bool is_missing = false;

	judge(evidence, &judgement);
	for (size_t i = 0; judgement.verdict == VERDICT_GAP && i < judgement.finding_count; i++) {
		enum finding finding = judgement.findings[i].finding;

		*ret_expect = i;
		is_missing = finding == FINDING_MISSING;
		if (is_missing || finding == FINDING_WRONG_CHANNEL)
			break;
	}
	judgement_done(&judgement);
	return is_missing;
}

/* What keeps a drill from beginning keeps probes from being sent. */
static bool may_send(void *arg, struct error *error)
{
	const struct drill *drill = arg;
	const struct guard_case asked = {
	    .config = drill->world->config,
	    .scenario = drill->scenario,
	    .environment = drill->record.environment,
	    .driver = drill->driver,
	    .target = drill->target,
	    .options = drill->options,
	    .now_wall_ms = clock_wall_ms(),
	    .ledger = drill->world->ledger,
	};

	return guard_halt(&asked, error) && guard_freeze(&asked, error);
}

/* From here on nobody looks for the drill's alert any more: no probe can be taken for it. */
static void close_lookouts(struct drill *drill)
{
	const struct evidence *evidence = &drill->record.evidence;

	for (size_t i = 0; i < evidence->expect_count; i++)
		lookout_finish(drill->lookouts[i], evidence->inject_started_ms);
}

static void start(struct drill *drill, const struct pipeline *pipeline, size_t expect)
{
	const struct drill_world *world = drill->world;
	const struct hop_want want = drill_hops_want(drill, expect);

	drill->bisect = bisect_start(&(struct bisect_spec){
	    .drill = drill->record.id,
	    .pipeline = pipeline,
	    .webhooks = world->webhooks,
	    .webhook_context = world->webhook_context,
	    .hops = drill->hops,
	    .want = &want,
	    .secrets = world->secrets,
	    .channel = lookout_channel(drill->lookouts[expect]),
	    .evidence = &drill->record.evidence,
	    .expect = expect,
	    .allowed = may_send,
	    .changed = drill_on_changed,
	    .arg = drill,
	});
	drill->record.deadline_ms = clock_ms() + 2 * pipeline->bisect.within_ms;
}

/* What is still in place may raise its alert beside a probe, and harm whom the probe wakes. */
static bool is_put_right(const struct evidence *evidence)
{
	return evidence->fault_state == FAULT_CLEAN || evidence->fault_state == FAULT_ABSENT;
}

bool drill_has_bisected(struct drill *drill)
{
	const struct pipeline *pipeline =
	    config_bisects(drill->world->config, drill->record.environment);
	size_t expect;

	if (drill->bisect != NULL)
		return bisect_is_over(drill->bisect);
	if (pipeline == NULL || drill_is_stopped(drill) || !is_put_right(&drill->record.evidence))
		return true;
	if (!find_missing(&drill->record.evidence, &expect))
		return true;
	close_lookouts(drill);
	start(drill, pipeline, expect);
	return bisect_is_over(drill->bisect);
}

void drill_bisect_stop(struct drill *drill)
{
	if (drill->bisect != NULL)
		bisect_stop(drill->bisect);
}

bool drill_bisect_is_clean(const struct drill *drill)
{
	return drill->bisect == NULL || bisect_is_clean(drill->bisect);
}

void drill_bisect_end(struct drill *drill)
{
	bisect_free(drill->bisect);
	drill->bisect = NULL;
}
