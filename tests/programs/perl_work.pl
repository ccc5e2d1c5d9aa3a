# SPDX-License-Identifier: MIT
# What perl.sh runs.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Encode qw(decode encode);
use Fcntl qw(:flock);
use IO::Socket::UNIX;
use List::Util qw(sum shuffle);
use POSIX qw(:sys_wait_h floor strftime);
use Socket;
use Storable qw(freeze thaw);
use Time::HiRes qw(setitimer ITIMER_REAL);

$| = 1;

sub text_and_numbers {
	my $text = join ' ', map { "word$_=" . $_ * 7 } 1 .. 2000;
	my %found;
	while ($text =~ /(\w+?)(\d+)=(?<value>\d+)/g) {
		$found{$2} = $+{value};
	}
	print 'regex ', scalar(keys %found), ' ', sum(values %found), "\n";
	print 'sha256 ', sha256_hex($text), "\n";
	print 'encode ', length(encode('UTF-16LE', decode('UTF-8', "\xc3\xa4\xe2\x82\xac"))), "\n";
	print 'sort ', join(',', (sort { $b <=> $a || $a cmp $b } map { $_ * 7919 % 1009 } 1 .. 1000)[0 .. 4]), "\n";
	print 'storable ', thaw(freeze({ list => [1 .. 10] }))->{list}[9], "\n";
	print 'posix ', floor(-1.5), ' ', strftime('%Y-%m-%d', gmtime 86400), "\n";
	print 'sprintf ', sprintf('%.10g %s %x', 1 / 3, 'text', 255), "\n";
	print 'eval ', (eval { die { code => 42 } }, $@->{code}), "\n";
}

sub processes {
	pipe my $read, my $write or die;
	my @children;
	for my $n (1 .. 8) {
		my $child = fork;
		if (!$child) {
			close $read;
			syswrite $write, "$n\n";
			POSIX::_exit($n);
		}
		push @children, $child;
	}
	close $write;
	print 'pipe ', join(' ', sort map { s/\n//r } <$read>), "\n";
	print 'statuses ', join(' ', map { waitpid($_, 0); WEXITSTATUS($?) } @children), "\n";
	print 'backticks ', `echo out; exit 5`, $? >> 8, "\n";
	open my $sorted, '-|', 'printf "%s\n" c a b | sort' or die;
	print 'open ', map({ chomp; $_ } <$sorted>), "\n";
	close $sorted;
	my $killed = fork;
	if (!$killed) {
		POSIX::pause() while 1;
	}
	kill KILL => $killed;
	waitpid $killed, 0;
	print 'killed by ', $? & 127, "\n";
	print 'system ', system('false') >> 8, "\n";
}

sub signals {
	my ($alarms, $work) = (0, 0);
	local $SIG{ALRM} = sub { $alarms++ };
	setitimer(ITIMER_REAL, 0.001, 0.001);
	while ($alarms < 50) {
		$work += length(sprintf '%d', $work) > 0;
	}
	setitimer(ITIMER_REAL, 0);
	print "alarms came\n";
	local $SIG{USR1} = sub { die "out of the handler\n" };
	eval { kill USR1 => $$; 1 };
	print 'died ', $@;
}

sub sockets {
	my $path = "$ENV{TMPDIR}/socket";
	my $server = IO::Socket::UNIX->new(Local => $path, Listen => 5) or die;
	my $child = fork;
	if (!$child) {
		my $client = IO::Socket::UNIX->new(Peer => $path) or die;
		print $client "hello\n";
		print scalar <$client>;
		exit;
	}
	my $peer = $server->accept;
	print $peer 'echo ', scalar <$peer>;
	close $peer;
	waitpid $child, 0;
	open my $file, '>', "$ENV{TMPDIR}/file" or die;
	flock $file, LOCK_EX or die;
	print "locked\n";
}

text_and_numbers();
processes();
signals();
sockets();
END { print "end block\n" }
