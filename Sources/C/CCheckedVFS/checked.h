#ifndef MILLWRIGHT_CHECKED_INTERNAL_H
#define MILLWRIGHT_CHECKED_INTERNAL_H

#include <sqlite3.h>
#include <stddef.h>

#include "CCheckedVFS.h"

// https://www.sqlite.org/fileformat2.html#walformat
enum { PAGE_BYTES = 8192, LOG_HEADER_BYTES = 32, FRAME_HEADER_BYTES = 24, FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES };
// "MW": opcodes of our own, far from SQLite's (https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html).
enum { CONTROL_SURVEY = 0x4D570001 };

// How far the log was committed: in which generation, how many frames, and the running checksum of the last of them.
typedef struct {
    uint32_t checkpoint;
    uint32_t salts[2];
    uint32_t checksum[2];
    uint32_t frames;
    uint64_t sum;
} log_mark;

// The beginning of a log.
typedef struct {
    uint32_t checkpoint;
    uint32_t salts[2];
    uint32_t checksum[2];
    bool is_big;
} log_header;

// A frame that is damaged in place of a frame's number.
static const uint32_t DAMAGED_FRAME = UINT32_MAX;

typedef struct checked_file {
    sqlite3_file base;
    bool is_log;
    // Of a connection's log its database, and the other way around.
    struct checked_file *other;
    sqlite3_file *real;

    // Of a database: its checksums; NULL where there are none to be had.
    sqlite3_file *sums;
    const char *sums_path;
    bool syncs_marks;

    // Of a log: the last commit that was read back, and the one under way, in frames; 0 for none.
    log_mark verified;
    uint32_t pending;
    // From this frame on the transaction under way has written, and the sums of the pages that it wrote; 0: none.
    uint32_t open_from;
    uint64_t *open_sums;
    size_t open_room;

    // Of a database that is salvaged: its log, and for each page the log's frame that has it, from 1; 0 for none.
    sqlite3_file *salvaged_log;
    const char *log_path;
    uint32_t *latest;
    uint32_t latest_room;
    millwright_survey survey;
} checked_file;

static inline uint32_t word(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline int read_at(sqlite3_file *file, void *into, int count, sqlite3_int64 offset) {
    return file->pMethods->xRead(file, into, count, offset);
}

// Where a read that fails is taken for damage, it is tried several times: a disk that fails for a moment damages nothing,
// and one whose place is gone for good must not stop the node for ever.
static inline int read_firmly(sqlite3_file *file, void *into, int count, sqlite3_int64 offset) {
    int code = read_at(file, into, count, offset);
    for (int attempt = 1; attempt < 8 && code == SQLITE_IOERR_READ; attempt++) code = read_at(file, into, count, offset);
    return code;
}

static inline sqlite3_int64 frame_place(uint32_t frame) {
    return LOG_HEADER_BYTES + (sqlite3_int64)frame * FRAME_BYTES;
}

// vfs.c
// The file system below the checks of the one named `name`; itself where it has none. NULL where there is none.
sqlite3_vfs *unchecked_vfs(const char *name);
// Opens `path` + `suffix` on `base`. The name lives as long as the file, in `kept`.
int open_beside(
    sqlite3_vfs *base, const char *path, const char *suffix, int flags, sqlite3_file **file, const char **kept);
// Whether there is such a file, as far as can be told.
bool is_beside(sqlite3_vfs *base, const char *path, const char *suffix);
void close_beside(sqlite3_file **file, const char **kept);

// sums.c
uint64_t sum_of(const void *bytes, size_t count, uint64_t place);
// Whether a page is what was written, as far as is known.
typedef enum { PAGE_WHOLE, PAGE_UNCHECKED, PAGE_DAMAGED } page_state;
page_state sums_judge(const checked_file *database, uint32_t page, const void *bytes);
int sums_set(checked_file *database, uint32_t page, const void *bytes);
int sums_cut(checked_file *database, uint32_t pages);
int sums_sync(checked_file *database, uint32_t pages);
uint32_t sums_synced_pages(const checked_file *database);
int sums_write_mark(checked_file *database, log_mark mark);
log_mark sums_read_mark(const checked_file *database);
bool sums_first_page(const checked_file *database, void *into);

// log.c
bool log_read_header(sqlite3_file *log, log_header *into);
// Goes on with the running checksum over a frame. False where the frame is not what the checksum says.
bool log_add_frame(const log_header *header, const uint8_t *frame, uint32_t checksum[2]);
bool log_is_lost(const log_mark *mark, sqlite3_file *log, log_mark *verified);
int log_open(checked_file *log);
int log_read(checked_file *log, void *into, int count, sqlite3_int64 offset);
int log_write(checked_file *log, const void *bytes, int count, sqlite3_int64 offset);
int log_sync(checked_file *log, int flags);
void log_end_transaction(checked_file *log);

// salvage.c
int salvage_open(checked_file *database, sqlite3_vfs *base, const char *path);
int salvage_read(checked_file *database, void *into, int count, sqlite3_int64 offset);
int salvage_survey(checked_file *database, millwright_survey *into);

// files.c
extern const sqlite3_io_methods checked_methods;

#endif
