package main

import (
	"io"
	"net"
	"sync"
	"time"
)

// proxy is a slow line to a server: what enters it comes out after a delay, and
// not faster than rate in each direction.
type proxy struct {
	address string
	target  string
	delay   time.Duration // of the way there and back
	rate    float64       // bytes a second
	l       net.Listener
	mu      sync.Mutex
	free    [2]time.Time // when the line is free again, by direction
}

func newProxy(target string, delay time.Duration, rate float64) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{address: l.Addr().String(), target: target, delay: delay, rate: rate, l: l}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p, nil
}

func (p *proxy) close() { p.l.Close() }

func (p *proxy) serve(c net.Conn) {
	defer c.Close()
	s, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer s.Close()
	var wg sync.WaitGroup
	for i, way := range [][2]net.Conn{{c, s}, {s, c}} {
		wg.Go(func() {
			p.carry(way[0], way[1], i)
			way[1].(*net.TCPConn).CloseWrite()
		})
	}
	wg.Wait()
}

// packet is on its way until at.
type packet struct {
	data []byte
	at   time.Time
}

// carry copies from one side to the other. All connections share the line.
func (p *proxy) carry(from, to net.Conn, way int) {
	line := make(chan packet, 64)
	go func() {
		defer close(line)
		for {
			buf := make([]byte, 16<<10)
			n, err := from.Read(buf)
			if n > 0 {
				line <- packet{buf[:n], p.leave(n, way).Add(p.delay / 2)}
			}
			if err != nil {
				return
			}
		}
	}()
	for k := range line {
		time.Sleep(time.Until(k.at))
		if _, err := to.Write(k.data); err != nil {
			io.Copy(io.Discard, from)
			for range line {
			}
			return
		}
	}
}

// leave waits for the line and returns when the last of n bytes has left.
func (p *proxy) leave(n, way int) time.Time {
	p.mu.Lock()
	start := time.Now()
	if p.free[way].After(start) {
		start = p.free[way]
	}
	end := start.Add(time.Duration(float64(n) / p.rate * float64(time.Second)))
	p.free[way] = end
	p.mu.Unlock()
	time.Sleep(time.Until(end) - time.Millisecond)
	return end
}
