package detector

import "testing"

func TestOpacity(t *testing.T) {
	for token, want := range map[string]bool{
		"0c8b4d4e-6a1f-4b57-9d35-0f6e0b3f7a21": true,
		"d41d8cd98f00b204e9800998ecf8427e":     true,
		"8Jq2FvNf0Yw3ZkSB7mQxT5rL":             true,
		"01HQ3K5ZJ8X9W2V4N6M7P0R1ST":           true,
		"4711081542":                           true,
		"20260304":                             false,
		"20260304123456":                       false,
		"opening-night-newsletter":             false,
		"HeroImageSpringSale2026Large":         false,
		"CamelCaseWordsStandForThemselves1":    false,
		"1024x768":                             false,
		"a1a1a1a1a1a1":                         true, // hexadecimal, whatever it is
		"A1A1A1x1A1A1A1x1":                     false,
		"v2.14.0-beta3":                        false,
	} {
		if got := opacity(token) > 0; got != want {
			t.Errorf("%s: opaque %v, want %v", token, got, want)
		}
	}
}

func TestShape(t *testing.T) {
	for token, want := range map[string]shape{
		"0c8b4d4e-6a1f-4b57-9d35-0f6e0b3f7a21": randomUUID,
		"0c8b4d4e-6a1f-1b57-9d35-0f6e0b3f7a21": timeUUID,
		"01890a5d-ac96-774b-bcce-b302099a8057": timeUUID,
		"d41d8cd98f00b204e9800998ecf8427e":     hexShape,
		"01HQ3K5ZJ8X9W2V4N6M7P0R1ST":           ulidShape,
		"eyJhbGciOiJIUzI1NiJ9.eyJ1IjoiMSJ9.x_": jwtShape,
		"4711081542":                           decimalShape,
		"8Jq2FvNf0Yw3ZkSB7mQxT5rL":             base64Shape,
		"8Jq2FvNf0Y":                           anyShape,
	} {
		if got := shapeOf(token); got != want {
			t.Errorf("%s: got %s, want %s", token, got, want)
		}
	}
}
