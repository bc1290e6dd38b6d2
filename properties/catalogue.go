package properties

// invariants says of each invariant in one sentence what holds; the package
// comment says of each what went wrong without it.
var invariants = []struct{ id, sentence string }{
	{"I01", "a descriptor is open in the kernel if and only if it has an owner, and nothing is called on a closed one"},
	{"I02", "every verb moves a descriptor as the table of verbs says"},
	{"I03", "after a flush the poller's registrations are what the table thinks they are"},
	{"I04", "level-triggered: a descriptor nobody wants anything of is not registered"},
	{"I05", "every place in a list of the table and every back reference agree"},
	{"I06", "stopping and wanting again between two flushes costs no call"},
	{"I07", "a report reaches only the life of the number that it was made for"},
	{"I08", "the loop sleeps only if no descriptor and no task is ready"},
	{"I09", "no busy loop: rounds without a byte, a change or a pause do not go on"},
	{"I10", "what is wanted and reported is acted upon before the loop sleeps"},
	{"I11", "one report leads to one turn"},
	{"I12", "descriptors that are always ready do not starve the polled ones"},
	{"I13", "a connection's current level is what its descriptor was told"},
	{"I14", "the current level is the sock level while a handshake or a connect is pending, else the data level"},
	{"I15", "a wish made during a handshake is in force when the handshake is over"},
	{"I16", "nothing is wanted on the sock level once nothing is pending"},
	{"I17", "after an error nothing is polled and nothing is called but close"},
	{"I18", "establishment is announced exactly once"},
	{"I19", "a connection that carried bytes is confirmed"},
	{"I20", "one turn asks at most once how a connection is doing"},
	{"I22", "no data callback runs while a handshake is pending"},
	{"I23", "a callback after a close in the same turn does no I/O"},
	{"I24", "what was read and not sent is in the buffer"},
	{"I25", "a transfer that moved nothing names its cause"},
	{"I27", "an end of stream with an error behind it is an error, without one an end"},
	{"I28", "EINTR, EAGAIN and ENOTCONN are never errors"},
	{"I29", "bytes arrive in order, unchanged, and all of them before a FIN"},
	{"I31", "whoever has bytes to send wants to write, and will be told when it can"},
	{"I32", "whoever has room wants to read, and will be told when it can"},
	{"I33", "without room nobody wants to read"},
	{"I34", "with nothing to send nobody wants to write"},
	{"I35", "waiting for room or for data is what its name says"},
	{"I37", "a buffer holds no more than its size"},
	{"I38", "to_forward goes down by what passes, and holds nothing back while it is above 0"},
	{"I39", "a shutdown is asked for or done, not both, and never undone"},
	{"I40", "an end of stream travels on as soon as the last byte is gone, and everything ends in bounded time"},
	{"I41", "nothing is sent behind our FIN, and it is sent once"},
	{"I42", "after a half-close the other direction goes on"},
	{"I43", "a descriptor is open in CON and EST and in no other state, and is closed once"},
	{"I44", "at the end everything lent is back"},
	{"I45", "an end of stream before establishment is a failed connect"},
	{"I46", "a session has one reason, the first"},
	{"I47", "no attempt follows one that carried bytes, and there are no more than allowed"},
	{"I48", "bytes that came before an error are delivered before it counts"},
	{"I49", "a session that sleeps will be woken by a descriptor, a timer or a buffer"},
	{"I50", "the task wakes no later than its first deadline, and the clock never goes back"},
	{"I51", "a shut direction has no timer, an open one that waits has"},
	{"I52", "a session's run ends"},
	{"I53", "waking a task while it runs makes it run again"},
	{"I54", "a task is queued at most once"},
	{"I55", "level or edge, small buffers or large: the same peers see the same streams and reasons"},
	{"I56", "limits hold, and limit no longer than they must"},
	{"I57", "an idle session costs no call"},
	{"I58", "no call is made that the kernel has just refused, and a turn makes few of them"},
}

// Invariant returns the sentence of an invariant, "" if there is none.
func Invariant(id string) string {
	for _, inv := range invariants {
		if inv.id == id {
			return inv.sentence
		}
	}
	return ""
}
