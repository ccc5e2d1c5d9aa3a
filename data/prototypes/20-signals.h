/* SPDX-License-Identifier: MIT */
/*
 * What C cannot say of functions on signals, time and threads. The types are those of 00-libc.h.
 */

/* ---- signals ---- */

[[error(-1)]] int kill(__pid_t pid, int signal [[signal]]);
[[error(-1)]] int killpg(__pid_t pgrp, int signal [[signal]]);
[[error(-1)]] int raise(int signal [[signal]]);
[[error(-1)]] int gsignal(int signal [[signal]]);
[[error(-1)]] int tgkill(__pid_t tgid, __pid_t tid, int signal [[signal]]);
[[error(returned)]] int pthread_kill(pthread_t thread, int signal [[signal]]) [[errno]];
[[error(-1)]] __sighandler_t signal(int signal [[signal]], __sighandler_t handler);
[[error(-1)]] __sighandler_t sysv_signal(int signal [[signal]], __sighandler_t handler);
[[error(-1)]] __sighandler_t __sysv_signal(int signal [[signal]], __sighandler_t handler);
[[error(-1)]] int sigaction(int signal [[signal]], const struct sigaction *action [[in]],
			    struct sigaction *old [[out]]);
[[error(-1)]] int sigprocmask(int how [[enum(sigprocmask_how)]], const sigset_t *set [[in]], sigset_t *old [[out]]);
[[error(returned)]] int pthread_sigmask(int how [[enum(sigprocmask_how)]], const __sigset_t *set [[in]],
					__sigset_t *old [[out]]) [[errno]];
[[error(-1)]] int sigpending(sigset_t *set [[out]]);
[[error(-1)]] int sigsuspend(const sigset_t *set [[in]]);
[[error(returned)]] int sigwait(const sigset_t *set [[in]], int *signal [[out]]) [[errno]];
[[error(-1)]] int sigwaitinfo(const sigset_t *set [[in]], siginfo_t *info [[out]]) [[signal]];
[[error(-1)]] int sigtimedwait(const sigset_t *set [[in]], siginfo_t *info [[out]],
			       const struct timespec *timeout [[in]])
	[[signal]];
[[error(-1)]] int sigqueue(__pid_t pid, int signal [[signal]], const union sigval value);
[[error(-1)]] int sigaddset(sigset_t *set [[out]], int signal [[signal]]);
[[error(-1)]] int sigdelset(sigset_t *set [[out]], int signal [[signal]]);
[[error(-1)]] int sigismember(const sigset_t *set [[in]], int signal [[signal]]);
[[error(-1)]] int sigemptyset(sigset_t *set [[opaque]]);
[[error(-1)]] int sigfillset(sigset_t *set [[opaque]]);
[[error(-1)]] int siginterrupt(int signal [[signal]], int interrupt);
[[error(-1)]] int sigaltstack(const stack_t *stack [[in]], stack_t *old [[out]]);
[[error(-1)]] int signalfd(int fd [[fd]], const sigset_t *mask [[in]], int flags [[flags(signalfd_flags)]]) [[fd]];

/* ---- time ---- */

[[error(-1)]] time_t time(time_t *timer [[out]]);
[[error(-1)]] int gettimeofday(struct timeval *tv [[out]], void *zone [[opaque]]);
[[error(-1)]] int settimeofday(const struct timeval *tv [[in]], const struct timezone *zone [[in]]);
[[error(-1)]] int clock_gettime(clockid_t clock [[enum(clock_ids)]], struct timespec *time [[out]]);
[[error(-1)]] int clock_settime(clockid_t clock [[enum(clock_ids)]], const struct timespec *time [[in]]);
[[error(-1)]] int clock_getres(clockid_t clock [[enum(clock_ids)]], struct timespec *resolution [[out]]);
[[error(returned)]] int clock_nanosleep(clockid_t clock [[enum(clock_ids)]], int flags [[flags(timer_flags)]],
					const struct timespec *requested [[in]],
					struct timespec *remaining [[out]]) [[errno]];
[[error(returned)]] int clock_getcpuclockid(pid_t pid, clockid_t *clock [[out]]) [[errno]];
[[error(-1)]] int clock_adjtime(__clockid_t clock [[enum(clock_ids)]], struct timex *timex [[inout]]);
[[error(-1)]] int adjtimex(struct timex *timex [[inout]]);
[[error(-1)]] int nanosleep(const struct timespec *requested [[in]], struct timespec *remaining [[out]]);
[[error(-1)]] int getitimer(__itimer_which_t which [[enum(itimers)]], struct itimerval *value [[out]]);
[[error(-1)]] int setitimer(__itimer_which_t which [[enum(itimers)]], const struct itimerval *value [[in]],
			    struct itimerval *old [[out]]);
[[error(-1)]] int timer_create(clockid_t clock [[enum(clock_ids)]], struct sigevent *event [[in]],
			       timer_t *timer [[out]]);
[[error(-1)]] int timer_settime(timer_t timer, int flags [[flags(timer_flags)]], const struct itimerspec *value [[in]],
				struct itimerspec *old [[out]]);
[[error(-1)]] int timer_gettime(timer_t timer, struct itimerspec *value [[out]]);
[[error(-1)]] int timerfd_create(__clockid_t clock [[enum(clock_ids)]], int flags [[flags(timerfd_flags)]]) [[fd]];
[[error(-1)]] int timerfd_settime(int fd [[fd]], int flags [[flags(timerfd_settime_flags)]],
				  const struct itimerspec *value [[in]], struct itimerspec *old [[out]]);
[[error(-1)]] int timerfd_gettime(int fd [[fd]], struct itimerspec *value [[out]]);
[[error(-1)]] clock_t times(struct tms *buf [[out]]);
[[error(-1)]] time_t mktime(struct tm *tm [[inout]]);
[[error(-1)]] time_t timegm(struct tm *tm [[inout]]);
[[error(NULL)]] struct tm *localtime(const time_t *timer [[in]]) [[out]];
[[error(NULL)]] struct tm *localtime_r(const time_t *timer [[in]], struct tm *tm) [[out]];
[[error(NULL)]] struct tm *gmtime(const time_t *timer [[in]]) [[out]];
[[error(NULL)]] struct tm *gmtime_r(const time_t *timer [[in]], struct tm *tm) [[out]];

/* ---- threads: what they wait on is never looked into ---- */

[[error(returned)]] int pthread_create(pthread_t *thread [[out]], const pthread_attr_t *attr [[opaque]],
				       void *(*start)(void *), void *argument) [[errno]];
[[error(returned)]] int pthread_mutex_init(pthread_mutex_t *mutex,
					   const pthread_mutexattr_t *attr [[opaque]]) [[errno]];
[[error(returned)]] int pthread_mutexattr_settype(pthread_mutexattr_t *attr,
						  int kind [[enum(pthread_mutex_types)]]) [[errno]];
[[error(returned)]] int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until [[in]]) [[errno]];
[[error(returned)]] int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock [[enum(clock_ids)]],
						const struct timespec *until [[in]]) [[errno]];
[[error(returned)]] int pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attr [[opaque]]) [[errno]];
[[error(returned)]] int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
					       const struct timespec *until [[in]]) [[errno]];
[[error(returned)]] int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
					       __clockid_t clock [[enum(clock_ids)]],
					       const struct timespec *until [[in]]) [[errno]];
[[error(returned)]] int pthread_rwlock_init(pthread_rwlock_t *lock,
					    const pthread_rwlockattr_t *attr [[opaque]]) [[errno]];
[[error(returned)]] int pthread_setcancelstate(int state [[enum(pthread_cancel_states)]], int *old [[out]]) [[errno]];
[[error(returned)]] int pthread_setcanceltype(int type [[enum(pthread_cancel_types)]], int *old [[out]]) [[errno]];
[[error(returned)]] int pthread_attr_setdetachstate(pthread_attr_t *attr,
						    int state [[enum(pthread_detach_states)]]) [[errno]];
[[error(returned)]] int pthread_getname_np(pthread_t thread, char *name [[out, string]], size_t room) [[errno]];
[[error(NULL)]] sem_t *sem_open(const char *name, int flags [[flags(open_flags)]], ...);
[[error(NULL)]] [[case(flags & O_CREAT)]]
sem_t *sem_open(const char *name, int flags [[flags(open_flags)]], mode_t mode, unsigned int value);
[[error(-1)]] int sem_timedwait(sem_t *sem, const struct timespec *until [[in]]);
[[error(-1)]] int sem_getvalue(sem_t *sem, int *value [[out]]);
