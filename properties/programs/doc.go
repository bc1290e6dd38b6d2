// Package programs has two small servers and a client that are not millrace's proxy, and are
// put into the same worlds: an echo server that is one loop over a bare poller, a line
// protocol with a state per connection on a core.Loop, and who asks servers for something until
// one answers. They are there to be read by who
// brings a program of their own, and they keep package properties honest: what it says of
// any program is tried with more than one.
package programs
