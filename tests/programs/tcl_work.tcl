# SPDX-License-Identifier: MIT
# What tcl.sh runs.

proc fibonacci {n} {
	expr {$n < 2 ? $n : [fibonacci [expr {$n - 1}]] + [fibonacci [expr {$n - 2}]]}
}
puts "fibonacci [fibonacci 18]"

for {set i 0} {$i < 5000} {incr i} {
	dict set numbers $i [expr {$i * 7919 % 5003}]
}
puts "dict [dict size $numbers] [lindex [lsort -integer [dict values $numbers]] 17]"
puts "regexp [regexp -all -inline {(\w)(\d+)} "a12 b34 c56"]"
puts "format [format %.12g [expr {atan2(1, 2) ** 2}]] [expr {2 ** 200}]"
puts "encoding [string length [encoding convertfrom utf-8 "\xc3\xa4\xe2\x82\xac"]]"
puts "clock [clock format 0 -gmt 1 -format %Y-%m-%dT%H:%M:%S]"
puts "catch [catch {error message} result options] $result [dict get $options -code]"

puts "exec [exec printf {%s\n} c a b | sort | tr -d \n]"
puts "failing [catch {exec sh -c {exit 7}} result options] [lindex [dict get $options -errorcode] 2]"
set pipe [open "|cat" r+]
fconfigure $pipe -buffering line
puts $pipe "through cat"
puts [gets $pipe]
close $pipe

set name [file join $env(TMPDIR) file]
set file [open $name w]
puts -nonewline $file [string repeat "line\n" 1000]
close $file
puts "file [file size $name] [llength [glob -directory $env(TMPDIR) *]]"
puts "zlib [string length [zlib decompress [zlib compress [string repeat abc 1000]]]]"

set ticks 0
proc tick {} {
	if {[incr ::ticks] == 20} {
		set ::done 1
	} else {
		after 1 tick
	}
}
after 1 tick
vwait done
puts "events $ticks"

set server [socket -server accept -myaddr 127.0.0.1 0]
proc accept {channel address port} {
	puts $channel "hello from the server"
	close $channel
}
set client [socket 127.0.0.1 [lindex [fconfigure $server -sockname] 2]]
fileevent $client readable {set line [gets $client]; set ready 1}
vwait ready
puts "socket $line"

coroutine generate apply {{} {
	yield
	for {set i 0} {$i < 3} {incr i} {
		yield $i
	}
	return end
}}
puts "coroutine [generate] [generate] [generate] [generate]"
interp create child
puts "child [child eval {expr {6 * 7}}]"
interp delete child
exit 0
