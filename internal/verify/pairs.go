package verify

// pairs is what belongs together in two lists, by their numbers.
type pairs struct {
	ofA, ofB []int32 // the other's number, -1 for none
}

func newPairs(a, b int) pairs {
	p := pairs{make([]int32, a), make([]int32, b)}
	for _, list := range [][]int32{p.ofA, p.ofB} {
		for i := range list {
			list[i] = -1
		}
	}
	return p
}

// pairUp joins what was kept of two recordings: first what has the same key,
// then, of what is left, what is alike otherwise.
func pairUp(a, b []kept) pairs {
	p := newPairs(len(a), len(b))
	join(p, a, b, func(k *kept) hash { return k.key })
	join(p, a, b, func(k *kept) hash { return k.like })
	return p
}

// join makes pairs of what has the same key in two lists and is in none yet,
// first in, first out.
func join[T any, K comparable](p pairs, a, b []T, key func(*T) K) {
	waiting := map[K][]int32{}
	for i := range b {
		if p.ofB[i] < 0 {
			k := key(&b[i])
			waiting[k] = append(waiting[k], int32(i))
		}
	}
	for i := range a {
		if p.ofA[i] >= 0 {
			continue
		}
		k := key(&a[i])
		if queue := waiting[k]; len(queue) > 0 {
			p.ofA[i], p.ofB[queue[0]] = queue[0], int32(i)
			waiting[k] = queue[1:]
		}
	}
}
