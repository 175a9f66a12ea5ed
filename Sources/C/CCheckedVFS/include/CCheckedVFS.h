#ifndef MILLWRIGHT_CCHECKEDVFS_H
#define MILLWRIGHT_CCHECKEDVFS_H

// A file system for SQLite that finds out what the disk does not say: a bit that flipped, a page that was torn, written
// in vain or replaced by an old one, a commit that was there and is gone. It lies over another file system and keeps,
// beside each database "node.db", a file "node.db-sums": a checksum of every page, a copy of the first page, and how
// far the log was committed.
//
// What is not what was written is never handed out: opening or reading it fails with SQLITE_IOERR_DATA. The database's
// own format is untouched, so that every SQLite tool can read it. Who writes it with another tool removes "-sums".
//
// Databases must have pages of 8192 bytes; others are passed through unchecked.

#include <stdbool.h>
#include <stdint.h>

enum { MILLWRIGHT_PAGES_LISTED = 256 };

// Registers the file system `name` over the one named `base` (NULL: SQLite's default), once. `syncs_marks`: each
// commit's mark is synced too, so that a sync that the disk only pretended to make is found out after a power cut as
// well, for one more sync a commit. Returns an SQLite result code; SQLITE_MISUSE where SQLite takes no file addresses.
int millwright_checked_register(const char *name, const char *base, bool syncs_marks);

// What is damaged in a database and its log.
typedef struct {
    // Pages of the database as its log completes it, and those of them that are not what was written.
    uint64_t pages;
    uint64_t damaged_pages;
    uint32_t listed[MILLWRIGHT_PAGES_LISTED];
    // Pages that have no checksum (yet), or one that is damaged itself.
    uint64_t unchecked_pages;
    // Frames of the log that were committed, those that are damaged, and those that are missing at its end.
    uint64_t frames;
    uint64_t damaged_frames;
    uint64_t missing_frames;
    // Whether a damaged frame does not say which page it was of: that page is then an old one.
    bool has_stale_pages;
} millwright_survey;

// Reads all of a database that was opened with the parameter "salvage=1" of its address: whatever is whole can be read
// from it, in the log or the database, and what is not fails with SQLITE_IOERR_DATA. `connection`: an `sqlite3 *`.
// Returns an SQLite result code.
int millwright_checked_survey(void *connection, millwright_survey *into);

// What SQLite's own functions lack, below the checks of the file system named `vfs`; paths are plain. They return SQLite result codes.
int millwright_file_exists(const char *vfs, const char *path, bool *exists);
// Nothing happens where none is.
int millwright_file_remove(const char *vfs, const char *path);
// Makes a small file, durably.
int millwright_file_put(const char *vfs, const char *path, const void *bytes, int count);
// Copies `from` over `to`, durably.
int millwright_file_copy(const char *vfs, const char *from, const char *to);
// The same by renaming, where the file system is the operating system's.
int millwright_file_move(const char *vfs, const char *from, const char *to);

#endif
