// Package wire is what stands between go-imap and the socket: the connection, which
// gives up a server that is silent; COMPRESS; the guard, which bounds what a server
// may send; the log, without secrets and text of messages; and the tap, which reads
// the answers to FETCH in one go. It needs no login and knows nothing of folders.
package wire
