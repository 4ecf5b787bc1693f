/* A chronicle without a program around it. */
#include "tests/program/shelf_chronicle.h"

#include "src/program/app.h"

/* The app, as far as a chronicle asks it. */
struct app {
	struct config config;
};

const struct config *app_config(const struct app *app)
{
	return &app->config;
}

struct chronicle *shelf_chronicle(const struct shelf *shelf, int64_t keep_days)
{
	struct app app = {0};

	app.config.state = (char *)(uintptr_t)shelf->path;
	app.config.history.keep_ms = keep_days * 24 * 3600 * 1000;
	return chronicle_open(&app);
}
