// Package conform is the command line that compares the simulated kernel with the Linux
// that it runs on, call by call. First come the recorded scripts, then scripts drawn at
// random, several at a time, for as long as it is told to.
//
//	conform                    about 20 seconds
//	conform -for 10m           longer
//	conform -seed 42 -seeds 1  one script
//	conform -mutate            recorded scripts, changed at random
//	conform FILE               these scripts, with Linux's answers
//
// A difference is shrunk and written to a file: beside the recorded scripts, if
// this is the Linux that those were recorded on, so that the tests fail until it
// is mended. FILE is any script in the language of package core/kerneltest, with
// or without answers.
//
// It exits with 0 if the kernels agree, 1 if they do not, 2 if it was called
// wrongly or cannot do its work.
package conform
