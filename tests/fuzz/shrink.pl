# SPDX-License-Identifier: MIT
#
# usage: perl shrink.pl DIRECTORY
# Makes a second, small record of each in DIRECTORY: libFuzzer cuts what is longer than its limit, and most of a record
# is room that nothing is in yet. Chunks of events and stacks end where they are used, and padding and regions are left
# out (the record itself has them).
use strict;
use warnings;

my %pool = map { $_ => 1 } 2, 3, 7, 9; # histograms, times, events, stacks: bytes used stand behind the chunk's head
my $most = 4096;

sub rounded { return ($_[0] + 63) & ~63 }

sub shrink {
	my ($in) = @_;
	my $at = rounded(unpack('L<', substr($in, 8, 4)));
	my $out = substr($in, 0, $at);

	while (length($in) - $at >= 64) {
		my ($magic, $kind, $size) = unpack('L<L<Q<', substr($in, $at, 16));
		last if $magic != 0x4b4e4843 || $size < 64;
		my $chunk = substr($in, $at, $size);
		if ($pool{$kind}) {
			my $used = rounded(64 + unpack('Q<', substr($chunk, 16, 8)));
			$used = $most if $used > $most;
			$chunk = substr($chunk, 0, $used) if $used < length($chunk);
			substr($chunk, 8, 8) = pack('Q<', length($chunk));
		}
		$out .= $chunk if $kind != 1 && $kind != 5 && $kind != 6;
		$at += $size;
	}
	return $out;
}

for my $name (glob("$ARGV[0]/*.record")) {
	local $/;
	open(my $in, '<:raw', $name) or die "$name: $!";
	my $small = shrink(scalar <$in>);
	open(my $out, '>:raw', "$name.small") or die "$name.small: $!";
	print $out $small;
	close($out) or die "$name.small: $!";
}
