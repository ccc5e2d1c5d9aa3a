# SPDX-License-Identifier: MIT
# What the compiler must accept, and what it is told when it does.

# SC_APPEND_FLAG(VARIABLE, FLAG)
# Appends FLAG to VARIABLE if the compiler takes it. -Werror, because clang only warns about
# options that it does not know.
AC_DEFUN([SC_APPEND_FLAG], [
	AS_VAR_PUSHDEF([cache], [sc_cv_cc_flag_$2])
	AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
		sc_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
		CFLAGS=$sc_save_CFLAGS
	])
	AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
	AS_VAR_POPDEF([cache])
])

# SC_REQUIRE_FLAG(VARIABLE, FLAG, REASON)
# The same, but there is no building without FLAG.
AC_DEFUN([SC_REQUIRE_FLAG], [
	sc_before=$$1
	SC_APPEND_FLAG([$1], [$2])
	AS_IF([test "$$1" = "$sc_before"],
		[AC_MSG_ERROR([$CC does not accept $2, and $3])])
])

# SC_WARNING_FLAGS
# WARN_CFLAGS: for every C file. WARN_CXXFLAGS: for the C++ of the tests.
AC_DEFUN([SC_WARNING_FLAGS], [
	WARN_CFLAGS=
	WARN_CXXFLAGS="-Wall -Wextra"
	m4_foreach_w([flag],
		[-Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes],
		[SC_APPEND_FLAG([WARN_CFLAGS], flag)])
	AS_IF([test "$enable_werror" = yes], [
		WARN_CFLAGS="$WARN_CFLAGS -Werror"
		WARN_CXXFLAGS="$WARN_CXXFLAGS -Werror"
	])
	AC_SUBST([WARN_CFLAGS])
	AC_SUBST([WARN_CXXFLAGS])
])

# SC_REQUIRE_HOST_FLAGS
# HOST_FLAGS: for code that runs inside other people's processes. It runs before libc has set up
# the stack protector, and its per-thread words must be reachable without __tls_get_addr.
# GENERAL_FLAGS: for code that runs between a caller and its target, where the vector registers
# hold arguments.
AC_DEFUN([SC_REQUIRE_HOST_FLAGS], [
	HOST_FLAGS=
	GENERAL_FLAGS=
	SC_REQUIRE_FLAG([HOST_FLAGS], [-ftls-model=initial-exec], [thread variables would call the loader])
	SC_REQUIRE_FLAG([HOST_FLAGS], [-fno-stack-protector], [the canary is not there yet when we start])
	SC_REQUIRE_FLAG([HOST_FLAGS], [-fcf-protection=full], [hosts with CET could not load us])
	SC_REQUIRE_FLAG([GENERAL_FLAGS], [-mgeneral-regs-only], [handlers would destroy vector arguments])
	AC_SUBST([HOST_FLAGS])
	AC_SUBST([GENERAL_FLAGS])
])

# SC_ENABLE_WERROR
AC_DEFUN([SC_ENABLE_WERROR], [
	AC_ARG_ENABLE([werror],
		[AS_HELP_STRING([--enable-werror], [treat warnings of the compilers as errors])],
		[], [enable_werror=no])
])

# SC_ENABLE_SANITIZERS
# SANITIZE_FLAGS: for the command and the unit tests. Never for the preload and the engine, which
# are loaded into programs that have no sanitizer run time.
AC_DEFUN([SC_ENABLE_SANITIZERS], [
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers=LIST],
			[build the command and the unit tests with -fsanitize=LIST (default LIST: address,undefined)])],
		[], [enable_sanitizers=no])
	AS_CASE([$enable_sanitizers],
		[no], [SANITIZE_FLAGS=],
		[yes], [SANITIZE_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all"],
		[SANITIZE_FLAGS="-fsanitize=$enable_sanitizers -fno-sanitize-recover=all"])
	AS_IF([test -n "$SANITIZE_FLAGS"], [
		AC_MSG_CHECKING([whether $CC links with $SANITIZE_FLAGS])
		sc_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS $SANITIZE_FLAGS"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
			[AC_MSG_RESULT([yes])],
			[AC_MSG_RESULT([no])
			 AC_MSG_ERROR([cannot link with $SANITIZE_FLAGS])])
		CFLAGS=$sc_save_CFLAGS
	])
	AC_SUBST([SANITIZE_FLAGS])
])
