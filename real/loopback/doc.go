// Package loopback is Linux as package kerneltest wants it: the process under
// test and its peers are all in this process, and talk over the loopback
// interface through the sockets of package real. It is for tests, of the real
// kernel and of the simulated one beside it.
//
// # When nothing is under way
//
// On the loopback interface most of what a call causes happens within the call.
// Acknowledgements are held back, so they are asked for and waited for. What is
// left is a soft interrupt that runs late on a busy machine: whoever sees a
// difference runs the script again with more patience before believing it.
package loopback
