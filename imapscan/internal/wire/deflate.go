package wire

import (
	"bufio"
	"compress/flate"
	"io"
	"net"
)

// deflated is a connection after COMPRESS DEFLATE (RFC 4978): each direction is
// one raw deflate stream (RFC 1951), flushed after every write so that the other
// side can read all that was sent.
type deflated struct {
	net.Conn
	r io.ReadCloser
	w *flate.Writer
}

// Deflate wraps conn. r reads from it and may hold bytes that follow the
// server's OK.
func Deflate(conn net.Conn, r *bufio.Reader) net.Conn {
	w, err := flate.NewWriter(conn, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	return &deflated{Conn: conn, r: flate.NewReader(r), w: w}
}

func (d *deflated) Read(p []byte) (int, error) { return d.r.Read(p) }

func (d *deflated) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	if err != nil {
		return n, err
	}
	return n, d.w.Flush()
}
