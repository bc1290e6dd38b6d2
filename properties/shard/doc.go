// Package shard is what a hunt on many machines needs beyond a hunt: which of them does what,
// what each leaves behind, and how that becomes one report. What starts the machines, and
// starts again those that died, is an engine that is there already: an array job of Slurm, an
// Indexed Job of Kubernetes, or another that numbers its tasks (see Which).
//
//	campaign   seeds, cut into as many shards as there are tasks
//	shard      consecutive seeds, cut into up to 32 ranges; each leaves a Record when it is finished
//	merge      records of any shards, each range once
//
// All leave their files under one folder, which may be shared by all machines, or copied
// together afterwards:
//
//	campaign-1f2e3d4c5b6a/     by the settings and the build: others are other campaigns
//	  3-of-8/                  one shard, whose files nobody else writes
//	    00.range               it has begun
//	    01.range ...           a range is finished: what was counted, how often what was found
//	    I31-si-EST-EST.trace   the first trace of a failure, made small
//
// Nothing is locked, since nothing has to be. A file is written beside its place and renamed,
// so it is there as a whole or not at all; its first line has a checksum, for disks and copies
// that do worse. A range that is finished is not run again, one that is not is run from its
// beginning, and a range is the same worlds whoever runs it: two machines that are the same
// shard, because an engine took one for dead, write the same. What a campaign adds up can be
// added in any order, the hash of all worlds too, so what is merged is what one machine would
// have said. A range that was run twice and was not the same run is a failure.
//
// # What limits a thousand shards
//
//   - Seeds: nothing. They have 64 bits, of which a thousand shards of ten million seeds each
//     take one in 1,800 million. Those of commits begin within 48 bits, so of 14,000 pairs of
//     commits one shares seeds, in campaigns of that size.
//   - Balance: seeds are dealt out beforehand, so the slowest machine is waited for. More shards
//     than machines even that out.
//   - Files: 33 records of some 8 KB for a shard, so 33,000 and 270 MB for a thousand, and as
//     many traces as there are kinds of failures in each, up to 20. No folder has more than
//     a shard's.
//   - Writing: 32 files in the life of a shard, each waited for until it is on the disk.
//   - Merging: every file is read once, some at a time, and forgotten. BenchmarkGather makes a
//     thousand shards: 7 seconds of processor time, which took 25 on a machine with two
//     cores and ten times as much to do. Far away files take the way there
//     33,000 times, divided by four times the cores.
//   - Lost work: a shard that dies loses the range that it was in, a 32nd of it, or of a small
//     one 500 seeds; one that is stopped by a signal too.
//   - The same failures: each shard makes small what it finds for itself, so a change that
//     breaks everything costs a thousand times what it costs one.
package shard
