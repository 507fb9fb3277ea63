package column

// Bitmap is one bit per row, row i in bit i%64 of word i/64.
type Bitmap []uint64

// Words is the length of a bitmap for n rows.
func Words(n int) int { return (n + 63) / 64 }

// Get tells whether bit i is set.
func (b Bitmap) Get(i int) bool { return b[i>>6]&(1<<(uint(i)&63)) != 0 }

// Set sets bit i.
func (b Bitmap) Set(i int) { b[i>>6] |= 1 << (uint(i) & 63) }

// Clear clears bit i.
func (b Bitmap) Clear(i int) { b[i>>6] &^= 1 << (uint(i) & 63) }
