// Package mutate makes small mistakes in Go code by rule: a condition is negated, a statement
// left out, a constant another one. Nobody chose them, so they say more about a hunt than
// mistakes do that somebody had in mind.
//
//	Of       all mutants of a file, in the order of their places
//	Draw     so many of them, drawn by a seed: the same each time, and mostly the same after
//	         the code was changed elsewhere
//	Checker  which of them compile
//	Weave    many variants of files in one build, of which the environment chooses one
//
// A mutant is known by its Key: the file, the function, the rule and the code that it changes,
// and by no number of a line. Where that is the same in several places of a function they are
// counted.
//
// Nothing is changed outside of functions, in what prints (String, Error, AppendText), or in a call of
// BugOn: an assertion that fails is found at once, and one that is left out breaks nothing.
package mutate
