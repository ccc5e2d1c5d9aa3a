/* SPDX-License-Identifier: MIT */
/*
 * Every system call that we make in a start, a merge and an eviction fails in every way that it can. The calls are
 * found by running the host once; then it runs again for each call and each error of its manual page (faults.c), for
 * each transfer that falls short, and with errors that stay. Whatever fails, the host does what it does without us,
 * keeps no descriptor of ours, and leaves a good image or none, with which the next start is well.
 *
 * By default repeated calls (of which there are many: an image is written in pieces) get the errors in turns, so that
 * each call fails at least once and each error comes at each place. STUBCACHE_FAULTS=all: everything at every call.
 * Arguments: names of scenarios; none: all without clients (those are for client_faults.sh).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "aftermath.h"
#include "faults.h"
#include "store_fixture.h"

enum { SKIPPED = 77 };

/* One way to run the host, which is then made to fail. */
struct scenario {
	const char *name;
	const char *argument;
	const char *state; /* it ends in when nothing fails */
	const char *variable;
	struct aftermath_before before;
	bool behind; /* only behind the constructor, of which another scenario has the calls */
	bool clients; /* of the key: a start without them, because they cannot be loaded, has another image */
	bool started; /* as it is, once before */
	bool (*given)(const struct inject_call *call); /* the call that fails always, with given_error */
	int given_error;
};

struct totals {
	unsigned calls, faults, leftovers, none;
	bool errors[256];
};

struct trial {
	const struct scenario *scenario;
	struct totals *totals;
	struct inject_fault faults[3]; /* the given one, if any, and those to try */
	const struct inject_fault *fault; /* to be named in complaints */
	unsigned given;
	unsigned call;
	unsigned turn; /* how often this number was called before */
};

static bool everything; /* STUBCACHE_FAULTS=all */
static unsigned wrong;
static struct inject_record record;
static char records[PATH_MAX];

static void complain(void *user, const char *what)
{
	static const char *const ways[] = { "instead", "after", "short", "from now", "act" };
	const struct trial *trial = user;
	const struct inject_fault *fault = trial->fault;
	const char *error = fault->value < 0 ? strerrorname_np((int)-fault->value) : "";

	printf("wrong: %s: call %u, %s, %s %s (%ld): %s\n", trial->scenario->name, fault->call,
	       fault_find(fault->number)->name, ways[fault->way], error, fault->value, what);
	wrong++;
}

static bool may_leave_temporary(const struct inject_fault *fault)
{
	return fault->number == SYS_unlinkat || fault->way == INJECT_FROM_NOW ||
	       (fault->number == SYS_linkat && fault->value == -EEXIST);
}

static void prepare(const struct scenario *scenario)
{
	fixture_remove_tree(records);
	aftermath_prepare(&scenario->before);
	victim_set(NULL);
	victim_set(scenario->variable);
	if (scenario->started)
		victim_start(&(struct victim_end){ 0 });
}

static void check_image(struct trial *trial)
{
	if (trial->scenario->clients) {
		aftermath_check_any_start(complain, trial);
	} else if (!aftermath_check_next_start(complain, trial)) {
		trial->totals->none++;
		if (trial->scenario->before.image)
			complain(trial, "the image is gone");
	}
}

/* Runs the host with the given fault, if any, and count more, the last of which is named in complaints. */
static void run(struct trial *trial, unsigned count)
{
	const struct scenario *scenario = trial->scenario;
	struct totals *totals = trial->totals;
	struct inject_end end;
	bool left;

	count += trial->given;
	trial->fault = &trial->faults[count - 1];
	prepare(scenario);
	inject_run(scenario->argument, trial->faults, count, NULL, &end);
	if (end.reached != count)
		complain(trial, "did not come to the call");
	aftermath_check_host(&end, complain, trial);
	left = aftermath_check_leftovers(&scenario->before, complain, trial);
	left = left || fixture_count(fixture_path(records, "images"), ".tmp") > 0;
	if (left && !may_leave_temporary(trial->fault))
		complain(trial, "a temporary is left");
	check_image(trial);
	totals->leftovers += left;
	totals->faults++;
	if (trial->fault->value < 0)
		totals->errors[-trial->fault->value] = true;
}

static void try_one(struct trial *trial, enum inject_way way, long value)
{
	trial->faults[trial->given] = (struct inject_fault){
		.call = trial->call, .number = record.calls[trial->call].number, .way = way, .value = value,
	};
	run(trial, 1);
}

/* A transfer that ends in the middle, and then the disk is full. */
static void try_middle(struct trial *trial, long half)
{
	struct inject_fault *faults = &trial->faults[trial->given];

	faults[0] = (struct inject_fault){
		.call = trial->call, .number = record.calls[trial->call].number, .way = INJECT_SHORT, .value = half,
	};
	faults[1] = faults[0];
	faults[1].call++;
	faults[1].way = INJECT_FROM_NOW;
	faults[1].value = -ENOSPC;
	run(trial, 2);
}

static void try_transfers(struct trial *trial)
{
	const struct inject_call *call = &record.calls[trial->call];
	long size = (long)call->arguments[2];

	if (call->result > 0 && call->result < size)
		size = call->result;
	if (size < 2)
		return;
	try_one(trial, INJECT_SHORT, size - 1);
	if (everything || trial->turn == 0) {
		try_one(trial, INJECT_INSTEAD, 0);
		try_one(trial, INJECT_SHORT, 1);
		try_one(trial, INJECT_SHORT, size / 2);
	}
	if ((call->number == SYS_write || call->number == SYS_pwrite64) &&
	    (everything || !trial->scenario->clients || trial->turn == 0))
		try_middle(trial, size / 2);
}

/* Whether a number's n-th error is tried at this call. With clients there are many calls, most of them known from the
 * other scenarios. */
static bool is_turn(const struct trial *trial, unsigned n, unsigned errors)
{
	unsigned first_calls = trial->scenario->clients ? 0 : 3;

	return everything || trial->turn < first_calls || trial->turn % errors == n;
}

static void try_call(struct trial *trial, const struct fault_call *row)
{
	unsigned errors = 0;

	while (row->errors[errors])
		errors++;
	for (unsigned i = 0; i < errors; i++) {
		if (!is_turn(trial, i, errors))
			continue;
		/* Linux gives the descriptor back whatever close says. */
		if (row->number != SYS_close)
			try_one(trial, INJECT_INSTEAD, -row->errors[i]);
		if (row->reports)
			try_one(trial, INJECT_AFTER, -row->errors[i]);
		if (row->errors[i] != EINTR && row->number != SYS_close && (everything || trial->turn == 0))
			try_one(trial, INJECT_FROM_NOW, -row->errors[i]);
	}
	if (row->moves)
		try_transfers(trial);
	trial->totals->calls++;
}

static unsigned find_given(const struct scenario *scenario)
{
	for (unsigned i = 0; i < record.count; i++)
		if (record.calls[i].ours && scenario->given(&record.calls[i]))
			return i;
	printf("%s: no call to fail always\n", scenario->name);
	exit(99);
}

/* Runs the host as it is to fail, and notes its calls. */
static void look(const struct scenario *scenario, struct trial *trial)
{
	struct inject_end end;
	bool given = false;

	for (;;) {
		prepare(scenario);
		if (!inject_run(scenario->argument, trial->faults, given, &record, &end)) {
			fprintf(stderr, "skipped: ptrace is not allowed here\n");
			fixture_remove();
			exit(SKIPPED);
		}
		if (!end.victim.unharmed || strcmp(end.victim.state, scenario->state) != 0 || end.descriptors > 0) {
			printf("wrong: %s without faults: state '%s', reason '%s', %u descriptors, status %#x\n",
			       scenario->name, end.victim.state, end.victim.reason, end.descriptors,
			       (unsigned)end.victim.status);
			exit(1);
		}
		if (given || !scenario->given)
			break;
		trial->call = find_given(scenario);
		trial->faults[0] = (struct inject_fault){
			.call = trial->call, .number = record.calls[trial->call].number, .value = -scenario->given_error,
		};
		given = true;
	}
	trial->given = given;
}

static unsigned calls_before(unsigned call)
{
	unsigned count = 0;

	for (unsigned i = 0; i < call; i++)
		count += record.calls[i].ours && record.calls[i].number == record.calls[call].number;
	return count;
}

static void enumerate(const struct scenario *scenario)
{
	struct totals totals = { 0 };
	struct trial trial = { .scenario = scenario, .totals = &totals };
	unsigned errors = 0;

	look(scenario, &trial);
	for (unsigned i = trial.given ? trial.call + 1 : 0; i < record.count; i++) {
		const struct fault_call *row = fault_find(record.calls[i].number);

		if (!record.calls[i].ours || (scenario->behind && record.calls[i].constructor && !everything))
			continue;
		if (!row) {
			printf("wrong: %s: system call %d is in no row of faults.c\n", scenario->name,
			       record.calls[i].number);
			wrong++;
			continue;
		}
		trial.call = i;
		trial.turn = calls_before(i);
		try_call(&trial, row);
	}
	for (unsigned i = 0; i < 256; i++)
		errors += totals.errors[i];
	printf("%s: %u faults at %u calls, %u errors; no image after %u, a temporary after %u\n", scenario->name,
	       totals.faults, totals.calls, errors, totals.none, totals.leftovers);
	fflush(stdout);
	if (totals.calls < 20 || totals.faults < 100)
		wrong++;
}

static bool opens_unnamed(const struct inject_call *call)
{
	return call->number == SYS_openat && (call->arguments[2] & O_TMPFILE) == O_TMPFILE;
}

static bool maps_code(const struct inject_call *call)
{
	return call->number == SYS_mmap && (call->arguments[2] & PROT_EXEC) && (int)call->arguments[4] >= 0;
}

static bool is_named(const char *name, char **argv)
{
	while (*argv && strcmp(*argv, name) != 0)
		argv++;
	return *argv != NULL;
}

int main(int argc, char **argv)
{
	const char *base = fixture_make(), *all = getenv("STUBCACHE_FAULTS");
	char out[PATH_MAX], client[PATH_MAX];
	const struct scenario scenarios[] = {
		{ .name = "cold", .state = "cold" },
		{ .name = "warm", .state = "warm", .before.image = true },
		{ .name = "merge", .state = "merged", .before.image = true, .argument = "load", .behind = true },
		{ .name = "evict", .state = "cold", .before.stale = true, .variable = "STUBCACHE_LIMIT=40K" },
		{ .name = "record", .state = "warm", .before.image = true, .variable = out },
		{ .name = "named temporary", .state = "cold", .given = opens_unnamed, .given_error = EOPNOTSUPP },
		{ .name = "client", .state = "cold", .variable = client, .clients = true },
		{ .name = "warm client", .state = "warm", .variable = client, .clients = true, .started = true },
		{ .name = "noexec", .state = "warm", .before.image = true, .given = maps_code, .given_error = EPERM },
	};

	everything = all && strcmp(all, "all") == 0;
	snprintf(records, sizeof(records), "%.4000s/records", base);
	snprintf(out, sizeof(out), "STUBCACHE_OUT=%.4000s/records", base);
	snprintf(client, sizeof(client), "STUBCACHE_CLIENTS=%.4000s/tests/protocol/.libs/puppet_client.so,ro=16,rx=64,rw=8",
		 getenv("top_builddir"));
	victim_make(base);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (argc < 2 ? !scenarios[i].clients : is_named(scenarios[i].name, argv))
			enumerate(&scenarios[i]);
	fixture_remove();
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
