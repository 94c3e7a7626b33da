package filter

// seqs is a set of numbers of events. It is dense where they follow each other,
// and a damaged recording whose numbers leap does not make it large.
type seqs map[int64]*[pageBits / 64]uint64

const pageBits = 512

func (s *seqs) add(seq int64) {
	if *s == nil {
		*s = make(seqs)
	}
	page := (*s)[seq/pageBits]
	if page == nil {
		page = new([pageBits / 64]uint64)
		(*s)[seq/pageBits] = page
	}
	page[seq%pageBits/64] |= 1 << (seq % 64)
}

func (s seqs) remove(seq int64) {
	if page := s[seq/pageBits]; page != nil {
		page[seq%pageBits/64] &^= 1 << (seq % 64)
	}
}

func (s seqs) has(seq int64) bool {
	page := s[seq/pageBits]
	return page != nil && seq >= 0 && page[seq%pageBits/64]&(1<<(seq%64)) != 0
}
