/* Several questions to one station at the same time. */
#include "probes/hops/round.h"

#include <stdlib.h>

#include "src/base/clock.h"
#include "src/base/mem.h"

struct round {
	struct question {
		struct round *round; /* borrowed: its own */
		struct fetch *fetch; /* owned; NULL once answered */
	} questions[ROUND_MAX];
	size_t count, answered;
	int64_t started_wall_ms, ahead_ms;
	round_answer_fn *answer;
	round_over_fn *over;
	void *arg; /* borrowed, for both */
};

static void on_answer(void *arg, const struct fetch_answer *answer)
{
	struct question *question = arg;
	struct round *round = question->round;
	round_over_fn *over = round->over;
	void *over_arg = round->arg;
	int64_t at = round->started_wall_ms, ahead;

	question->fetch = NULL;
	if (answer->body != NULL)
		round->ahead_ms = answer->ahead_ms;
	round->answer(round->arg, (size_t)(question - round->questions), answer);
	if (++round->answered < round->count)
		return;
	at += (clock_wall_ms() - at) / 2;
	ahead = round->ahead_ms;
	free(round);
	over(over_arg, at, ahead);
}

struct round *round_start(const struct hop_context *context, const struct hop_settings *settings,
			  const struct fetch_ask *asks, size_t count, round_answer_fn *answer,
			  round_over_fn *over, void *arg)
{
	struct round *round = mem_zalloc(sizeof *round);

	*round = (struct round){.count = count,
				.started_wall_ms = clock_wall_ms(),
				.answer = answer,
				.over = over,
				.arg = arg};
	for (size_t i = 0; i < count; i++) {
		round->questions[i].round = round;
		round->questions[i].fetch =
		    fetch_start(context, settings, &asks[i], on_answer, &round->questions[i]);
	}
	return round;
}

void round_cancel(struct round *round)
{
	if (round == NULL)
		return;
	for (size_t i = 0; i < round->count; i++)
		fetch_cancel(round->questions[i].fetch);
	free(round);
}
