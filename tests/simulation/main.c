/* sim: lives of firedrill in virtual time against a world that fails.  Usage: options.c. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/simulation/calls.h"
#include "tests/simulation/cases.h"
#include "tests/simulation/options.h"

#define FULL_RUN    20000       /* drills from which on everything must have happened */
#define TRACE_SHOWN (48U << 10) /* bytes of a trace that are shown */

/* One worker's share of the work; in shared memory. */
struct worker {
	struct sim *sim;
	pid_t pid;
	char folder[64];
};

static const char *const count_words[COUNT_COUNT] = {
#define COUNT(name, words) [COUNT_##name] = (words),
#include "tests/simulation/counts.def"
#undef COUNT
};

static void show_break(const struct sim *sim, const char *how)
{
	size_t from = sim->trace_len > TRACE_SHOWN ? sim->trace_len - TRACE_SHOWN : 0;

	if (!sim->trace_loud)
		(void)fprintf(stderr, "%s", sim->trace + from);
	(void)fprintf(stderr, "\npromise %d is broken: %s\nreplay it:  ./dev sim %s\n", sim->broken,
		      sim->broken_text, how);
}

/* The kinds of work. */

static bool run_one(struct sim *sim, uint64_t seed)
{
	char how[64];

	case_random(sim, seed);
	if (sim->broken == 0)
		return true;
	(void)snprintf(how, sizeof how, "--case %" PRIu64, seed);
	show_break(sim, how);
	return false;
}

static bool run_random(struct sim *sim, const struct options *options, int job)
{
	uint64_t share = options->drills / (uint64_t)options->jobs;
	uint64_t seed = options->seed * UINT64_C(100000000) + (uint64_t)job;

	for (; sim->counts[COUNT_DRILLS] < share; seed += (uint64_t)options->jobs) {
		if (!run_one(sim, seed))
			return false;
	}
	return true;
}

static bool run_story(struct sim *sim, int story, enum aftermath after, int64_t crash_at,
		      int64_t *ret_calls)
{
	char how[96];

	*ret_calls = case_story(sim, story, after, crash_at);
	if (sim->broken == 0)
		return true;
	(void)snprintf(how, sizeof how, "--story %s --after %s --crash %" PRId64, story_name(story),
		       aftermath_names[after], crash_at);
	show_break(sim, how);
	return false;
}

static bool run_stories(struct sim *sim, const struct options *options, int job)
{
	int64_t calls, ignored;

	for (int i = 0; i < story_count() * AFTER_COUNT; i++) {
		enum aftermath after = (enum aftermath)(i % AFTER_COUNT);

		if (i % options->jobs != job)
			continue;
		if (!run_story(sim, i / AFTER_COUNT, after, 0, &calls))
			return false;
		for (int64_t n = 1 + job % options->stride; n <= calls; n += options->stride) {
			if (!run_story(sim, i / AFTER_COUNT, after, n, &ignored))
				return false;
		}
	}
	return true;
}

static bool run_twice(struct sim *sim, const struct options *options)
{
	for (uint64_t i = 0; sim->counts[COUNT_DRILLS] < options->drills; i++) {
		uint64_t seed = options->seed * UINT64_C(100000000) + i, hash;

		if (!run_one(sim, seed))
			return false;
		hash = sim->hash;
		if (!run_one(sim, seed))
			return false;
		if (sim->hash != hash) {
			(void)fprintf(stderr, "case %" PRIu64 " is not the same twice\n", seed);
			return false;
		}
	}
	return true;
}

static bool run_named_story(struct sim *sim, const struct options *options)
{
	int64_t calls;

	for (int i = 0; i < story_count() * AFTER_COUNT; i++) {
		if (strcmp(story_name(i / AFTER_COUNT), options->story) != 0 ||
		    strcmp(aftermath_names[i % AFTER_COUNT], options->after) != 0)
			continue;
		return run_story(sim, i / AFTER_COUNT, (enum aftermath)(i % AFTER_COUNT),
				 options->crash_at, &calls);
	}
	(void)fprintf(stderr, "there is no story %s, or nothing like %s\n", options->story,
		      options->after);
	return false;
}

static bool work(struct sim *sim, const struct options *options, int job)
{
	calls_attach(sim);
	switch (options->mode) {
	case MODE_RANDOM:
		return run_random(sim, options, job);
	case MODE_STORIES:
		return run_stories(sim, options, job);
	case MODE_TWICE:
		return run_twice(sim, options);
	case MODE_CASE:
		sim->trace_loud = true;
		return options->story != NULL ? run_named_story(sim, options)
					      : run_one(sim, options->one_case);
	}
	return false;
}

/* What is shown. */

static uint64_t sum(const struct worker *workers, int jobs, enum sim_count what)
{
	uint64_t all = 0;

	for (int i = 0; i < jobs; i++)
		all += workers[i].sim->counts[what];
	return all;
}

static void show_progress(const struct worker *workers, int jobs, int64_t started_ms)
{
	int64_t ms = calls_real_ms() - started_ms;
	uint64_t checks = 0;

	for (enum sim_count i = COUNT_PROMISE_1; i <= COUNT_PROMISE_6; i++)
		checks += sum(workers, jobs, i);
	(void)fprintf(stderr,
		      "sim: %" PRIu64 " drills, %" PRIu64 " lives, %" PRIu64 " crashes, %" PRIu64
		      " checks; %" PRId64 " drills a second\n",
		      sum(workers, jobs, COUNT_DRILLS), sum(workers, jobs, COUNT_LIVES),
		      sum(workers, jobs, COUNT_CRASHES), checks,
		      (int64_t)sum(workers, jobs, COUNT_DRILLS) * 1000 / (ms > 0 ? ms : 1));
}

/* False when something never happened that should have. */
static bool show_counts(const struct worker *workers, const struct options *options)
{
	bool full = options->mode == MODE_RANDOM && options->drills >= FULL_RUN, ok = true;

	for (enum sim_count i = 0; i < COUNT_COUNT; i++) {
		uint64_t count = sum(workers, options->jobs, i);

		(void)printf("%10" PRIu64 "  %s\n", count, count_words[i]);
		if (full && count == 0) {
			(void)fprintf(stderr, "sim: \"%s\" never happened: it proves nothing\n",
				      count_words[i]);
			ok = false;
		}
	}
	return ok;
}

/* Workers. */

static bool make_worker(struct worker *worker)
{
	struct stat about;
	const char *parent =
	    stat("/dev/shm", &about) == 0 && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	(void)snprintf(worker->folder, sizeof worker->folder, "%s/firedrill-sim-XXXXXX", parent);
	if (mkdtemp(worker->folder) == NULL)
		return false;
	worker->sim = sim_new(worker->folder);
	return worker->sim != NULL;
}

static void remove_worker(struct worker *worker)
{
	static const char *const names[] = {
	    "ledger",         "ledger-wal",        "ledger-shm", "ledger-journal", "ledger-locks",
	    "copy",           "copy-wal",          "copy-shm",   "copy-journal",   "freeze-all",
	    "freeze-staging", "freeze-production", "freeze-lab"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", worker->folder, names[i]);
		(void)unlink(path);
	}
	if (worker->folder[0] != '\0')
		(void)rmdir(worker->folder);
	sim_free(worker->sim);
}

/* Ends them all when it is told to end, so that nothing is left running or lying about. */
static bool wait_for_all(const struct worker *workers, const struct options *options,
			 const sigset_t *signals, int64_t started_ms)
{
	const struct timespec tick = {0, 100000000};
	int64_t shown_ms = started_ms;
	int running = options->jobs, status;
	bool ok = true;

	while (running > 0) {
		int number = sigtimedwait(signals, NULL, &tick);

		if (number == SIGINT || number == SIGTERM) {
			ok = false;
			for (int i = 0; i < options->jobs; i++)
				(void)kill(workers[i].pid, SIGKILL);
		}
		while (waitpid(-1, &status, WNOHANG) > 0) {
			running--;
			ok = ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
		}
		if (calls_real_ms() - shown_ms >= (isatty(STDERR_FILENO) ? 1000 : 10000)) {
			shown_ms = calls_real_ms();
			show_progress(workers, options->jobs, started_ms);
		}
	}
	return ok;
}

static bool run(struct worker *workers, const struct options *options)
{
	int64_t started_ms = calls_real_ms();
	sigset_t signals, before;
	bool ok;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &signals, &before);
	for (int i = 0; i < options->jobs; i++) {
		workers[i].sim->trace_loud = options->trace;
		workers[i].pid = fork();
		if (workers[i].pid != 0)
			continue;
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(work(workers[i].sim, options, i) ? 0 : 1);
	}
	ok = wait_for_all(workers, options, &signals, started_ms);
	show_progress(workers, options->jobs, started_ms);
	return ok;
}

int main(int argc, char **argv)
{
	struct worker workers[OPTIONS_JOBS_MAX] = {{0}};
	struct options options;
	bool ok = true;

	if (!options_read(argc, argv, &options))
		return options_usage();
	(void)setenv("SIM_SECRET", SIM_SECRET, 1);
	for (int i = 0; i < options.jobs && ok; i++) {
		ok = make_worker(&workers[i]);
		if (!ok)
			(void)fprintf(stderr, "sim: no room: %s\n", strerror(errno));
	}
	ok = ok && run(workers, &options);
	if (ok)
		ok = show_counts(workers, &options);
	for (int i = 0; i < options.jobs; i++)
		remove_worker(&workers[i]);
	return ok ? 0 : 1;
}
