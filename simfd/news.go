package simfd

// News returns how much there is on a descriptor that the program has not taken: bytes, one more
// for an end of stream, and for an error, or clients at the door. What it has shut, and what accept()
// lacked something for, is no news.
func (k *Kernel) News(num int) (n int) {
	if !k.IsOpen(num) {
		return 0
	}
	switch d := &k.nums[num]; {
	case d.lst != nil && d.lst.lacks == 0:
		return len(d.lst.queue)
	case d.sock != nil && !d.sock.shutR:
		s := d.sock
		if s.in.Unread() > 0 && s.enough(s.in.Waiting()) {
			n = s.in.Unread()
		}
		return n + b2i(s.in.FinIn() && !s.ended) + b2i(s.err != 0)
	}
	return 0
}
