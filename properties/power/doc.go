// Package power measures what a hunt is worth: the share of mistakes that it finds, of those
// that somebody listed (package mistakes) and of those that are made by rule (package mutate),
// how many worlds and how much time it takes, and which rule finds them.
//
// A campaign is bounded by a number of seeds and not by time, so that it finds the same on a
// busy machine; the numbers are those that take about 15 seconds of a processor, whichever the
// strategy; -bound ends one that a mistake has made slow. Its figures:
//
//	found   in how many campaigns, each with seeds of its own, a failure was found
//	worlds  how many were run up to the first failure, that one included: the median
//	CPU     seconds of processor time that they took, without shrinking: the median; of what
//	        kills the process it is not known
//	lines   of the shortest trace after shrinking
//	rule    of the first failure of the first campaign that has one
//	alone   how many mistakes no other strategy found, of those that were measured
//
// The strategies nth, pairs and guided run many worlds of each of their seeds, and all count. From
// the same seed they run the same worlds, as all do: one campaign says what they find there, and a
// few more, whose seeds are others, how much that was luck.
//
// All mistakes that are within functions are in one build (see mutate.Weave), which is a little
// slower than one without them. That build with no mistake chosen is the control: it has to find
// nothing.
//
// A survivor is a mutant that no campaign found. Somebody has to say of each why: a file has
// its key, and below, behind a tab, one of four words and a sentence:
//
//	equivalent   nothing that any run can show is different
//	unreachable  no world gets there, and a test of the packages does, or another command
//	oracle       it is different in worlds, and no rule objects: a rule is missing
//	world        a rule would object, but what it takes does not happen, or hardly ever
//
// What a hunt is worth is the share that it finds of those that are not equivalent: of all that
// any test could tell. Rules are missing for the others, or worlds, or nobody minds: a survivor
// that breaks no rule may be slower, or do what is right in another way, and a rule that forbids
// that would be a copy of the code.
//
// One thing is measured: soak's hash of all worlds says whether they are the same as in the
// control. If they are not, something can be seen, and no rule objects.
package power
