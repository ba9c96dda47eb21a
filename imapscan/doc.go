// Package imapscan reads an IMAP mailbox as a stream of messages and finds what
// in them reports back to its sender.
//
// An audit reads for real only: folders are opened with EXAMINE and bodies fetched with
// BODY.PEEK, so that no flag of a message changes. Of each message the structure
// is read first, then its header and the parts that can hold references, never a
// picture or an attachment that cannot. Where the structure is odd the whole
// message is read, so that what is found is what [detector.Detector.Scan] finds.
//
// [Watcher] does the same with what arrives. [Cleaner] replaces messages by the same
// ones without what tracks; how that loses nothing stands at the type swapper.
//
// [Dial] makes a [Session], one connection that is logged in; [Scanner] reads
// folders over several of them and goes on after a break.
//
// The server is not trusted: a guard between the connection and go-imap bounds
// lines, literals and nesting, and a server that falls silent is given up. What an
// audit fetches is taken out behind the guard by a tap; the rest go-imap reads.
package imapscan
