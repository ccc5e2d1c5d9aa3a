/* SPDX-License-Identifier: MIT */
/*
 * What C cannot say of functions on files and descriptors. The types are those of 00-libc.h (tests/protogen/types.sh
 * compares); values of the enumerations come from 10-constants.h.
 */

/* ---- open and close ---- */

[[error(-1)]] int open(const char *file [[path]], int flags [[flags(open_flags)]], ...) [[fd]];
[[error(-1)]] [[case(flags & O_CREAT)]]
int open(const char *file [[path]], int flags [[flags(open_flags)]], mode_t mode) [[fd]];
[[error(-1)]] [[case(flags & OPEN_UNNAMED)]]
int open(const char *file [[path]], int flags [[flags(open_flags)]], mode_t mode) [[fd]];

[[error(-1)]] int open64(const char *file [[path]], int flags [[flags(open_flags)]], ...) [[fd]];
[[error(-1)]] [[case(flags & O_CREAT)]]
int open64(const char *file [[path]], int flags [[flags(open_flags)]], mode_t mode) [[fd]];
[[error(-1)]] [[case(flags & OPEN_UNNAMED)]]
int open64(const char *file [[path]], int flags [[flags(open_flags)]], mode_t mode) [[fd]];

[[error(-1)]] int openat(int fd [[fd, enum(at_fds)]], const char *file [[path]], int flags [[flags(open_flags)]],
		...) [[fd]];
[[error(-1)]] [[case(flags & O_CREAT)]]
int openat(int fd [[fd, enum(at_fds)]], const char *file [[path]], int flags [[flags(open_flags)]], mode_t mode) [[fd]];
[[error(-1)]] [[case(flags & OPEN_UNNAMED)]]
int openat(int fd [[fd, enum(at_fds)]], const char *file [[path]], int flags [[flags(open_flags)]], mode_t mode) [[fd]];

[[error(-1)]] int openat64(int fd [[fd, enum(at_fds)]], const char *file [[path]], int flags [[flags(open_flags)]],
		...) [[fd]];
[[error(-1)]] [[case(flags & O_CREAT)]]
int openat64(int fd [[fd, enum(at_fds)]], const char *file [[path]], int flags [[flags(open_flags)]],
		mode_t mode) [[fd]];
[[error(-1)]] [[case(flags & OPEN_UNNAMED)]]
int openat64(int fd [[fd, enum(at_fds)]], const char *file [[path]], int flags [[flags(open_flags)]],
		mode_t mode) [[fd]];

[[error(-1)]] int __open_2(const char *file [[path]], int flags [[flags(open_flags)]]) [[fd]];
[[error(-1)]] int __open64_2(const char *file [[path]], int flags [[flags(open_flags)]]) [[fd]];
[[error(-1)]] int __openat_2(int fd [[fd, enum(at_fds)]], const char *file [[path]],
		int flags [[flags(open_flags)]]) [[fd]];
[[error(-1)]] int __openat64_2(int fd [[fd, enum(at_fds)]], const char *file [[path]],
		int flags [[flags(open_flags)]]) [[fd]];

[[error(-1)]] int creat(const char *file [[path]], mode_t mode) [[fd]];
[[error(-1)]] int creat64(const char *file [[path]], mode_t mode) [[fd]];
[[error(-1)]] int close(int fd [[fd]]);
[[error(-1)]] int close_range(unsigned int first, unsigned int last, int flags [[hex]]);
[[error(-1)]] int dup(int fd [[fd]]) [[fd]];
[[error(-1)]] int dup2(int fd [[fd]], int fd2 [[fd]]) [[fd]];
[[error(-1)]] int dup3(int fd [[fd]], int fd2 [[fd]], int flags [[flags(pipe_flags)]]) [[fd]];
[[error(-1)]] int pipe(int fds[2] [[out]]);
[[error(-1)]] int pipe2(int fds[2] [[out]], int flags [[flags(pipe_flags)]]);

/* ---- read and write ---- */

[[error(-1)]] ssize_t read(int fd [[fd]], void *buf [[out, size(return)]], size_t n);
[[error(-1)]] ssize_t __read_chk(int fd [[fd]], void *buf [[out, size(return)]], size_t n, size_t room);
[[error(-1)]] ssize_t write(int fd [[fd]], const void *buf [[in, size(n)]], size_t n);
[[error(-1)]] ssize_t pread(int fd [[fd]], void *buf [[out, size(return)]], size_t n, __off_t offset);
[[error(-1)]] ssize_t pread64(int fd [[fd]], void *buf [[out, size(return)]], size_t n, __off64_t offset);
[[error(-1)]] ssize_t __pread_chk(int fd [[fd]], void *buf [[out, size(return)]], size_t n, __off_t offset,
				  size_t room);
[[error(-1)]] ssize_t __pread64_chk(int fd [[fd]], void *buf [[out, size(return)]], size_t n, __off64_t offset,
				    size_t room);
[[error(-1)]] ssize_t pwrite(int fd [[fd]], const void *buf [[in, size(n)]], size_t n, __off_t offset);
[[error(-1)]] ssize_t pwrite64(int fd [[fd]], const void *buf [[in, size(n)]], size_t n, __off64_t offset);
[[error(-1)]] ssize_t readv(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count);
[[error(-1)]] ssize_t writev(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count);
[[error(-1)]] ssize_t preadv(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
			     __off_t offset);
[[error(-1)]] ssize_t pwritev(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
			      __off_t offset);
[[error(-1)]] ssize_t preadv64(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
			       __off64_t offset);
[[error(-1)]] ssize_t pwritev64(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
				__off64_t offset);
[[error(-1)]] ssize_t preadv2(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
			      __off_t offset,
			      int flags [[flags(rwf_flags)]]);
[[error(-1)]] ssize_t pwritev2(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
			       __off_t offset,
			       int flags [[flags(rwf_flags)]]);
[[error(-1)]] ssize_t preadv64v2(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
				 __off64_t offset, int flags [[flags(rwf_flags)]]);
[[error(-1)]] ssize_t pwritev64v2(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], int count,
				  __off64_t offset, int flags [[flags(rwf_flags)]]);
[[error(-1)]] __off_t lseek(int fd [[fd]], __off_t offset, int whence [[enum(seek_whence)]]);
[[error(-1)]] __off64_t lseek64(int fd [[fd]], __off64_t offset, int whence [[enum(seek_whence)]]);
[[error(-1)]] ssize_t sendfile(int out_fd [[fd]], int in_fd [[fd]], off_t *offset [[inout]], size_t count);
[[error(-1)]] ssize_t sendfile64(int out_fd [[fd]], int in_fd [[fd]], __off64_t *offset [[inout]], size_t count);
[[error(-1)]] ssize_t copy_file_range(int in_fd [[fd]], __off64_t *in_offset [[inout]], int out_fd [[fd]],
				      __off64_t *out_offset [[inout]], size_t length, unsigned int flags [[hex]]);
[[error(-1)]] __ssize_t splice(int in_fd [[fd]], __off64_t *in_offset [[inout]], int out_fd [[fd]],
			       __off64_t *out_offset [[inout]], size_t length,
			       unsigned int flags [[flags(splice_flags)]]);
[[error(-1)]] __ssize_t tee(int in_fd [[fd]], int out_fd [[fd]], size_t length,
			    unsigned int flags [[flags(splice_flags)]]);
[[error(-1)]] __ssize_t vmsplice(int fd [[fd]], const struct iovec *iov [[in, size(count * 16)]], size_t count,
				 unsigned int flags [[flags(splice_flags)]]);
[[error(-1)]] __ssize_t readahead(int fd [[fd]], __off64_t offset, size_t count);

/* ---- descriptors ---- */

/* What F_SETLK looks at of a struct flock. */
struct flock_request {
	short l_type [[enum(lock_types)]];
	short l_whence [[enum(seek_whence)]];
	__off_t l_start;
	__off_t l_len;
};

[[error(-1)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], ...);
[[error(-1)]] [[case(cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int lowest) [[fd]];
[[error(-1)]] [[case(cmd == F_GETFD)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[flags(fd_flags)]];
[[error(-1)]] [[case(cmd == F_SETFD)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int flags [[flags(fd_flags)]]);
[[error(-1)]] [[case(cmd == F_GETFL)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[flags(open_flags)]];
[[error(-1)]] [[case(cmd == F_SETFL)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int flags [[flags(open_flags)]]);
[[error(-1)]] [[case(cmd == F_SETLK || cmd == F_SETLKW || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct flock_request *lock [[in]]);
[[error(-1)]] [[case(cmd == F_GETLK || cmd == F_OFD_GETLK)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct flock *lock [[inout]]);
[[error(-1)]] [[case(cmd == F_SETSIG)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int signal [[signal]]);
[[error(-1)]] [[case(cmd == F_GETSIG)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[signal]];
[[error(-1)]] [[case(cmd == F_SETLEASE)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int lease [[enum(lock_types)]]);
[[error(-1)]] [[case(cmd == F_GETLEASE)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[enum(lock_types)]];
[[error(-1)]] [[case(cmd == F_NOTIFY)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int events [[flags(dnotify_events)]]);
[[error(-1)]] [[case(cmd == F_SETOWN_EX)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct f_owner_ex *owner [[in]]);
[[error(-1)]] [[case(cmd == F_GETOWN_EX)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct f_owner_ex *owner [[out]]);
[[error(-1)]] [[case(cmd == F_SETOWN || cmd == F_SETPIPE_SZ)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int argument);
[[error(-1)]] [[case(cmd == F_ADD_SEALS)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int seals [[flags(seals)]]);
[[error(-1)]] [[case(cmd == F_GET_SEALS)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[flags(seals)]];
[[error(-1)]] [[case(cmd == F_GETOWN || cmd == F_GETPIPE_SZ)]] int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]);
/* Any other command may have an argument. */
[[error(-1)]] [[case(cmd & ANY_COMMAND)]]
int fcntl(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], unsigned long argument [[hex]]);

/* The same: offsets have 64 bits in either. */
[[error(-1)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], ...);
[[error(-1)]] [[case(cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int lowest) [[fd]];
[[error(-1)]] [[case(cmd == F_GETFD)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[flags(fd_flags)]];
[[error(-1)]] [[case(cmd == F_SETFD)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int flags [[flags(fd_flags)]]);
[[error(-1)]] [[case(cmd == F_GETFL)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[flags(open_flags)]];
[[error(-1)]] [[case(cmd == F_SETFL)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int flags [[flags(open_flags)]]);
[[error(-1)]] [[case(cmd == F_SETLK || cmd == F_SETLKW || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct flock_request *lock [[in]]);
[[error(-1)]] [[case(cmd == F_GETLK || cmd == F_OFD_GETLK)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct flock64 *lock [[inout]]);
[[error(-1)]] [[case(cmd == F_SETSIG)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int signal [[signal]]);
[[error(-1)]] [[case(cmd == F_GETSIG)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[signal]];
[[error(-1)]] [[case(cmd == F_SETLEASE)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int lease [[enum(lock_types)]]);
[[error(-1)]] [[case(cmd == F_GETLEASE)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[enum(lock_types)]];
[[error(-1)]] [[case(cmd == F_NOTIFY)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int events [[flags(dnotify_events)]]);
[[error(-1)]] [[case(cmd == F_SETOWN_EX)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct f_owner_ex *owner [[in]]);
[[error(-1)]] [[case(cmd == F_GETOWN_EX)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], struct f_owner_ex *owner [[out]]);
[[error(-1)]] [[case(cmd == F_SETOWN || cmd == F_SETPIPE_SZ)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int argument);
[[error(-1)]] [[case(cmd == F_ADD_SEALS)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], int seals [[flags(seals)]]);
[[error(-1)]] [[case(cmd == F_GET_SEALS)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]) [[flags(seals)]];
[[error(-1)]] [[case(cmd == F_GETOWN || cmd == F_GETPIPE_SZ)]] int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]]);
[[error(-1)]] [[case(cmd & ANY_COMMAND)]]
int fcntl64(int fd [[fd]], int cmd [[enum(fcntl_cmds)]], unsigned long argument [[hex]]);

[[error(-1)]] int flock(int fd [[fd]], int operation [[flags(flock_operations)]]);
[[error(-1)]] int lockf(int fd [[fd]], int cmd [[enum(lockf_cmds)]], off_t length);
[[error(-1)]] int lockf64(int fd [[fd]], int cmd [[enum(lockf_cmds)]], off64_t length);
[[error(-1)]] int fsync(int fd [[fd]]);
[[error(-1)]] int fdatasync(int fd [[fd]]);
[[error(-1)]] int syncfs(int fd [[fd]]);
[[error(-1)]] int sync_file_range(int fd [[fd]], __off64_t offset, __off64_t count,
				  unsigned int flags [[flags(sync_file_range_flags)]]);
[[error(-1)]] int ftruncate(int fd [[fd]], __off_t length);
[[error(-1)]] int ftruncate64(int fd [[fd]], __off64_t length);
[[error(-1)]] int fallocate(int fd [[fd]], int mode [[flags(fallocate_modes)]], __off_t offset, __off_t length);
[[error(-1)]] int fallocate64(int fd [[fd]], int mode [[flags(fallocate_modes)]], __off64_t offset, __off64_t length);
[[error(returned)]] int posix_fallocate(int fd [[fd]], off_t offset, off_t length) [[errno]];
[[error(returned)]] int posix_fallocate64(int fd [[fd]], off64_t offset, off64_t length) [[errno]];
[[error(returned)]] int posix_fadvise(int fd [[fd]], off_t offset, off_t length,
				      int advice [[enum(fadvise_advice)]]) [[errno]];
[[error(returned)]] int posix_fadvise64(int fd [[fd]], off64_t offset, off64_t length,
					int advice [[enum(fadvise_advice)]]) [[errno]];

/* ---- metadata ---- */

[[error(-1)]] int stat(const char *file [[path]], struct stat *buf [[out]]);
[[error(-1)]] int stat64(const char *file [[path]], struct stat64 *buf [[out]]);
[[error(-1)]] int lstat(const char *file [[path]], struct stat *buf [[out]]);
[[error(-1)]] int lstat64(const char *file [[path]], struct stat64 *buf [[out]]);
[[error(-1)]] int fstat(int fd [[fd]], struct stat *buf [[out]]);
[[error(-1)]] int fstat64(int fd [[fd]], struct stat64 *buf [[out]]);
[[error(-1)]] int fstatat(int fd [[fd, enum(at_fds)]], const char *file [[path]], struct stat *buf [[out]],
			  int flags [[flags(at_flags)]]);
[[error(-1)]] int fstatat64(int fd [[fd, enum(at_fds)]], const char *file [[path]], struct stat64 *buf [[out]],
			    int flags [[flags(at_flags)]]);
[[error(-1)]] int statx(int fd [[fd, enum(at_fds)]], const char *path [[path]], int flags [[flags(statx_flags)]],
			unsigned int mask [[flags(statx_masks)]], struct statx *buf [[out]]);
/* What programs call that were built with glibc before 2.33; no header declares them any more. */
[[error(-1)]] int __xstat(int version, const char *file [[path]], struct stat *buf [[out]]);
[[error(-1)]] int __xstat64(int version, const char *file [[path]], struct stat64 *buf [[out]]);
[[error(-1)]] int __lxstat(int version, const char *file [[path]], struct stat *buf [[out]]);
[[error(-1)]] int __lxstat64(int version, const char *file [[path]], struct stat64 *buf [[out]]);
[[error(-1)]] int __fxstat(int version, int fd [[fd]], struct stat *buf [[out]]);
[[error(-1)]] int __fxstat64(int version, int fd [[fd]], struct stat64 *buf [[out]]);
[[error(-1)]] int __fxstatat(int version, int fd [[fd, enum(at_fds)]], const char *file [[path]],
		struct stat *buf [[out]],
			     int flags [[flags(at_flags)]]);
[[error(-1)]] int __fxstatat64(int version, int fd [[fd, enum(at_fds)]], const char *file [[path]],
		struct stat64 *buf [[out]],
			       int flags [[flags(at_flags)]]);
[[error(-1)]] int __xmknod(int version, const char *path [[path]], mode_t mode, dev_t *device [[in]]);
[[error(-1)]] int __xmknodat(int version, int fd [[fd, enum(at_fds)]], const char *path [[path]], mode_t mode,
			     dev_t *device [[in]]);

[[error(-1)]] int statfs(const char *file [[path]], struct statfs *buf [[out]]);
[[error(-1)]] int statfs64(const char *file [[path]], struct statfs64 *buf [[out]]);
[[error(-1)]] int fstatfs(int fd [[fd]], struct statfs *buf [[out]]);
[[error(-1)]] int fstatfs64(int fd [[fd]], struct statfs64 *buf [[out]]);
[[error(-1)]] int statvfs(const char *file [[path]], struct statvfs *buf [[out]]);
[[error(-1)]] int statvfs64(const char *file [[path]], struct statvfs64 *buf [[out]]);
[[error(-1)]] int fstatvfs(int fd [[fd]], struct statvfs *buf [[out]]);
[[error(-1)]] int fstatvfs64(int fd [[fd]], struct statvfs64 *buf [[out]]);
[[error(-1)]] int access(const char *name [[path]], int mode [[flags(access_modes)]]);
[[error(-1)]] int eaccess(const char *name [[path]], int mode [[flags(access_modes)]]);
[[error(-1)]] int euidaccess(const char *name [[path]], int mode [[flags(access_modes)]]);
[[error(-1)]] int faccessat(int fd [[fd, enum(at_fds)]], const char *file [[path]], int mode [[flags(access_modes)]],
			    int flags [[flags(access_flags)]]);
[[error(-1)]] int fchmod(int fd [[fd]], __mode_t mode);
[[error(-1)]] int fchmodat(int fd [[fd, enum(at_fds)]], const char *file [[path]], mode_t mode,
		int flags [[flags(at_flags)]]);
[[error(-1)]] int fchown(int fd [[fd]], __uid_t owner, __gid_t group);
[[error(-1)]] int fchownat(int fd [[fd, enum(at_fds)]], const char *file [[path]], __uid_t owner, __gid_t group,
			   int flags [[flags(at_flags)]]);
[[error(-1)]] int utimes(const char *file [[path]], const struct timeval times[2] [[in]]);
[[error(-1)]] int lutimes(const char *file [[path]], const struct timeval times[2] [[in]]);
[[error(-1)]] int futimes(int fd [[fd]], const struct timeval times[2] [[in]]);
[[error(-1)]] int futimesat(int fd [[fd, enum(at_fds)]], const char *file [[path]],
		const struct timeval times[2] [[in]]);
[[error(-1)]] int utimensat(int fd [[fd, enum(at_fds)]], const char *path [[path]],
		const struct timespec times[2] [[in]],
			    int flags [[flags(at_flags)]]);
[[error(-1)]] int futimens(int fd [[fd]], const struct timespec times[2] [[in]]);

/* ---- names ---- */

[[error(-1)]] int mkdirat(int fd [[fd, enum(at_fds)]], const char *path [[path]], mode_t mode);
[[error(-1)]] int mknodat(int fd [[fd, enum(at_fds)]], const char *path [[path]], mode_t mode, dev_t device);
[[error(-1)]] int mkfifoat(int fd [[fd, enum(at_fds)]], const char *path [[path]], mode_t mode);
[[error(-1)]] int unlinkat(int fd [[fd, enum(at_fds)]], const char *name [[path]], int flags [[flags(unlink_flags)]]);
[[error(-1)]] int linkat(int from_fd [[fd, enum(at_fds)]], const char *from [[path]], int to_fd [[fd, enum(at_fds)]],
			 const char *to [[path]],
			 int flags [[flags(at_flags)]]);
[[error(-1)]] int symlinkat(const char *from [[path]], int to_fd [[fd, enum(at_fds)]], const char *to [[path]]);
[[error(-1)]] int renameat(int old_fd [[fd, enum(at_fds)]], const char *old [[path]], int new_fd [[fd, enum(at_fds)]],
			   const char *new_name [[path]]);
[[error(-1)]] int renameat2(int old_fd [[fd, enum(at_fds)]], const char *old [[path]], int new_fd [[fd, enum(at_fds)]],
			    const char *new_name [[path]], unsigned int flags [[flags(rename_flags)]]);
[[error(-1)]] ssize_t readlink(const char *path [[path]], char *buf [[out, size(return)]], size_t room);
[[error(-1)]] ssize_t readlinkat(int fd [[fd, enum(at_fds)]], const char *path [[path]],
		char *buf [[out, size(return)]],
				 size_t room);
[[error(-1)]] ssize_t __readlink_chk(const char *path [[path]], char *buf [[out, size(return)]], size_t room,
		size_t real_room);
[[error(-1)]] ssize_t __readlinkat_chk(int fd [[fd, enum(at_fds)]], const char *path [[path]],
		char *buf [[out, size(return)]],
				       size_t room, size_t real_room);
[[error(NULL)]] char *getcwd(char *buf, size_t size) [[path]];
[[error(NULL)]] char *__getcwd_chk(char *buf, size_t size, size_t room) [[path]];
[[error(NULL)]] char *get_current_dir_name(void) [[path]];
[[error(NULL)]] char *getwd(char *buf) [[path]];
[[error(NULL)]] char *realpath(const char *name [[path]], char *resolved) [[path]];
[[error(NULL)]] char *__realpath_chk(const char *name [[path]], char *resolved, size_t room) [[path]];
[[error(NULL)]] char *canonicalize_file_name(const char *name [[path]]) [[path]];
[[error(-1)]] int fchdir(int fd [[fd]]);
[[error(-1)]] int mkstemp(char *name_template [[out, string]]) [[fd]];
[[error(-1)]] int mkstemp64(char *name_template [[out, string]]) [[fd]];
[[error(-1)]] int mkostemp(char *name_template [[out, string]], int flags [[flags(open_flags)]]) [[fd]];
[[error(-1)]] int mkostemp64(char *name_template [[out, string]], int flags [[flags(open_flags)]]) [[fd]];
[[error(-1)]] int mkstemps(char *name_template [[out, string]], int suffix_length) [[fd]];
[[error(-1)]] int mkstemps64(char *name_template [[out, string]], int suffix_length) [[fd]];
[[error(-1)]] int mkostemps(char *name_template [[out, string]], int suffix_length,
			    int flags [[flags(open_flags)]]) [[fd]];
[[error(-1)]] int mkostemps64(char *name_template [[out, string]], int suffix_length,
			      int flags [[flags(open_flags)]]) [[fd]];
[[error(NULL)]] char *mkdtemp(char *name_template) [[string]];
[[error(NULL)]] char *mktemp(char *name_template) [[string]];
[[error(NULL)]] char *tempnam(const char *dir [[path]], const char *prefix) [[path]];
[[error(NULL)]] char *tmpnam(char *buf) [[string]];
[[error(none)]] char *basename(const char *filename [[path]]) [[path]];
[[error(none)]] char *__xpg_basename(char *path) [[string]];
[[error(none)]] char *dirname(char *path [[in, string]]) [[string]];
[[error(none)]] int fnmatch(const char *pattern, const char *name, int flags [[flags(fnmatch_flags)]]);
int glob(const char *pattern, int flags [[flags(glob_flags)]], int (*on_error)(const char *, int),
	 glob_t *result [[out]]);
int glob64(const char *pattern, int flags [[flags(glob_flags)]], int (*on_error)(const char *, int),
	   glob64_t *result [[out]]);

/* ---- directories ---- */

[[error(NULL)]] DIR *fdopendir(int fd [[fd]]);
struct dirent *readdir(DIR *dir) [[out]];
struct dirent64 *readdir64(DIR *dir) [[out]];
[[error(-1)]] int dirfd(DIR *dir) [[fd]];
[[error(-1)]] int nftw(const char *dir [[path]], __nftw_func_t function, int descriptors,
		int flags [[flags(nftw_flags)]]);
[[error(-1)]] int nftw64(const char *dir [[path]], __nftw64_func_t function, int descriptors,
		int flags [[flags(nftw_flags)]]);
[[error(NULL)]] FTS *fts_open(char *const *paths [[strings]], int options [[flags(fts_flags)]],
			      int (*compare)(const FTSENT **, const FTSENT **));
[[error(NULL)]] FTS64 *fts64_open(char *const *paths [[strings]], int options [[flags(fts_flags)]],
				  int (*compare)(const FTSENT64 **, const FTSENT64 **));

/* ---- events ---- */

[[error(-1)]] int poll(struct pollfd *fds [[inout, size(count * 8)]], nfds_t count, int timeout);
[[error(-1)]] int __poll_chk(struct pollfd *fds [[inout, size(count * 8)]], nfds_t count, int timeout, size_t room);
[[error(-1)]] int ppoll(struct pollfd *fds [[inout, size(count * 8)]], nfds_t count,
			const struct timespec *timeout [[in]],
			const __sigset_t *mask [[in]]);
[[error(-1)]] int __ppoll_chk(struct pollfd *fds [[inout, size(count * 8)]], nfds_t count,
			      const struct timespec *timeout [[in]], const __sigset_t *mask [[in]], size_t room);
[[error(-1)]] int select(int count, fd_set *readable [[inout]], fd_set *writable [[inout]],
			 fd_set *exceptional [[inout]],
			 struct timeval *timeout [[inout]]);
[[error(-1)]] int pselect(int count, fd_set *readable [[inout]], fd_set *writable [[inout]],
			  fd_set *exceptional [[inout]],
			  const struct timespec *timeout [[in]], const __sigset_t *mask [[in]]);
[[error(-1)]] int epoll_create(int size) [[fd]];
[[error(-1)]] int epoll_create1(int flags [[flags(epoll_create_flags)]]) [[fd]];
[[error(-1)]] int epoll_ctl(int epfd [[fd]], int op [[enum(epoll_ops)]], int fd [[fd]],
			    struct epoll_event *event [[in]]);
[[error(-1)]] int epoll_wait(int epfd [[fd]], struct epoll_event *events [[out, size(return * 12)]], int most,
			     int timeout);
[[error(-1)]] int epoll_pwait(int epfd [[fd]], struct epoll_event *events [[out, size(return * 12)]], int most,
			      int timeout,
			      const __sigset_t *mask [[in]]);
[[error(-1)]] int epoll_pwait2(int epfd [[fd]], struct epoll_event *events [[out, size(return * 12)]], int most,
			       const struct timespec *timeout [[in]], const __sigset_t *mask [[in]]);
[[error(-1)]] int eventfd(unsigned int count, int flags [[flags(eventfd_flags)]]) [[fd]];
[[error(-1)]] int eventfd_read(int fd [[fd]], eventfd_t *value [[out]]);
[[error(-1)]] int eventfd_write(int fd [[fd]], eventfd_t value);
[[error(-1)]] int inotify_init(void) [[fd]];
[[error(-1)]] int inotify_init1(int flags [[flags(inotify_init_flags)]]) [[fd]];
[[error(-1)]] int inotify_add_watch(int fd [[fd]], const char *name [[path]], uint32_t mask [[flags(inotify_masks)]]);
[[error(-1)]] int inotify_rm_watch(int fd [[fd]], int watch);
[[error(-1)]] int fanotify_init(unsigned int flags [[hex]], unsigned int event_flags [[flags(open_flags)]]) [[fd]];

/* ---- mounts, attributes ---- */

[[error(-1)]] int mount(const char *special [[path]], const char *dir [[path]], const char *type,
			unsigned long flags [[flags(mount_flags)]], const void *data [[in, string]]);
[[error(-1)]] int umount2(const char *special [[path]], int flags [[flags(umount_flags)]]);
[[error(-1)]] int setxattr(const char *path [[path]], const char *name, const void *value [[in, size(size)]],
		size_t size,
			   int flags [[flags(xattr_flags)]]);
[[error(-1)]] int lsetxattr(const char *path [[path]], const char *name, const void *value [[in, size(size)]],
		size_t size,
			    int flags [[flags(xattr_flags)]]);
[[error(-1)]] int fsetxattr(int fd [[fd]], const char *name, const void *value [[in, size(size)]], size_t size,
			    int flags [[flags(xattr_flags)]]);
[[error(-1)]] ssize_t getxattr(const char *path [[path]], const char *name, void *value [[out, size(return)]],
		size_t size);
[[error(-1)]] ssize_t lgetxattr(const char *path [[path]], const char *name, void *value [[out, size(return)]],
		size_t size);
[[error(-1)]] ssize_t fgetxattr(int fd [[fd]], const char *name, void *value [[out, size(return)]], size_t size);
[[error(-1)]] ssize_t listxattr(const char *path [[path]], char *list [[out, size(return)]], size_t size);
[[error(-1)]] ssize_t llistxattr(const char *path [[path]], char *list [[out, size(return)]], size_t size);
[[error(-1)]] ssize_t flistxattr(int fd [[fd]], char *list [[out, size(return)]], size_t size);
[[error(-1)]] int fremovexattr(int fd [[fd]], const char *name);
[[error(-1)]] long pathconf(const char *path [[path]], int name [[enum(pathconf_names)]]);
[[error(-1)]] long fpathconf(int fd [[fd]], int name [[enum(pathconf_names)]]);

/* ---- what else takes names of files ---- */

[[error(-1)]] int chdir(const char *path [[path]]);
[[error(-1)]] int chroot(const char *path [[path]]);
[[error(-1)]] int mkdir(const char *path [[path]], __mode_t mode);
[[error(-1)]] int rmdir(const char *path [[path]]);
[[error(-1)]] int mkfifo(const char *path [[path]], __mode_t mode);
[[error(-1)]] int mknod(const char *path [[path]], __mode_t mode, __dev_t dev);
[[error(NULL)]] DIR *opendir(const char *name [[path]]);
[[error(-1)]] int scandir(const char *restrict dir [[path]], struct dirent ***restrict namelist,
		int (*selector)(const struct dirent *), int (*cmp)(const struct dirent **, const struct dirent **));
[[error(-1)]] int scandir64(const char *restrict dir [[path]], struct dirent64 ***restrict namelist,
		int (*selector)(const struct dirent64 *), int (*cmp)(const struct dirent64 **,
		const struct dirent64 **));
[[error(-1)]] int scandirat(int dfd, const char *restrict dir [[path]], struct dirent ***restrict namelist,
		int (*selector)(const struct dirent *), int (*cmp)(const struct dirent **, const struct dirent **));
[[error(-1)]] int scandirat64(int dfd, const char *restrict dir [[path]], struct dirent64 ***restrict namelist,
		int (*selector)(const struct dirent64 *), int (*cmp)(const struct dirent64 **,
		const struct dirent64 **));
[[error(-1)]] int ftw(const char *dir [[path]], __ftw_func_t func, int descriptors);
[[error(-1)]] int ftw64(const char *dir [[path]], __ftw64_func_t func, int descriptors);
[[error(-1)]] int unlink(const char *name [[path]]);
[[error(-1)]] int link(const char *from [[path]], const char *to [[path]]);
[[error(-1)]] int symlink(const char *from [[path]], const char *to [[path]]);
[[error(-1)]] int rename(const char *old [[path]], const char *new [[path]]);
[[error(-1)]] int remove(const char *filename [[path]]);
[[error(-1)]] int chmod(const char *file [[path]], __mode_t mode);
[[error(-1)]] int lchmod(const char *file [[path]], __mode_t mode);
[[error(-1)]] int chown(const char *file [[path]], __uid_t owner, __gid_t group);
[[error(-1)]] int lchown(const char *file [[path]], __uid_t owner, __gid_t group);
[[error(-1)]] int truncate(const char *file [[path]], __off_t length);
[[error(-1)]] int truncate64(const char *file [[path]], __off64_t length);
[[error(-1)]] int utime(const char *file [[path]], const struct utimbuf *file_times);
[[error(-1)]] int removexattr(const char *path [[path]], const char *name);
[[error(-1)]] int lremovexattr(const char *path [[path]], const char *name);
[[error(-1)]] int name_to_handle_at(int dfd, const char *name [[path]], struct file_handle *handle, int *mnt_id,
		int flags);
[[error(-1)]] int umount(const char *special_file [[path]]);
[[error(-1)]] int swapon(const char *path [[path]], int flags);
[[error(-1)]] int swapoff(const char *path [[path]]);
[[error(-1)]] int acct(const char *name [[path]]);
[[error(-1)]] int revoke(const char *file [[path]]);
[[error(-1)]] key_t ftok(const char *pathname [[path]], int proj_id);
[[error(NULL)]] FILE *fopen(const char *restrict filename [[path]], const char *restrict modes);
[[error(NULL)]] FILE *fopen64(const char *restrict filename [[path]], const char *restrict modes);
[[error(NULL)]] FILE *freopen(const char *restrict filename [[path]], const char *restrict modes,
		FILE *restrict stream);
[[error(NULL)]] FILE *freopen64(const char *restrict filename [[path]], const char *restrict modes,
		FILE *restrict stream);
