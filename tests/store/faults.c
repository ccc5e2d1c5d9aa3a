/* SPDX-License-Identifier: MIT */
/*
 * Owns the table of faults.h. A sandbox may answer any call with EPERM or ENOSYS: those are in every row, but for the
 * calls that POSIX gives no error. EFAULT, which is for memory that is not there, is in none. brk says no by returning
 * the end that was; libc's malloc then asks mmap, which is here.
 */
#include "faults.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#define PATH_ERRORS EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENOMEM, EIO, ESTALE
#define SPACE_ERRORS ENOSPC, EDQUOT, EROFS
#define SANDBOX_ERRORS EPERM, ENOSYS

static const struct fault_call calls[] = {
	{ SYS_close, "close", true, false, { EBADF, EINTR, EIO, ENOSPC, EDQUOT, SANDBOX_ERRORS } },
	{ SYS_clock_gettime, "clock_gettime", false, false, { EINVAL, ENODEV, SANDBOX_ERRORS } },
	{ SYS_fallocate, "fallocate", false, false,
	  { EBADF, EFBIG, EINTR, EINVAL, EIO, ENODEV, EOPNOTSUPP, ESPIPE, ETXTBSY, SPACE_ERRORS, SANDBOX_ERRORS } },
	{ SYS_fchmod, "fchmod", true, false, { EBADF, EIO, EROFS, ESTALE, EACCES, SANDBOX_ERRORS } },
	{ SYS_fcntl, "fcntl", false, false, { EBADF, EINVAL, EMFILE, EAGAIN, EACCES, SANDBOX_ERRORS } },
	{ SYS_fstat, "fstat", false, false, { EBADF, EIO, ENOMEM, EOVERFLOW, ESTALE, SANDBOX_ERRORS } },
	{ SYS_ftruncate, "ftruncate", false, false,
	  { EBADF, EFBIG, EINTR, EINVAL, EIO, EROFS, ENOSPC, ETXTBSY, SANDBOX_ERRORS } },
	{ SYS_futex, "futex", false, false, { EAGAIN, EINTR, EINVAL, SANDBOX_ERRORS } },
	{ SYS_getdents64, "getdents64", false, false, { EBADF, EINVAL, EIO, ENOENT, ENOTDIR, ESTALE, SANDBOX_ERRORS } },
	{ SYS_getrandom, "getrandom", false, false, { EAGAIN, EINTR, EINVAL, SANDBOX_ERRORS } },
	{ SYS_getrlimit, "getrlimit", false, false, { EINVAL, SANDBOX_ERRORS } },
	{ SYS_kcmp, "kcmp", false, false, { EBADF, EINVAL, ESRCH, SANDBOX_ERRORS } },
	{ SYS_kill, "kill", false, false, { EINVAL, ESRCH, SANDBOX_ERRORS } },
	{ SYS_linkat, "linkat", true, false,
	  { PATH_ERRORS, SPACE_ERRORS, EBADF, EEXIST, EINVAL, EMLINK, EXDEV, SANDBOX_ERRORS } },
	{ SYS_lseek, "lseek", false, false, { EBADF, EINVAL, ENXIO, EOVERFLOW, ESPIPE, SANDBOX_ERRORS } },
	{ SYS_madvise, "madvise", false, false, { EAGAIN, EBADF, EINVAL, EIO, ENOMEM, SANDBOX_ERRORS } },
	{ SYS_membarrier, "membarrier", false, false, { EINVAL, SANDBOX_ERRORS } },
	{ SYS_memfd_create, "memfd_create", false, false, { EINVAL, EMFILE, ENFILE, ENOMEM, EACCES, SANDBOX_ERRORS } },
	{ SYS_mkdirat, "mkdirat", true, false,
	  { PATH_ERRORS, SPACE_ERRORS, EBADF, EEXIST, EINVAL, EMLINK, SANDBOX_ERRORS } },
	{ SYS_mmap, "mmap", false, false,
	  { EACCES, EAGAIN, EBADF, EINVAL, EIO, ENFILE, ENODEV, ENOMEM, EOVERFLOW, ETXTBSY, SANDBOX_ERRORS } },
	{ SYS_mprotect, "mprotect", false, false, { EACCES, EINVAL, ENOMEM, SANDBOX_ERRORS } },
	{ SYS_munmap, "munmap", false, false, { EINVAL, ENOMEM, SANDBOX_ERRORS } },
	{ SYS_newfstatat, "newfstatat", false, false, { PATH_ERRORS, EBADF, EINVAL, EOVERFLOW, SANDBOX_ERRORS } },
	{ SYS_openat, "openat", false, false,
	  { PATH_ERRORS, SPACE_ERRORS, EBADF, EBUSY, EEXIST, EFBIG, EINTR, EINVAL, EISDIR, EMFILE, ENFILE, ENODEV, ENXIO,
	    EOPNOTSUPP, EOVERFLOW, ETXTBSY, EAGAIN, SANDBOX_ERRORS } },
	{ SYS_poll, "poll", false, false, { EINTR, EINVAL, ENOMEM, SANDBOX_ERRORS } },
	{ SYS_pread64, "pread64", false, true,
	  { EAGAIN, EBADF, EINTR, EINVAL, EIO, EISDIR, ENXIO, EOVERFLOW, ESPIPE, ESTALE, SANDBOX_ERRORS } },
	{ SYS_prlimit64, "prlimit64", false, false, { EINVAL, ESRCH, SANDBOX_ERRORS } },
	{ SYS_pwrite64, "pwrite64", false, true,
	  { EAGAIN, EBADF, EDESTADDRREQ, EDQUOT, EFBIG, EINTR, EINVAL, EIO, ENOSPC, ENXIO, EOVERFLOW, EPIPE, ESPIPE,
	    ESTALE, SANDBOX_ERRORS } },
	{ SYS_read, "read", false, true, { EAGAIN, EBADF, EINTR, EINVAL, EIO, EISDIR, ESTALE, SANDBOX_ERRORS } },
	{ SYS_readlink, "readlink", false, false, { PATH_ERRORS, EINVAL, SANDBOX_ERRORS } },
	{ SYS_renameat, "renameat", true, false,
	  { PATH_ERRORS, SPACE_ERRORS, EBADF, EBUSY, EEXIST, EINVAL, EISDIR, EMLINK, ENOTEMPTY, EXDEV, SANDBOX_ERRORS } },
	{ SYS_renameat2, "renameat2", true, false,
	  { PATH_ERRORS, SPACE_ERRORS, EBADF, EBUSY, EEXIST, EINVAL, EISDIR, EMLINK, ENOTEMPTY, EXDEV, SANDBOX_ERRORS } },
	{ SYS_rt_sigaction, "rt_sigaction", false, false, { EINVAL, SANDBOX_ERRORS } },
	{ SYS_rt_sigprocmask, "rt_sigprocmask", false, false, { EINVAL, SANDBOX_ERRORS } },
	{ SYS_sigaltstack, "sigaltstack", false, false, { EINVAL, ENOMEM, SANDBOX_ERRORS } },
	{ SYS_tgkill, "tgkill", false, false, { EAGAIN, EINVAL, ESRCH, SANDBOX_ERRORS } },
	{ SYS_unlinkat, "unlinkat", true, false,
	  { PATH_ERRORS, EBADF, EBUSY, EINVAL, EISDIR, EROFS, SANDBOX_ERRORS } },
	{ SYS_utimensat, "utimensat", true, false,
	  { PATH_ERRORS, EBADF, EINVAL, EROFS, ESRCH, SANDBOX_ERRORS } },
	{ SYS_write, "write", false, true,
	  { EAGAIN, EBADF, EDESTADDRREQ, EDQUOT, EFBIG, EINTR, EINVAL, EIO, ENOSPC, EPIPE, ESTALE, SANDBOX_ERRORS } },
	{ SYS_brk, "brk", false, false, { 0 } },
	{ SYS_getegid, "getegid", false, false, { 0 } },
	{ SYS_geteuid, "geteuid", false, false, { 0 } },
	{ SYS_getpid, "getpid", false, false, { 0 } },
	{ SYS_getppid, "getppid", false, false, { 0 } },
	{ SYS_gettid, "gettid", false, false, { 0 } },
};

const struct fault_call *fault_find(int number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}
