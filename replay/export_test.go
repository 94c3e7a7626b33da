package replay

import (
	"slices"
	"time"
)

// VolatilePaths are the rows of the table of what is not compared.
func VolatilePaths() (paths []string) {
	for _, v := range volatile {
		paths = append(paths, v.path)
	}
	return paths
}

// WithoutVolatile takes a row away until restore is called.
func WithoutVolatile(row int) (restore func()) {
	all := volatile
	volatile = slices.Delete(slices.Clone(volatile), row, row+1)
	return func() { volatile = all }
}

// WithoutReadAhead has recordings played before anything of them is read, until restore is called.
func WithoutReadAhead() (restore func()) {
	readAhead = 0
	return func() { readAhead = 500 * time.Millisecond }
}
