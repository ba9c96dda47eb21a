package rewrite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	img "image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/pixelsweep/pixelsweep/detector"
)

// screenshot renders a body on a screen and returns the PNG of it.
func (b *browser) screenshot(body []byte) (shot []byte, err error) {
	b.n++
	b.mu.Lock()
	b.doc, b.at, b.seen, b.last = body, fmt.Sprintf("http://mail.invalid/%d", b.n), nil, time.Now()
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	err = chromedp.Run(ctx,
		emulation.SetDeviceMetricsOverride(800, 3000, 1, false),
		chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, _, _, err := page.Navigate(b.at).Do(ctx)
			return err
		}),
		b.idle(120),
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			shot, err = page.CaptureScreenshot().Do(ctx)
			return err
		}),
	)
	return shot, err
}

// A painter draws the images of a message: each in a colour of its own and of
// the size that the message states, but trackers as transparent pixels. An image
// that a rewrite took away or gave another URL shows.
type painter struct {
	trackers map[string]bool
	sizes    map[string]img.Point
}

func newPainter(t *testing.T, msg []byte, res *Result) *painter {
	p := &painter{map[string]bool{}, map[string]img.Point{}}
	for _, e := range res.Edits {
		p.trackers[sameURL(e.URL)] = true
	}
	rep, err := detector.New(nil).Scan(detector.Source{}, msg)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rep.References {
		if r.Width != nil && r.Height != nil {
			p.sizes[sameURL(r.URL)] = img.Pt(int(*r.Width), int(*r.Height))
		}
	}
	return p
}

func (p *painter) draw(url string) []byte {
	url = sameURL(url)
	if p.trackers[url] {
		return nil
	}
	size, ok := p.sizes[url]
	if !ok || size.X <= 0 || size.Y <= 0 || size.X > 2000 || size.Y > 2000 {
		size = img.Pt(60, 40)
	}
	h := fnv.New32a()
	h.Write([]byte(url))
	sum := h.Sum32()
	pic := img.NewPaletted(img.Rectangle{Max: size}, color.Palette{color.RGBA{byte(sum), byte(sum >> 8), byte(sum >> 16), 255}})
	var out bytes.Buffer
	png.Encode(&out, pic)
	return out.Bytes()
}

// differ counts the pixels in which two screenshots differ.
func differ(t *testing.T, a, b []byte) (n int, box img.Rectangle) {
	if bytes.Equal(a, b) {
		return 0, box
	}
	p, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	q, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if p.Bounds() != q.Bounds() {
		return -1, box
	}
	for y := p.Bounds().Min.Y; y < p.Bounds().Max.Y; y++ {
		for x := p.Bounds().Min.X; x < p.Bounds().Max.X; x++ {
			r1, g1, b1, _ := p.At(x, y).RGBA()
			r2, g2, b2, _ := q.At(x, y).RGBA()
			if r1 != r2 || g1 != g2 || b1 != b2 {
				n++
				box = box.Union(img.Rect(x, y, x+1, y+1))
			}
		}
	}
	return n, box
}

// TestChromiumLook compares how messages look before and after: of those that
// change, 99.5 % look the same to the pixel. PIXELSWEEP_SHOTS=DIR keeps the
// pictures of the others.
func TestChromiumLook(t *testing.T) {
	files, names := sample(t, 40)
	b := startBrowser(t)
	// A picture that is lost must show.
	b.draw = (&painter{}).draw
	if n, _ := b.compare(t, []byte(`<p>text</p><img src="https://a.example/p.png">`), []byte(`<p>text</p><img src="`+pixelURL+`">`), "lost"); n != 60*40 {
		t.Fatalf("a lost picture of 60x40 changes %d pixels", n)
	}
	bodiesSeen, same := 0, 0
	for i, msg := range files {
		res, err := Message(msg, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !res.Changed {
			continue
		}
		paint := newPainter(t, msg, &res)
		b.mu.Lock()
		b.draw = paint.draw
		b.mu.Unlock()
		was, is := bodies(msg), bodies(res.Data)
		if len(was) != len(is) {
			t.Errorf("%s: %d bodies became %d", names[i], len(was), len(is))
			continue
		}
		for k := range was {
			if bytes.Equal(was[k], is[k]) {
				continue
			}
			bodiesSeen++
			if n, box := b.compare(t, was[k], is[k], filepath.Base(names[i])+"-"+strconv.Itoa(k)); n != 0 {
				t.Logf("%s: body %d differs in %d pixels within %v", names[i], k+1, n, box)
			} else {
				same++
			}
		}
	}
	t.Logf("%d of %d changed bodies look the same", same, bodiesSeen)
	if bodiesSeen == 0 {
		t.Fatal("nothing was rewritten")
	}
	if float64(same) < 0.995*float64(bodiesSeen) {
		t.Errorf("%d bodies look different, more than 0.5 %%", bodiesSeen-same)
	}
}

// compare renders two bodies and counts the pixels that differ. What differs is
// looked at a second time: on a busy machine an image may have come late.
func (b *browser) compare(t *testing.T, was, is []byte, name string) (n int, box img.Rectangle) {
	for try := range 3 {
		before, err := b.screenshot(was)
		after, err2 := b.screenshot(is)
		if err = errors.Join(err, err2); err != nil {
			// A page that sends the browser elsewhere may take the tab with it.
			if try == 2 {
				t.Errorf("%s: %v", name, err)
				return -1, box
			}
			b.stop()
			b.start(t)
			continue
		}
		if n, box = differ(t, before, after); n == 0 {
			return n, box
		}
		if dir := os.Getenv("PIXELSWEEP_SHOTS"); dir != "" && try == 2 {
			os.WriteFile(filepath.Join(dir, name+"-before.png"), before, 0o600)
			os.WriteFile(filepath.Join(dir, name+"-after.png"), after, 0o600)
		}
	}
	return n, box
}
