package source

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// ratioFrom is from which size on the ratio of a gzip file is watched.
const ratioFrom = 1 << 20

var errGzipCut = errors.New("the compressed file is cut off")

// gzipError says in words of ours what is most often wrong.
func gzipError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errGzipCut
	}
	return err
}

// A gunzip decompresses a file and stops when it expands too much. It can be used again.
type gunzip struct {
	src   io.Reader
	in    int64
	out   int64
	ratio int
	zr    *gzip.Reader
	buf   [16 << 10]byte
	r, w  int
}

func (g *gunzip) reset(src io.Reader, ratio int) error {
	g.src, g.in, g.out, g.ratio, g.r, g.w = src, 0, 0, ratio, 0, 0
	var err error
	if g.zr == nil {
		g.zr, err = gzip.NewReader((*compressed)(g))
	} else {
		err = g.zr.Reset((*compressed)(g))
	}
	return gzipError(err)
}

// Read fails with ErrGzipRatio after the bytes that were within it.
func (g *gunzip) Read(p []byte) (int, error) {
	n, err := g.zr.Read(p)
	g.out += int64(n)
	if g.out > ratioFrom && g.out > g.in*int64(g.ratio) {
		return n, ratioError(g.ratio)
	}
	return n, gzipError(err)
}

// A ratioError is ErrGzipRatio with the limit.
type ratioError int

func (e ratioError) Error() string { return fmt.Sprintf("gzip ratio over %d", int(e)) }

func (ratioError) Is(target error) bool { return target == ErrGzipRatio }

// compressed is the side of a gunzip that the decompressor reads. It buffers, for
// the decompressor would else set a reader of its own before it, and counts what
// is used.
type compressed gunzip

func (c *compressed) fill() error {
	for c.r == c.w {
		n, err := c.src.Read(c.buf[:])
		c.r, c.w = 0, n
		if n == 0 && err != nil {
			return err
		}
	}
	return nil
}

func (c *compressed) Read(p []byte) (int, error) {
	if err := c.fill(); err != nil {
		return 0, err
	}
	n := copy(p, c.buf[c.r:c.w])
	c.r += n
	c.in += int64(n)
	return n, nil
}

func (c *compressed) ReadByte() (byte, error) {
	if err := c.fill(); err != nil {
		return 0, err
	}
	b := c.buf[c.r]
	c.r++
	c.in++
	return b, nil
}
