package detector

import "strconv"

// signalSize: the stated size leaves nothing to see.
func signalSize(m *matter) (Signal, bool) {
	if m.class != imageClass && m.class != frameClass || !m.box.HasWidth && !m.box.HasHeight {
		return Signal{}, false
	}
	w, h := dimension(m.box.Width, m.box.HasWidth), dimension(m.box.Height, m.box.HasHeight)
	detail := w + "×" + h
	switch {
	case m.class == frameClass:
		if m.tiny() {
			return m.signal(sizeFrame, detail)
		}
	case m.box.HasWidth && m.box.HasHeight && m.box.Width <= 1 && m.box.Height <= 1:
		return m.signal(sizeOne, detail)
	case m.tiny():
		return m.signal(sizeTiny, detail)
	}
	return Signal{}, false
}

func dimension(v float64, known bool) string {
	if !known {
		return "?"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
