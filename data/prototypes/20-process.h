/* SPDX-License-Identifier: MIT */
/*
 * What C cannot say of functions on processes, users, limits, terminals and loaded objects. The types are those of
 * 00-libc.h.
 */

/* ---- exec ---- */

[[error(-1)]] int execve(const char *path [[path]], char *const argv[] [[strings]], char *const envp[] [[opaque]]);
[[error(-1)]] int execv(const char *path [[path]], char *const argv[] [[strings]]);
[[error(-1)]] int execvp(const char *file [[path]], char *const argv[] [[strings]]);
[[error(-1)]] int execvpe(const char *file [[path]], char *const argv[] [[strings]], char *const envp[] [[opaque]]);
[[error(-1)]] int fexecve(int fd [[fd]], char *const argv[] [[strings]], char *const envp[] [[opaque]]);
[[error(-1)]] int execveat(int fd [[fd, enum(at_fds)]], const char *path [[path]], char *const argv[] [[strings]],
			   char *const envp[] [[opaque]], int flags [[flags(at_flags)]]);
[[error(returned)]] int posix_spawn(pid_t *pid [[out]], const char *path [[path]],
				    const posix_spawn_file_actions_t *actions [[opaque]],
				    const posix_spawnattr_t *attributes [[opaque]], char *const argv[] [[strings]],
				    char *const envp[] [[opaque]]) [[errno]];
[[error(returned)]] int posix_spawnp(pid_t *pid [[out]], const char *file [[path]],
				     const posix_spawn_file_actions_t *actions [[opaque]],
				     const posix_spawnattr_t *attributes [[opaque]], char *const argv[] [[strings]],
				     char *const envp[] [[opaque]]) [[errno]];
[[error(returned)]] int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *actions, int fd [[fd]],
							 const char *path [[path]],
							 int flags [[flags(open_flags)]], mode_t mode) [[errno]];
[[error(returned)]] int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd [[fd]]) [[errno]];
[[error(returned)]] int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd [[fd]],
							 int new_fd [[fd]]) [[errno]];
[[error(returned)]] int posix_spawnattr_setflags(posix_spawnattr_t *attributes,
						 short flags [[flags(spawn_flags)]]) [[errno]];

/* ---- children ---- */

[[error(-1)]] __pid_t wait(int *status [[out]]);
[[error(-1)]] __pid_t waitpid(__pid_t pid, int *status [[out]], int options [[flags(wait_options)]]);
[[error(-1)]] __pid_t wait3(int *status [[out]], int options [[flags(wait_options)]], struct rusage *usage [[out]]);
[[error(-1)]] __pid_t wait4(__pid_t pid, int *status [[out]], int options [[flags(wait_options)]],
			    struct rusage *usage [[out]]);
[[error(-1)]] int waitid(idtype_t type, __id_t id, siginfo_t *info [[out]], int options [[flags(wait_options)]]);
[[error(-1)]] int clone(int (*function)(void *), void *stack, int flags [[flags(clone_flags)]], void *argument, ...);
[[error(-1)]] int unshare(int flags [[flags(clone_flags)]]);
[[error(-1)]] int setns(int fd [[fd]], int type [[flags(clone_flags)]]);
[[error(-1)]] int pidfd_open(pid_t pid, unsigned int flags [[hex]]) [[fd]];
[[error(-1)]] int pidfd_send_signal(int fd [[fd]], int signal [[signal]], siginfo_t *info [[in]],
				    unsigned int flags [[hex]]);
[[error(NULL)]] FILE *popen(const char *command, const char *modes);

/* ---- attributes of processes ---- */

[[error(-1)]] int prctl(int option [[enum(prctl_options)]], ...);
[[error(-1)]] [[case(option == PR_SET_NAME)]] int prctl(int option [[enum(prctl_options)]], const char *name);
[[error(-1)]] [[case(option == PR_SET_PDEATHSIG)]] int prctl(int option [[enum(prctl_options)]], int signal [[signal]]);
[[error(-1)]] [[case(option == PR_SET_DUMPABLE || option == PR_SET_KEEPCAPS || option == PR_SET_TIMERSLACK ||
		     option == PR_CAPBSET_READ || option == PR_CAPBSET_DROP || option == PR_SET_CHILD_SUBREAPER ||
		     option == PR_SET_PTRACER || option == PR_SET_NO_NEW_PRIVS)]]
int prctl(int option [[enum(prctl_options)]], unsigned long value);
[[error(-1)]] [[case(option == PR_GET_DUMPABLE || option == PR_GET_KEEPCAPS || option == PR_GET_TIMERSLACK ||
		     option == PR_GET_NO_NEW_PRIVS || option == PR_GET_SECCOMP)]]
int prctl(int option [[enum(prctl_options)]]);
[[error(-1)]] long ptrace(enum __ptrace_request request [[enum(ptrace_requests)]], ...);
[[error(-1)]] int getrlimit(__rlimit_resource_t resource [[enum(rlimit_resources)]], struct rlimit *limits [[out]]);
[[error(-1)]] int getrlimit64(__rlimit_resource_t resource [[enum(rlimit_resources)]], struct rlimit64 *limits [[out]]);
[[error(-1)]] int setrlimit(__rlimit_resource_t resource [[enum(rlimit_resources)]],
			    const struct rlimit *limits [[in]]);
[[error(-1)]] int setrlimit64(__rlimit_resource_t resource [[enum(rlimit_resources)]],
			      const struct rlimit64 *limits [[in]]);
[[error(-1)]] int prlimit(__pid_t pid, enum __rlimit_resource resource [[enum(rlimit_resources)]],
			  const struct rlimit *new_limits [[in]], struct rlimit *old_limits [[out]]);
[[error(-1)]] int prlimit64(__pid_t pid, enum __rlimit_resource resource [[enum(rlimit_resources)]],
			    const struct rlimit64 *new_limits [[in]], struct rlimit64 *old_limits [[out]]);
[[error(-1)]] int getrusage(__rusage_who_t who [[enum(rusage_who)]], struct rusage *usage [[out]]);
[[error(-1)]] int getpriority(__priority_which_t which [[enum(priority_which)]], id_t who);
[[error(-1)]] int setpriority(__priority_which_t which [[enum(priority_which)]], id_t who, int priority);
[[error(-1)]] int sched_setscheduler(__pid_t pid, int policy [[flags(sched_policies)]],
				     const struct sched_param *param [[in]]);
[[error(-1)]] int sched_getscheduler(__pid_t pid) [[flags(sched_policies)]];
[[error(-1)]] int sched_getparam(__pid_t pid, struct sched_param *param [[out]]);
[[error(-1)]] int sched_get_priority_max(int policy [[flags(sched_policies)]]);
[[error(-1)]] int sched_get_priority_min(int policy [[flags(sched_policies)]]);
[[error(-1)]] int sched_setaffinity(__pid_t pid, size_t size, const cpu_set_t *set [[in, size(size)]]);
[[error(-1)]] int sched_getaffinity(__pid_t pid, size_t size, cpu_set_t *set [[out, size(size)]]);
[[error(-1)]] int getcpu(unsigned int *cpu [[out]], unsigned int *node [[out]]);
[[error(-1)]] int personality(unsigned long persona [[flags(personalities)]]);
[[error(-1)]] int getresuid(__uid_t *real [[out]], __uid_t *effective [[out]], __uid_t *saved [[out]]);
[[error(-1)]] int getresgid(__gid_t *real [[out]], __gid_t *effective [[out]], __gid_t *saved [[out]]);
[[error(-1)]] int getgroups(int room, __gid_t *list [[out, size(return * 4)]]);
[[error(-1)]] int setgroups(size_t count, const __gid_t *list [[in, size(count * 4)]]);

/* ---- the system ---- */

[[error(-1)]] int uname(struct utsname *name [[out]]);
[[error(-1)]] int sysinfo(struct sysinfo *info [[out]]);
[[error(-1)]] long sysconf(int name [[enum(sysconf_names)]]);
[[error(NULL)]] unsigned long getauxval(unsigned long type [[enum(auxv_types)]]);
[[error(-1)]] int getloadavg(double *averages [[out, size(return * 8)]], int count);
[[error(-1)]] int reboot(int how [[enum(reboot_cmds)]]);
[[error(-1)]] ssize_t getrandom(void *buf [[out, size(return)]], size_t length,
				unsigned int flags [[flags(getrandom_flags)]]);
[[error(-1)]] int getentropy(void *buf [[out, size(length)]], size_t length);
[[error(-1)]] int klogctl(int type, char *buf [[out, size(return)]], int length);

/* ---- users ---- */

struct passwd *getpwnam(const char *name) [[out]];
struct passwd *getpwuid(__uid_t uid) [[out]];
struct passwd *getpwent(void) [[out]];
struct group *getgrnam(const char *name) [[out]];
struct group *getgrgid(__gid_t gid) [[out]];
struct group *getgrent(void) [[out]];
[[error(returned)]] int getpwnam_r(const char *name, struct passwd *entry [[out]], char *buf, size_t room,
				   struct passwd **result [[out]]) [[errno]];
[[error(returned)]] int getpwuid_r(__uid_t uid, struct passwd *entry [[out]], char *buf, size_t room,
				   struct passwd **result [[out]]) [[errno]];
[[error(returned)]] int getgrnam_r(const char *name, struct group *entry [[out]], char *buf, size_t room,
				   struct group **result [[out]]) [[errno]];
[[error(returned)]] int getgrgid_r(__gid_t gid, struct group *entry [[out]], char *buf, size_t room,
				   struct group **result [[out]]) [[errno]];
[[error(NULL)]] char *getlogin(void) [[string]];
[[error(returned)]] int getlogin_r(char *name [[out, string]], size_t room) [[errno]];
[[error(NULL)]] char *cuserid(char *buf) [[string]];

/* ---- terminals and devices ---- */

[[error(-1)]] int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], ...);
[[error(-1)]] [[case(request == TCGETS)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], struct termios *termios [[out]]);
[[error(-1)]] [[case(request == TCSETS || request == TCSETSW || request == TCSETSF)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], const struct termios *termios [[in]]);
[[error(-1)]] [[case(request == TIOCGWINSZ)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], struct winsize *size [[out]]);
[[error(-1)]] [[case(request == TIOCSWINSZ)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], const struct winsize *size [[in]]);
[[error(-1)]] [[case(request == FIONREAD || request == TIOCOUTQ || request == TIOCGPGRP || request == TIOCGSID ||
		     request == TIOCGETD || request == TIOCGPTN || request == SIOCATMARK)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], int *value [[out]]);
[[error(-1)]] [[case(request == FIONBIO || request == FIOASYNC || request == TIOCSPGRP || request == TIOCSETD ||
		     request == TIOCSPTLCK || request == TIOCPKT)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], const int *value [[in]]);
[[error(-1)]] [[case(request == SIOCGIFCONF)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], struct ifconf *interfaces [[inout]]);
[[error(-1)]] [[case(request == SIOCGIFFLAGS || request == SIOCGIFADDR || request == SIOCGIFNETMASK ||
		     request == SIOCGIFBRDADDR || request == SIOCGIFHWADDR || request == SIOCGIFMTU ||
		     request == SIOCGIFINDEX || request == SIOCGIFNAME)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], struct ifreq *interface [[inout]]);
[[error(-1)]] [[case(request == FIOCLEX || request == FIONCLEX || request == TIOCEXCL || request == TIOCNXCL ||
		     request == TIOCNOTTY)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]]);
[[error(-1)]] [[case(request == TIOCSCTTY || request == TCSBRK || request == TCXONC || request == TCFLSH)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], long argument);
/* Any other request may have an argument. */
[[error(-1)]] [[case(request & ANY_COMMAND)]]
int ioctl(int fd [[fd]], unsigned long request [[enum(ioctls), hex]], unsigned long argument [[hex]]);

[[error(NULL)]] int isatty(int fd [[fd]]);
[[error(NULL)]] char *ttyname(int fd [[fd]]) [[string]];
[[error(returned)]] int ttyname_r(int fd [[fd]], char *buf [[out, string]], size_t room) [[errno]];
[[error(none)]] char *ctermid(char *s) [[string]];
[[error(-1)]] int tcgetattr(int fd [[fd]], struct termios *termios [[out]]);
[[error(-1)]] int tcsetattr(int fd [[fd]], int actions [[enum(tcsetattr_actions)]],
			    const struct termios *termios [[in]]);
[[error(-1)]] int tcsendbreak(int fd [[fd]], int duration);
[[error(-1)]] int tcdrain(int fd [[fd]]);
[[error(-1)]] int tcflush(int fd [[fd]], int queue [[enum(tcflush_queues)]]);
[[error(-1)]] int tcflow(int fd [[fd]], int action [[enum(tcflow_actions)]]);
[[error(-1)]] __pid_t tcgetpgrp(int fd [[fd]]);
[[error(-1)]] int tcsetpgrp(int fd [[fd]], __pid_t pgrp);
[[error(-1)]] __pid_t tcgetsid(int fd [[fd]]);
[[error(-1)]] int posix_openpt(int flags [[flags(open_flags)]]) [[fd]];
[[error(-1)]] int getpt(void) [[fd]];
[[error(-1)]] int grantpt(int fd [[fd]]);
[[error(-1)]] int unlockpt(int fd [[fd]]);
[[error(NULL)]] char *ptsname(int fd [[fd]]) [[string]];
[[error(returned)]] int ptsname_r(int fd [[fd]], char *buf [[out, string]], size_t room) [[errno]];
[[error(-1)]] int openpty(int *master [[out]], int *slave [[out]], char *name, const struct termios *termios [[in]],
			  const struct winsize *size [[in]]);

/* ---- loaded objects ---- */

[[error(NULL)]] void *dlopen(const char *file [[path]], int mode [[flags(dlopen_flags)]]);
[[error(NULL)]] void *dlmopen(Lmid_t namespace_id, const char *file [[path]], int mode [[flags(dlopen_flags)]]);
int dladdr(const void *address, Dl_info *info [[out]]);
int dlinfo(void *handle, int request [[enum(dlinfo_requests)]], void *argument);

/* ---- the end ---- */

[[error(none)]] void __assert_fail(const char *assertion, const char *file, unsigned int line, const char *function);
[[error(none)]] void __assert_perror_fail(int error [[errno]], const char *file, unsigned int line,
					  const char *function);
