package properties

import "slices"

// alignMost is how many pairs of two sequences are looked at; of longer ones only what they
// begin with is taken for common.
const alignMost = 1 << 22

// Align returns which elements of two sequences are the same, as many as can be in the order
// of both: pairs of places, rising. Of very long ones it returns what they begin with.
func Align[T any](a, b []T, same func(x, y T) bool) (pairs [][2]int) {
	i := 0
	for i < len(a) && i < len(b) && same(a[i], b[i]) {
		pairs = append(pairs, [2]int{i, i})
		i++
	}
	a, b = a[i:], b[i:]
	if len(a)*len(b) > alignMost {
		return pairs
	}
	// common[x*wide+y] is how many there are in a[x:] and b[y:].
	wide := len(b) + 1
	common := make([]int32, (len(a)+1)*wide)
	for x, v := range slices.Backward(a) {
		for y, u := range slices.Backward(b) {
			if same(v, u) {
				common[x*wide+y] = common[(x+1)*wide+y+1] + 1
			} else {
				common[x*wide+y] = max(common[(x+1)*wide+y], common[x*wide+y+1])
			}
		}
	}
	for x, y := 0, 0; x < len(a) && y < len(b); {
		switch {
		case same(a[x], b[y]):
			pairs = append(pairs, [2]int{i + x, i + y})
			x, y = x+1, y+1
		case common[(x+1)*wide+y] >= common[x*wide+y+1]:
			x++
		default:
			y++
		}
	}
	return pairs
}
