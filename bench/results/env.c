// SPDX-License-Identifier: MIT
/*
 * In what the kernels' conditions differ, besides the kernels: the first boot of
 * each, member by member of run.json; and what happened during a run.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "results/load.h"
#include "lib/core/die.h"
#include "lib/core/json.h"

/* Facts that differ between any two boots and say nothing about either. */
static const char *const not_conditions[] = {
	"date",
	"host.kernel.spec",
	"host.kernel.key",
	"host.kernel.cmdline",
	"host.kernel.release",
	"host.kernel.same_as",
	"host.label",
	"host.seconds",
};

/* What changes by itself, wherever in the record it stands. */
static const char *const volatile_parts[] = { "date",	     "dmesg",	 "free",  "load",  "state",
					      "temperature", "throttle", "steal", "uptime" };

/* Long lists, of which only what differs is of interest. */
static const char *const long_lists[] = { "config.symbols", "cpu.vulnerabilities" };

/* What measures, rather than what is measured. */
static const struct {
	const char *key, *name;
} instruments[] = { { "dexbench", "dexbench" }, { "host.qemu", "QEMU" } };

#define N_INSTRUMENTS (sizeof(instruments) / sizeof(instruments[0]))

/* Of the CPUs' time, that a host may take away unmentioned, and without a doubt. */
#define STEAL_NOTED   0.01
#define STEAL_DOUBTED 0.05

static int listed(const char *const *list, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(key, list[i]))
			return 1;
	return 0;
}

#define LISTED(list, key) listed(list, sizeof(list) / sizeof((list)[0]), key)

/* "memory_free" and "throttle_count" have parts as "kernel.state.load" has. */
static int is_volatile(const char *key)
{
	char *copy = xstrdup(key), *rest = copy, *part;
	int found = 0;

	while ((part = strsep(&rest, "._")))
		found |= LISTED(volatile_parts, part);
	free(copy);
	return found;
}

static int is_condition(const struct table *t, const char *key)
{
	/* Where a tick is no time, nobody asks how long it is. */
	if (!strcmp(key, "module.tsc_khz"))
		return !strcmp(t->mode, "timing");
	return !LISTED(not_conditions, key) && !is_volatile(key);
}

static int any_object(const struct table *t, const char *key)
{
	for (size_t k = 0; k < t->kernels; k++)
		if (json_is_object(env_at(t->kernel[k].run, key)))
			return 1;
	return 0;
}

static void add_difference(struct table *t, const char *key, json_t *values)
{
	json_array_append_new(t->environment_diff,
			      json_pack("{s:s, s:O}", "key", key, "values", values));
}

static void diff_leaf(struct table *t, const char *key)
{
	json_t *values = json_object();
	int differ = 0;

	for (size_t k = 0; k < t->kernels; k++) {
		json_t *value = env_at(t->kernel[k].run, key);

		differ |= !json_equal(value, env_at(t->kernel[0].run, key));
		json_object_set(values, t->kernel[k].label, value);
	}
	if (differ)
		add_difference(t, key, values);
	json_decref(values);
}

static json_t *member(json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	return value ? value : json_null();
}

static int symbol_differs(const struct table *t, const char *key, const char *symbol)
{
	json_t *first = member(env_at(t->kernel[0].run, key), symbol);

	for (size_t k = 1; k < t->kernels; k++)
		if (!json_equal(member(env_at(t->kernel[k].run, key), symbol), first))
			return 1;
	return 0;
}

/* One entry for the whole list, with the members that differ. */
static void diff_list(struct table *t, const char *key)
{
	json_t *values = json_object(), *names = json_object(), *value;
	const char *symbol;

	for (size_t k = 0; k < t->kernels; k++)
		json_object_foreach(env_at(t->kernel[k].run, key), symbol, value)
			if (symbol_differs(t, key, symbol))
				json_object_set_new(names, symbol, json_true());
	for (size_t k = 0; k < t->kernels; k++) {
		json_t *own = json_object();

		json_object_foreach(names, symbol, value)
			json_object_set(own, symbol, member(env_at(t->kernel[k].run, key), symbol));
		json_object_set_new(values, t->kernel[k].label, own);
	}
	if (json_object_size(names))
		add_difference(t, key, values);
	json_decref(values);
	json_decref(names);
}

/* Each leaf of any kernel's record once, in the order of the first that has it. */
static void diff_object(struct table *t, json_t *object, const char *prefix, json_t *seen)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		char *key = xasprintf("%s%s%s", prefix, *prefix ? "." : "", name);

		if (json_is_object(value) && !LISTED(long_lists, key)) {
			diff_object(t, value, key, seen);
		} else if (!json_object_get(seen, key) && is_condition(t, key)) {
			json_object_set_new(seen, key, json_true());
			if (json_is_object(value))
				diff_list(t, key);
			else if (!any_object(t, key))
				diff_leaf(t, key);
		}
		free(key);
	}
}

/* Names of conditions that are not in @other as they are in @object. */
static void changed(const struct table *t, json_t *object, json_t *other, const char *prefix,
		    json_t *names)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		char *key = xasprintf("%s%s%s", prefix, *prefix ? "." : "", name);
		json_t *there = member(other, name);

		if (json_is_object(value) && json_is_object(there) && !LISTED(long_lists, key))
			changed(t, value, there, key, names);
		else if (is_condition(t, key) && !json_equal(value, there))
			json_object_set_new(names, key, json_true());
		free(key);
	}
}

static const char *words(json_t *value)
{
	return json_is_string(value) ? json_string_value(value) : "unknown";
}

json_t *env_entry(json_t *plan, const char *spec)
{
	json_t *entry;
	size_t i;

	json_array_foreach(json_object_get(plan, "kernels"), i, entry)
		if (!strcmp(words(json_object_get(entry, "spec")), spec))
			return entry;
	return NULL;
}

/* What a campaign wrote on its boots: boot.sh's host record. */
static void must_be_planned(const struct table *t, size_t k, json_t *run, const char *path)
{
	const struct kernel *kernel = &t->kernel[k];
	json_t *entry = env_entry(t->plan[t->plans - 1].json, kernel->spec);
	const char *label = json_string_value(env_at(run, "host.label"));
	const char *key = json_string_value(env_at(run, "host.kernel.key"));
	const char *planned = json_string_value(json_object_get(entry, "key"));

	if (label && strcmp(label, kernel->spec))
		die_usage(
			"%s: a boot of %s, where plan.json has one of %s; put the directories back under their names",
			path, label, kernel->spec);
	if (key && planned && strcmp(key, planned))
		die_usage(
			"%s: build %s of %s, where plan.json has %s; boots of two builds are no campaign",
			path, key, kernel->spec, planned);
}

void env_identity(const struct table *t, size_t k, json_t *run, const char *path)
{
	static const char *const same[] = { "kernel.build_id", "kernel.cmdline" };
	const struct kernel *first = &t->kernel[k];

	/* dexbench's own directory has no plan, and its name is anybody's choice. */
	if (json_object_get(t->plan[t->plans - 1].json, "schema"))
		must_be_planned(t, k, run, path);
	first = first->run ? first : &t->kernel[first->same_as];
	for (size_t i = 0; first->run && i < sizeof(same) / sizeof(same[0]); i++) {
		const char *was = json_string_value(env_at(first->run, same[i]));
		const char *is = json_string_value(env_at(run, same[i]));

		if (was && is && strcmp(was, is))
			die_usage(
				"%s: %s is \"%s\", in another boot of %s \"%s\"; boots of two kernels are never joined",
				path, same[i], is, first->label, was);
	}
}

void env_boot(struct table *t, size_t k, json_t *run)
{
	const struct kernel *kernel = &t->kernel[k];
	json_t *names = t->load->kernel[k].changed;

	if (!names)
		names = t->load->kernel[k].changed = json_object();
	changed(t, kernel->run, run, "", names);
	/* Also where one of them has no record of it. */
	for (size_t i = 0; i < N_INSTRUMENTS; i++)
		if (!json_equal(env_at(kernel->run, instruments[i].key),
				env_at(run, instruments[i].key)))
			json_object_set_new(names, instruments[i].key, json_true());
}

static void note_changes(struct table *t, size_t k)
{
	json_t *names = t->load->kernel[k].changed;
	char *list = xstrdup(""), *longer;
	const char *key;
	json_t *value;
	int instrument = 0;

	json_object_foreach(names, key, value) {
		longer = xasprintf("%s%s%s", list, *list ? ", " : "", key);
		free(list);
		list = longer;
	}
	for (size_t i = 0; i < N_INSTRUMENTS; i++)
		instrument |= !!json_object_get(names, instruments[i].key);
	if (*list)
		table_note(t, instrument ? FACT_INSTRUMENT : FACT_CONDITIONS,
			   xasprintf("boots of %s differ among each other in: %s",
				     t->kernel[k].label, list));
	free(list);
}

/* One kernel that another instrument measured is enough to say so. */
static void compare_instruments(struct table *t)
{
	for (size_t i = 0; i < N_INSTRUMENTS; i++) {
		json_t *first = env_at(t->kernel[0].run, instruments[i].key);

		for (size_t k = 1; k < t->kernels; k++) {
			json_t *own = env_at(t->kernel[k].run, instruments[i].key);

			if (json_equal(own, first))
				continue;
			table_note(
				t, FACT_INSTRUMENT,
				xasprintf(
					"%s was measured with another %s than %s (%s, %s); the difference may be the instrument's",
					t->kernel[k].label, instruments[i].name, t->kernel[0].label,
					words(own), words(first)));
			break;
		}
	}
}

static int both(json_t *conditions, const char *name, double *before, double *after)
{
	json_t *a = json_object_get(json_object_get(conditions, "before"), name);
	json_t *b = json_object_get(json_object_get(conditions, "after"), name);

	*before = json_number_value(a);
	*after = json_number_value(b);
	return json_is_number(a) && json_is_number(b);
}

/* What a hypervisor took of @run's CPUs while a case ran, and the time that they had; of the case
 * that lost most, where it is told. */
static void keep_steal(struct table *t, size_t k, json_t *conditions, const char *path)
{
	struct load_kernel *own = &t->load->kernel[k];
	double cpus = json_number_value(env_at(t->kernel[k].run, "cpu.online"));
	double before, after, begin, end, stolen, had;

	if (!both(conditions, "steal_ticks", &before, &after) ||
	    !both(conditions, "uptime", &begin, &end) || cpus <= 0 || end <= begin)
		return;
	stolen = (after - before) / 100; /* /proc/stat counts hundredths of a second */
	had = (end - begin) * cpus;
	own->stolen += stolen;
	own->had += had;
	if (stolen <= own->most_stolen * had)
		return;
	own->most_stolen = stolen / had;
	free(own->most_stolen_in);
	own->most_stolen_in = xstrdup(path);
}

/* One line a kernel, whatever the number of its boots and cases. */
static void note_steal(struct table *t, size_t k)
{
	const struct load_kernel *own = &t->load->kernel[k];
	double share = own->had > 0 ? own->stolen / own->had : 0;

	if (share > STEAL_NOTED)
		table_note(
			t, share > STEAL_DOUBTED ? FACT_STOLEN : FACT_DISTURBED,
			xasprintf(
				"the host took %.1f %% of the CPU time of %s away (steal), most in %s: %.1f %%",
				100 * share, t->kernel[k].label, own->most_stolen_in,
				100 * own->most_stolen));
}

void env_compare(struct table *t)
{
	json_t *seen = json_object();

	t->environment_diff = json_array();
	for (size_t k = 0; k < t->kernels; k++)
		diff_object(t, t->kernel[k].run, "", seen);
	json_decref(seen);
	for (size_t k = 0; k < t->kernels; k++) {
		note_changes(t, k);
		note_steal(t, k);
	}
	compare_instruments(t);
}

void env_conditions(struct table *t, size_t k, json_t *file, const char *path)
{
	json_t *conditions = json_object_get(file, "conditions");
	double before, after;

	if (both(conditions, "uptime", &before, &after)) {
		t->kernel[k].busy += after - before;
		if (!t->kernel[k].first || before < t->kernel[k].first)
			t->kernel[k].first = before;
	}
	if (!json_is_object(conditions) || t->exact)
		return; /* what is counted does not depend on how fast it was */
	if (both(conditions, "throttle_count", &before, &after) && after > before)
		table_note(t, FACT_DISTURBED,
			   xasprintf("%s: the CPU was throttled %.0f times during the run", path,
				     after - before));
	if (!strcmp(t->mode, "timing"))
		keep_steal(t, k, conditions, path);
}
