// Package simpoller is the simulated epoll: it decides which readiness a wait
// reports, in which order, and what goes wrong with that.
//
// It keeps what Linux keeps: the registrations, and a list of descriptors that
// may be ready, in the order in which they became so.
//
//	Changed (from the kernel)  puts a registered descriptor into the list
//	Set                        does too, if it is ready for the new wish
//	Wait                       asks the kernel about each one in the list:
//	                             not ready: it leaves the list
//	                             level:     reported, and stays in the list
//	                             edge:      reported, and leaves the list
//	                             one-shot:  the same, and nothing enters it before
//	                                        the next Set
//	Closed                     forgets everything about the number
//
// So an edge-triggered report is due once for each change, tells all that is true
// at the time of the wait, and is lost on a program that does not act on it.
//
// Faults bend the report within what a kernel may do: interrupted, rotated,
// truncated, a line late or in two halves, readiness that is not there, a line
// for a descriptor that was closed in the meantime, a clock that leaps.
package simpoller
