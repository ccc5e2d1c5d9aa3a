# SPDX-License-Identifier: MIT

# SC_REQUIRE_INSERT_SCRIPT
# src/x86_64/area.ld adds one section to the default layout of a shared object. GNU ld does that
# with -T and INSERT; other linkers take -T for a complete layout, or refuse it.
AC_DEFUN([SC_REQUIRE_INSERT_SCRIPT], [
	AC_CACHE_CHECK([whether the linker adds a section with -T and INSERT], [sc_cv_ld_insert], [
		sc_save_LDFLAGS=$LDFLAGS
		echo 'SECTIONS { .stubarea (NOLOAD) : ALIGN(4096) { *(.stubarea) } } INSERT AFTER .gcc_except_table;' >conftest.ld
		LDFLAGS="$LDFLAGS -shared -fPIC -Wl,-T,conftest.ld"
		AC_LINK_IFELSE([AC_LANG_SOURCE([[int sc_conftest;]])],
			[sc_cv_ld_insert=yes], [sc_cv_ld_insert=no])
		LDFLAGS=$sc_save_LDFLAGS
		rm -f conftest.ld
	])
	AS_IF([test "$sc_cv_ld_insert" != yes],
		[AC_MSG_ERROR([cannot reserve the stub area: GNU ld is needed (try LDFLAGS=-fuse-ld=bfd)])])
])
