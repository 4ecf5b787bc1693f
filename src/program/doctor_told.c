/* What `firedrill doctor` knows of how people are told when the chat is what is broken: the secrets that
 * are needed then, and not before. */
#include "src/base/secret.h"
#include "src/program/doctor.h"

/* fine: what is to be known when it is there. reference: NULL when it is not configured. */
static void check_secret(struct doctor *doctor, enum doctor_word bad, const char *key,
			 const char *reference, const char *fine)
{
	struct error error = {""};

	if (reference == NULL)
		return;
	if (secret_resolve(app_secrets(doctor->app), reference, &error) == NULL)
		doctor_say(doctor, bad, key, "%s%s", error.text,
			   bad == DOCTOR_WARNING ? "; `firedrill serve` needs it" : "");
	else
		doctor_say(doctor, DOCTOR_OK, key, "%s", fine);
}

void doctor_check_told(struct doctor *doctor)
{
	const struct config *config = app_config(doctor->app);
	const struct second_settings *second = &config->report.second;

	check_secret(doctor, DOCTOR_PROBLEM, "report.second.webhook", second->webhook,
		     "its address is there; nothing is posted");
	check_secret(doctor, DOCTOR_PROBLEM, "report.second.mail.password", second->mail.password,
		     "it is there; nothing is sent");
	check_secret(doctor, DOCTOR_WARNING, "heartbeat.url", config->heartbeat.url,
		     "its address is there; it is not called");
	check_secret(doctor, DOCTOR_WARNING, "serve.token", config->serve.token, "it is there");
}
