package auditstore

import "fmt"

const (
	applicationID = 0x70787377 // "pxsw"; SQLite keeps it in the header of the file
	schemaVersion = 1
)

// schema makes an empty store. What repeats from message to message (sender, who
// tracks and how) stands once, in sender and tracker; a message names its trackers
// as JSON: [[tracker, how many], …].
//
// known are the UIDs of a folder's messages, 1:40,42, so that a second audit need
// not read them one by one. Dates are in seconds since 1970, 0 where none is known. identity tells copies of
// one message from other messages.
var schema = fmt.Sprintf(`
PRAGMA application_id = %d;
PRAGMA user_version = %d;
CREATE TABLE folder (
	id INTEGER PRIMARY KEY,
	account TEXT NOT NULL,
	name TEXT NOT NULL,
	uidvalidity INTEGER NOT NULL,
	uidnext INTEGER NOT NULL,
	modseq INTEGER NOT NULL,
	known TEXT NOT NULL DEFAULT '',
	UNIQUE (account, name)
);
CREATE TABLE sender (
	id INTEGER PRIMARY KEY,
	address TEXT NOT NULL,
	domain TEXT NOT NULL,
	name TEXT NOT NULL,
	UNIQUE (address, domain, name)
);
CREATE TABLE tracker (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,
	severity TEXT NOT NULL,
	service TEXT NOT NULL,
	operator TEXT NOT NULL,
	category TEXT NOT NULL,
	site TEXT NOT NULL,
	evidence TEXT NOT NULL,
	form TEXT NOT NULL,
	UNIQUE (kind, severity, service, operator, category, site, evidence, form)
);
CREATE TABLE message (
	folder INTEGER NOT NULL REFERENCES folder,
	uid INTEGER NOT NULL,
	date INTEGER NOT NULL,
	identity BLOB NOT NULL,
	sender INTEGER NOT NULL REFERENCES sender,
	subject TEXT NOT NULL,
	verdict TEXT NOT NULL,
	score INTEGER NOT NULL,
	complete INTEGER NOT NULL,
	unsubscribe TEXT NOT NULL,
	trackers TEXT NOT NULL,
	PRIMARY KEY (folder, uid)
) WITHOUT ROWID;
`, applicationID, schemaVersion)
