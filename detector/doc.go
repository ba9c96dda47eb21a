// Package detector finds what in an email or a web page reports back to its
// sender. It performs no I/O: bytes go in, a report comes out.
package detector
