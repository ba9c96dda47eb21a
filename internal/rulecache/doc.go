// Package rulecache keeps the compiled form of filter lists on disk, so that a
// run starts without parsing them.
//
// A cached table is used only when it was made from the same files, told by
// name, size and time of change, by the same version of the compiler; when its
// checksum is right; and when nobody else can have written it: the folder and
// the file belong to this user, no group and no other user may write to them,
// and neither is a symbolic link. Anything else is compiled again, and replaced
// in one step, so a reader sees the old table or the new one.
//
// The cache is an aid: when it can be neither read nor written, the lists are
// compiled and the reason is told beside the engine.
package rulecache
