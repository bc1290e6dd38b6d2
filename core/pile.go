package core

import "slices"

// Pile is a list that grows and shrinks at its end, in pieces that stay where they are: a slice
// that grows leaves as much again behind, and then has room for a quarter more than there
// is. The zero value is empty.
type Pile[T any] struct{ pieces [][]T }

const (
	pileBits = 7
	pileSize = 1 << pileBits // entries of a piece
)

// Len returns how many entries there are.
func (p *Pile[T]) Len() int {
	n := len(p.pieces)
	if n == 0 {
		return 0
	}
	return (n-1)<<pileBits + len(p.pieces[n-1])
}

// At is the place of an entry, from 0.
func (p *Pile[T]) At(i int) *T { return &p.pieces[i>>pileBits][i&(pileSize-1)] }

// Push adds an entry at the end.
func (p *Pile[T]) Push(v T) {
	n := len(p.pieces)
	if n == 0 || len(p.pieces[n-1]) == pileSize {
		p.pieces = slices.Grow(p.pieces, 1)[:n+1]
		if p.pieces[n] == nil { // or one that was there
			p.pieces[n] = make([]T, 0, pileSize)
		}
		n++
	}
	last := &p.pieces[n-1]
	*last = append(*last, v)
}

// Pop takes the last entry away.
func (p *Pile[T]) Pop() {
	n := len(p.pieces) - 1
	last := &p.pieces[n]
	k := len(*last) - 1
	clear((*last)[k:])
	*last = (*last)[:k]
	if k == 0 {
		p.pieces = p.pieces[:n]
	}
}

// Emptied returns an empty pile, in the memory of this one, which must not be used any more.
func (p *Pile[T]) Emptied() Pile[T] {
	for i := range p.pieces {
		p.pieces[i] = p.pieces[i][:0]
	}
	return Pile[T]{p.pieces[:0]}
}
