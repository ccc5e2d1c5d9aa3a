/* SPDX-License-Identifier: MIT */
/*
 * What libc loads and starts by itself: name services, character sets, threads for timers, asynchronous input and
 * output, message queues' notices; all of it calls into what is intercepted.
 */
#include "live.h"
#include "probe.h"

#include <aio.h>
#include <errno.h>
#include <grp.h>
#include <iconv.h>
#include <locale.h>
#include <netdb.h>
#include <pwd.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

LIVE_MAIN_STATE;

static sem_t done;
static unsigned long noticed;

static void notice(union sigval value)
{
	__atomic_fetch_add(&noticed, probe_mix((unsigned long)value.sival_int) & 0xff, __ATOMIC_SEQ_CST);
	sem_post(&done);
}

static void names(void)
{
	struct passwd *user = getpwnam("root");
	struct group *group = getgrgid(0);
	struct servent *service = getservbyname("domain", "udp");
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *found = NULL;

	printf("user %d, group %s, port %d", user ? (int)user->pw_uid : -1, group ? group->gr_name : "none",
	       service ? service->s_port : -1);
	printf(", address %d\n", getaddrinfo("127.0.0.1", "80", &hints, &found));
	if (found)
		freeaddrinfo(found);
}

static void character_sets(void)
{
	static const char *const sets[] = { "UTF-16", "EUC-JP", "KOI8-R", "ISO-8859-7", "IBM1047" };
	unsigned long sum = 0;

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		char text[] = "abc, def; 123", out[128] = "", *from = text, *to = out;
		size_t left = strlen(text), room = sizeof(out);
		iconv_t convert = iconv_open(sets[i], "UTF-8");

		if (convert == (iconv_t)-1) {
			printf("no %s\n", sets[i]);
			continue;
		}
		sum = sum * 31 + iconv(convert, &from, &left, &to, &room) + room;
		for (char *p = out; p < to; p++)
			sum = sum * 7 + (unsigned char)*p;
		iconv_close(convert);
	}
	printf("converted: %lu\n", sum);
	printf("locale: %s, %d\n", setlocale(LC_ALL, "C.UTF-8") ? "set" : "not set", wcwidth(L'x'));
}

static void timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = notice };
	struct itimerspec once = { .it_value.tv_nsec = 1000 };
	timer_t timer;

	for (int i = 0; i < 20; i++) {
		event.sigev_value.sival_int = i;
		expect(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
		expect(timer_settime(timer, 0, &once, NULL) == 0);
		while (sem_wait(&done))
			;
		timer_delete(timer);
	}
	printf("timers: %lu\n", noticed);
}

static void asynchronous(void)
{
	char buffer[64] = "";
	int ends[2];

	expect(pipe(ends) == 0);
	for (int i = 0; i < 20; i++) {
		struct aiocb block = { .aio_fildes = ends[0], .aio_buf = buffer, .aio_nbytes = 5 };
		const struct aiocb *list[] = { &block };

		block.aio_sigevent.sigev_notify = SIGEV_THREAD;
		block.aio_sigevent.sigev_notify_function = notice;
		block.aio_sigevent.sigev_value.sival_int = i;
		expect(aio_read(&block) == 0 && write(ends[1], "12345", 5) == 5);
		while (aio_suspend(list, 1, NULL) && errno == EINTR)
			;
		while (sem_wait(&done))
			;
		expect(aio_return(&block) == 5 && !memcmp(buffer, "12345", 5));
	}
	printf("asynchronous: %lu\n", noticed);
}

int main(void)
{
	expect(sem_init(&done, 0, 0) == 0);
	names();
	character_sets();
	timers();
	asynchronous();
	return live_end("libc_loads");
}
