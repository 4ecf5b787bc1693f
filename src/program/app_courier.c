/* The second path of a running firedrill. */
#include "probes/courier.h"
#include "src/program/app.h"

static struct chat *on_chat(void *arg, const char *name, const struct chat_driver **ret_driver,
			    struct error *error)
{
	return app_chat(arg, name, ret_driver, error);
}

struct courier *app_courier_new(struct app *app)
{
	const struct courier_world world = {
	    .base = app_base(app),
	    .http = app_faults(app)->http,
	    .secrets = app_secrets(app),
	    .config = app_config(app),
	    .chat = on_chat,
	    .arg = app,
	};

	return courier_new(&world);
}
