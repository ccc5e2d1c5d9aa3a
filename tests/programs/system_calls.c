/* SPDX-License-Identifier: MIT */
/*
 * Functions that are little more than system calls, with every kind of argument, for trace_peers.sh: what a trace shows
 * of them must be what strace shows. Works in the current directory, which is to be empty but for what is said there;
 * results do not matter, failures are wanted, too.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static char buffer[256];

static void handler(int signal)
{
	(void)signal;
}

static void contents(int fd)
{
	struct iovec from[2] = { { (void *)"ab", 2 }, { (void *)"cde", 3 } };
	char one[2], two[2];
	struct iovec to[2] = { { one, 2 }, { two, 2 } };

	write(fd, "hello\nworld\0\1\2\3772\"\\", 18);
	lseek(fd, 0, SEEK_SET);
	read(fd, buffer, 5);
	pread(fd, buffer, 100, 2);
	pwrite(fd, "xyz", 3, 1);
	writev(fd, from, 2);
	lseek(fd, -4, SEEK_END);
	readv(fd, to, 2);
}

static void opened(void)
{
	int unnamed = openat(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600);

	close(unnamed);
	open("file", O_RDONLY);
	open("none", O_WRONLY);
	openat(-1, "none", O_RDONLY);
	open("file", O_RDONLY | O_PATH | O_NOFOLLOW | O_SYNC | O_DSYNC | O_APPEND | O_NONBLOCK | O_NOCTTY);
	close(999);
}

static void locks(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 2 };

	fcntl(fd, F_SETLK, &lock);
	fcntl(fd, F_GETLK, &lock);
	lock.l_type = F_UNLCK;
	fcntl(fd, F_SETLKW, &lock);
	lock.l_pid = 0;
	lock.l_type = F_RDLCK;
	fcntl(fd, F_OFD_SETLK, &lock);
	fcntl(fd, F_SETLEASE, F_UNLCK);
	fcntl(fd, F_GETLEASE);
	flock(fd, LOCK_EX | LOCK_NB);
}

static void commands(int fd)
{
	struct f_owner_ex owner = { F_OWNER_PID, getpid() };
	int memory = memfd_create("memory", MFD_ALLOW_SEALING);

	fcntl(fd, F_DUPFD, 40);
	fcntl(fd, F_DUPFD_CLOEXEC, 60);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFD, 0);
	fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_GETOWN);
	fcntl(fd, F_SETSIG, SIGUSR1);
	fcntl(fd, F_GETSIG);
	fcntl(fd, F_NOTIFY, 0);
	fcntl(fd, F_SETOWN_EX, &owner);
	fcntl(fd, F_GETOWN_EX, &owner);
	fcntl(fd, 12345, 1);
	fcntl(99, F_GETFD);
	fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
	fcntl(memory, F_GET_SEALS);
	dup2(fd, 50);
	dup3(fd, 51, O_CLOEXEC);
}

static void devices(int fd)
{
	int number = 1, pipes[2], terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	struct winsize size;
	struct termios termios;

	pipe(pipes);
	pipe2(pipes, O_CLOEXEC | O_NONBLOCK);
	fcntl(pipes[0], F_SETPIPE_SZ, 4096);
	fcntl(pipes[0], F_GETPIPE_SZ);
	ioctl(pipes[0], FIONREAD, &number);
	ioctl(pipes[0], FIONBIO, &number);
	ioctl(fd, TIOCGWINSZ, &size);
	ioctl(fd, TCGETS, &termios);
	ioctl(fd, 0x1234, 7);
	ioctl(terminal, TIOCGWINSZ, &size);
	size.ws_row = 24;
	ioctl(terminal, TIOCSWINSZ, &size);
	ioctl(terminal, TCGETS, &termios);
}

static void names(int fd)
{
	struct timespec times[2] = { { 1, 2 }, { 3, 4 } };
	struct statx extended;
	struct statfs system;
	struct stat status;

	stat("file", &status);
	lstat("file", &status);
	fstat(fd, &status);
	stat("none", &status);
	fstatat(AT_FDCWD, "file", &status, AT_SYMLINK_NOFOLLOW);
	stat("/dev/null", &status);
	stat("/tmp", &status);
	statx(AT_FDCWD, "file", AT_STATX_DONT_SYNC, STATX_BASIC_STATS | STATX_BTIME, &extended);
	statfs("/proc", &system);
	access("file", R_OK | W_OK);
	faccessat(AT_FDCWD, "file", F_OK, 0);
	chmod("file", 04755);
	fchmod(fd, 0600);
	umask(022);
	mkdir("sub", 0700);
	rmdir("sub");
	link("file", "linked");
	symlink("a", "symbolic");
	readlink("symbolic", buffer, 100);
	rename("linked", "moved");
	unlink("moved");
	unlinkat(AT_FDCWD, "symbolic", 0);
	truncate("file", 3);
	ftruncate(fd, 4);
	utimensat(AT_FDCWD, "file", times, 0);
	utimensat(AT_FDCWD, "file", NULL, AT_SYMLINK_NOFOLLOW);
	fsync(fd);
}

static void memory(int fd)
{
	void *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(map, 4096, PROT_READ);
	madvise(map, 4096, MADV_DONTNEED);
	munmap(map, 8192);
	mmap(NULL, 0, PROT_NONE, MAP_SHARED, fd, 4096);
}

static void signals(void)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART | SA_SIGINFO }, old;
	sigset_t set;

	sigaddset(&action.sa_mask, SIGCHLD);
	sigaddset(&action.sa_mask, SIGRTMIN);
	sigaddset(&action.sa_mask, SIGIO);
	sigaction(SIGUSR1, &action, NULL);
	action.sa_handler = SIG_IGN;
	action.sa_flags = 0;
	sigaction(SIGUSR2, &action, &old);
	sigaction(SIGUSR2, NULL, &old);
	sigaction(SIGUSR1, NULL, &old);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigprocmask(SIG_SETMASK, NULL, &set);
	kill(getpid(), 0);
	kill(getpid(), SIGUSR2);
}

static void waiting(void)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET, .data.u32 = 7 };
	struct timespec moment = { 0, 1000 };
	struct timeval time = { 0, 10 };
	int pipes[2] = { -1, -1 }, epoll = epoll_create1(EPOLL_CLOEXEC);
	struct pollfd polled[2];
	fd_set readable, writable;

	pipe(pipes);
	polled[0] = (struct pollfd){ pipes[0], POLLIN, 0 };
	polled[1] = (struct pollfd){ pipes[1], POLLOUT | POLLIN, 0 };
	poll(polled, 2, 0);
	poll(polled, 1, 0);
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_SET(pipes[0], &readable);
	FD_SET(pipes[1], &writable);
	select(pipes[1] + 1, &readable, &writable, NULL, &time);
	select(pipes[1] + 1, NULL, &writable, NULL, NULL);
	epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[1], &event);
	epoll_wait(epoll, &event, 1, 0);
	nanosleep(&moment, NULL);
	clock_nanosleep(CLOCK_REALTIME, 0, &moment, NULL);
}

static void streams(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, from;
	struct iovec iov[2] = { { (void *)"ab", 2 }, { (void *)"cde", 3 } };
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };
	int value = 1, server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	int client = socket(AF_INET, SOCK_STREAM, 0), peer;
	socklen_t length = sizeof(address);

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
	bind(server, (struct sockaddr *)&address, sizeof(address));
	listen(server, 5);
	getsockname(server, (struct sockaddr *)&address, &length);
	connect(client, (struct sockaddr *)&address, sizeof(address));
	peer = accept(server, (struct sockaddr *)&from, &length);
	getpeername(client, (struct sockaddr *)&from, &length);
	length = sizeof(value);
	getsockopt(client, SOL_SOCKET, SO_ERROR, &value, &length);
	getsockopt(client, SOL_SOCKET, SO_TYPE, &value, &length);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value));
	send(client, "hello", 5, MSG_NOSIGNAL);
	recv(peer, buffer, 100, 0);
	sendmsg(peer, &message, 0);
	shutdown(client, SHUT_WR);
	accept(999, NULL, NULL);
	accept4(999, NULL, NULL, SOCK_NONBLOCK);
}

static void datagrams(void)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "socket" };
	socklen_t length = sizeof(in6);
	struct sockaddr none = { 0 };
	int sockets[2], inet = socket(AF_INET6, SOCK_DGRAM, 0), local = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	bind(inet, (struct sockaddr *)&in6, sizeof(in6));
	getsockname(inet, (struct sockaddr *)&in6, &length);
	sendto(inet, "datagram", 8, 0, (struct sockaddr *)&in6, sizeof(in6));
	recvfrom(inet, buffer, 100, MSG_DONTWAIT, (struct sockaddr *)&in6, &length);
	recvfrom(inet, buffer, 100, MSG_DONTWAIT, (struct sockaddr *)&in6, &length);
	bind(local, (struct sockaddr *)&un, sizeof(un));
	length = sizeof(un);
	getsockname(local, (struct sockaddr *)&un, &length);
	un.sun_path[0] = 0;
	bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&un, offsetof(struct sockaddr_un, sun_path) + 6);
	connect(local, &none, sizeof(none));
	socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
}

static void process(void)
{
	char *arguments[] = { (char *)"/none", (char *)"a", NULL };
	struct rlimit limit;
	struct utsname name;

	getrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(RLIMIT_AS, &limit);
	uname(&name);
	geteuid();
	execv("/none", arguments);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	contents(fd);
	opened();
	locks(fd);
	commands(fd);
	devices(fd);
	names(fd);
	memory(fd);
	signals();
	waiting();
	streams();
	datagrams();
	process();
	return 0;
}
