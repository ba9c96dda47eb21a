package lint

import "testing"

// TestPixelNames tells tags that write an open pixel by their name from others.
func TestPixelNames(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"{{ tracking_pixel }}": true, "{{{trackingPixel}}}": true, "{!! $open_pixel !!}": true, "<%= tracking_pixel_tag(@user) %>": true,
		"{{ email.track_pixel|safe }}": true, "{{ open_tracker }}": true, "*|TRACKING_PIXEL|*": true,
		"{{ tracking_number }}": false, "{{ tracking_url }}": false, "{{ pixel_art.title }}": false, "{{ t 'tracking_pixel' }}": false,
		"{# tracking_pixel #}": false, "{% if tracking_pixel %}{% endif %}": false, `<a href="{{ tracking_pixel }}">`: false, "{{ pixel }}": false,
	} {
		f, err := l.File("a.html", []byte(text), true, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := false
		for _, p := range f.Problems {
			got = got || p.Rule == "tracking-marker" && p.Level == "warning" && p.Column == 1
		}
		if got != want {
			t.Errorf("%s: %+v", text, f.Problems)
		}
	}
}
