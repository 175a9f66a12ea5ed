// A damaged database, read only: each page is taken from where it is whole, the log's last frame of it or the database,
// so that one damaged place costs that place and nothing behind it.
#include <stdlib.h>
#include <string.h>

#include "checked.h"

// The frames of a log one after the other.
typedef struct {
    sqlite3_file *log;
    log_header header;
    // Frames that the file has room for, and those that were marked as committed.
    uint32_t frames;
    uint32_t marked;
} frame_reader;

static bool open_frames(checked_file *database, sqlite3_int64 size, frame_reader *into) {
    into->log = database->salvaged_log;
    into->frames = size > LOG_HEADER_BYTES ? (uint32_t)((size - LOG_HEADER_BYTES) / FRAME_BYTES) : 0;
    log_mark mark = sums_read_mark(database);
    bool is_whole = into->frames && log_read_header(into->log, &into->header);
    if (!is_whole) {
        // The mark says what the damaged header said, but for the order of bytes, which is this machine's.
        const uint16_t one = 1;
        into->header.salts[0] = mark.salts[0];
        into->header.salts[1] = mark.salts[1];
        into->header.is_big = *(const uint8_t *)&one == 0;
    }
    log_mark verified;
    bool is_ours = memcmp(mark.salts, into->header.salts, sizeof mark.salts) == 0;
    // A mark of an earlier generation is about what is in the database, unless the log in between is gone.
    bool is_missed = !is_whole || is_ours || log_is_lost(&mark, into->log, &verified);
    into->marked = is_missed ? mark.frames : 0;
    return is_whole || mark.frames > 0;
}

// Whether a frame is what was written. In doubt: it is not, and what it says of its page may be what is wrong.
typedef enum { FRAME_WHOLE, FRAME_DAMAGED, FRAME_IN_DOUBT } frame_state;

// The format's checksum adds up words times Fibonacci numbers, modulo 2^32. For a bit of a word's upper ones these repeat
// within a page: a flipped bit there looks like one of another word. Below bit 21 the period is longer than a page.
enum { TELLING_BITS = 21 };

static int bit_within_word(int bit, bool is_big) {
    int byte = bit / 8 % 4;
    return (is_big ? 3 - byte : byte) * 8 + bit % 8;
}

// A flipped bit of what the checksum covers of a frame's header is found by trying: it says which page the frame is of.
static frame_state try_header_bits(const frame_reader *reader, uint8_t *frame, uint32_t checksum[2]) {
    for (int bit = 0; bit < 64; bit++) {
        frame[bit / 8] ^= (uint8_t)(1 << (bit % 8));
        if (log_add_frame(&reader->header, frame, checksum)) {
            if (bit_within_word(bit, reader->header.is_big) < TELLING_BITS) return FRAME_WHOLE;
            frame[bit / 8] ^= (uint8_t)(1 << (bit % 8));
            return FRAME_IN_DOUBT;
        }
        frame[bit / 8] ^= (uint8_t)(1 << (bit % 8));
    }
    return FRAME_DAMAGED;
}

// Reads frame `number`, checked on its own by what the frame before says.
static frame_state read_frame(const frame_reader *reader, uint32_t number, uint8_t frame[FRAME_BYTES]) {
    uint8_t before[8] = {0};
    sqlite3_int64 place = number == 0 ? 24 : frame_place(number - 1) + 16;
    memset(frame, 0, FRAME_BYTES);
    for (int attempt = 0; attempt < 2; attempt++) {
        if (read_firmly(reader->log, before, 8, place) != SQLITE_OK) continue;
        if (read_firmly(reader->log, frame, FRAME_BYTES, frame_place(number)) != SQLITE_OK) continue;
        uint32_t checksum[2] = {word(before), word(before + 4)};
        if (log_add_frame(&reader->header, frame, checksum)) return FRAME_WHOLE;
        if (attempt == 1) return try_header_bits(reader, frame, checksum);
    }
    return FRAME_DAMAGED;
}

static int set_latest(checked_file *database, uint32_t page, uint32_t frame) {
    if (page >= database->latest_room) {
        uint32_t room = database->latest_room ? database->latest_room : 1024;
        while (room <= page) room *= 2;
        uint32_t *latest = realloc(database->latest, room * sizeof(uint32_t));
        if (!latest) return SQLITE_IOERR_NOMEM;
        memset(latest + database->latest_room, 0, (room - database->latest_room) * sizeof(uint32_t));
        database->latest = latest;
        database->latest_room = room;
    }
    database->latest[page] = frame;
    return SQLITE_OK;
}

// The log's end: its last commit. Behind what was marked, the first frame that is not whole is the end of all.
static uint32_t committed_frames(const frame_reader *reader) {
    uint8_t frame[FRAME_BYTES];
    uint32_t end = reader->marked;
    for (uint32_t number = reader->marked; number < reader->frames; number++) {
        if (read_frame(reader, number, frame) != FRAME_WHOLE) break;
        if (word(frame + 4)) end = number + 1;
    }
    return end;
}

static int index_log(checked_file *database, const frame_reader *reader) {
    millwright_survey *survey = &database->survey;
    uint32_t end = committed_frames(reader);
    survey->frames = end;
    uint32_t there = end < reader->frames ? end : reader->frames;
    survey->missing_frames = end - there;
    survey->has_stale_pages = end > there;
    uint8_t frame[FRAME_BYTES];
    int code = SQLITE_OK;
    for (uint32_t number = 0; number < there && code == SQLITE_OK; number++) {
        frame_state state = read_frame(reader, number, frame);
        bool is_whole = state == FRAME_WHOLE;
        uint32_t page = word(frame);
        bool is_known = page > 0 && page <= survey->pages + there && word(frame + 8) == reader->header.salts[0];
        if (!is_whole) survey->damaged_frames++;
        if (!is_whole && (!is_known || state == FRAME_IN_DOUBT)) survey->has_stale_pages = true;
        if (is_known) code = set_latest(database, page, is_whole ? number + 1 : DAMAGED_FRAME);
        if (is_known && page > survey->pages) survey->pages = page;
    }
    return code;
}

int salvage_open(checked_file *database, sqlite3_vfs *base, const char *path) {
    sqlite3_int64 size = 0;
    int code = database->real->pMethods->xFileSize(database->real, &size);
    if (code != SQLITE_OK) return code;
    database->survey.pages = (uint64_t)(size / PAGE_BYTES);
    uint32_t synced = sums_synced_pages(database);
    if (synced > database->survey.pages) database->survey.pages = synced;
    int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
    code = open_beside(base, path, "-wal", flags, &database->salvaged_log, &database->log_path);
    // A log that is there and cannot be opened now is not one that is gone.
    if (code == SQLITE_CANTOPEN && !is_beside(base, path, "-wal")) code = SQLITE_OK;
    sqlite3_int64 logged = 0;
    if (code == SQLITE_OK && database->salvaged_log) {
        code = database->salvaged_log->pMethods->xFileSize(database->salvaged_log, &logged);
    }
    if (code != SQLITE_OK) return code;
    // One entry at least: that there is an index says that the database is salvaged.
    code = set_latest(database, 0, 0);
    frame_reader reader = {0};
    return code == SQLITE_OK && open_frames(database, logged, &reader) ? index_log(database, &reader) : code;
}

static page_state compose(checked_file *database, uint32_t page, uint8_t bytes[PAGE_BYTES]) {
    uint32_t frame = page < database->latest_room ? database->latest[page] : 0;
    if (frame == DAMAGED_FRAME) return PAGE_DAMAGED;
    if (frame) {
        int code = read_firmly(database->salvaged_log, bytes, PAGE_BYTES, frame_place(frame - 1) + FRAME_HEADER_BYTES);
        return code == SQLITE_OK ? PAGE_WHOLE : PAGE_DAMAGED;
    }
    page_state state = PAGE_DAMAGED;
    for (int attempt = 0; attempt < 2 && state == PAGE_DAMAGED; attempt++) {
        int code = read_firmly(database->real, bytes, PAGE_BYTES, (sqlite3_int64)(page - 1) * PAGE_BYTES);
        if (code == SQLITE_OK) state = sums_judge(database, page, bytes);
    }
    return state;
}

int salvage_read(checked_file *database, void *into, int count, sqlite3_int64 offset) {
    uint8_t bytes[PAGE_BYTES];
    uint32_t page = (uint32_t)(offset / PAGE_BYTES) + 1;
    sqlite3_int64 within = offset % PAGE_BYTES;
    if (page > database->survey.pages || within + count > PAGE_BYTES) {
        memset(into, 0, (size_t)count);
        return SQLITE_IOERR_SHORT_READ;
    }
    page_state state = compose(database, page, bytes);
    // The schema, which is what the first page is needed for, is the same in the copy.
    if (state == PAGE_DAMAGED && !(page == 1 && sums_first_page(database, bytes))) return SQLITE_IOERR_DATA;
    if (page == 1) {
        // As if there were no log, which is read already, and as many pages as there are.
        bytes[18] = bytes[19] = 1;
        for (int i = 0; i < 4; i++) bytes[28 + i] = (uint8_t)(database->survey.pages >> (24 - 8 * i));
        memcpy(bytes + 92, bytes + 24, 4);
    }
    memcpy(into, bytes + within, (size_t)count);
    return SQLITE_OK;
}

int salvage_survey(checked_file *database, millwright_survey *into) {
    uint8_t bytes[PAGE_BYTES];
    *into = database->survey;
    for (uint32_t page = 1; page <= into->pages; page++) {
        // SQLite never uses the page at this place, where its locks are.
        if ((sqlite3_int64)(page - 1) * PAGE_BYTES == 0x40000000) continue;
        page_state state = compose(database, page, bytes);
        if (state == PAGE_UNCHECKED) into->unchecked_pages++;
        if (state != PAGE_DAMAGED) continue;
        if (into->damaged_pages < MILLWRIGHT_PAGES_LISTED) into->listed[into->damaged_pages] = page;
        into->damaged_pages++;
    }
    return SQLITE_OK;
}
