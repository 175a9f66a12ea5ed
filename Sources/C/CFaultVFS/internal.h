#ifndef MILLWRIGHT_CFAULTVFS_INTERNAL_H
#define MILLWRIGHT_CFAULTVFS_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>

#include "CFaultVFS.h"

// What one device writes in one go (also where the medium's own sectors are larger: smaller tears are the harder case).
enum { SECTOR_BYTES = 512 };
// Files of one disk: a store has two, each database at most four.
enum { FILES_MAXIMUM = 64 };
// Unsynced writes that the page cache holds back; older ones are written back then, as a kernel does.
enum { UNSYNCED_BYTES_MAXIMUM = 64 << 20 };
enum { SHARED_REGIONS_MAXIMUM = 1024 };
enum { PATH_BYTES_MAXIMUM = 256 };

// Bytes that grow.
typedef struct {
    uint8_t *bytes;
    size_t count;
    size_t room;
} buffer;

// The wal-index of one database: lives as long as a connection to it.
typedef struct {
    int references;
    int regions_count;
    int region_bytes;
    void *regions[SHARED_REGIONS_MAXIMUM];
    int shared_locks[SQLITE_SHM_NLOCK];
    bool exclusive_locks[SQLITE_SHM_NLOCK];
} wal_index;

// A file's content. `live` is what readers see; `durable` is on the platter; `unsynced` is the way from one to the
// other: records of (offset, length, bytes), in which a length of TRUNCATION sets the size.
typedef struct {
    int references;
    unsigned role;
    buffer live;
    buffer durable;
    buffer unsynced;
    int shared_locks;
    bool has_reserved;
    bool has_pending;
    bool has_exclusive;
    wal_index *index;
} file_node;

static const uint64_t TRUNCATION = UINT64_MAX;

// A name leads to one file for readers, and perhaps to another, or none, after a power loss.
typedef struct {
    char name[64];
    file_node *live;
    file_node *durable;
} directory_entry;

typedef struct {
    millwright_rule rule;
    uint64_t seen;
} counted_rule;

struct millwright_disk {
    pthread_mutex_t mutex;
    int references;
    uint64_t number;
    uint64_t dice;
    // Connections of an older life are dead.
    uint64_t life;
    bool is_off;
    millwright_loss loss;
    uint64_t capacity;
    directory_entry entries[FILES_MAXIMUM];
    size_t entries_count;
    counted_rule rules[MILLWRIGHT_RULES_MAXIMUM];
    size_t rules_count;
    millwright_counts counts;
    millwright_injection last;
    bool has_last;
    millwright_disk *next;
};

// One open file of SQLite's.
typedef struct {
    sqlite3_file base;
    millwright_disk *disk;
    file_node *node;
    uint64_t life;
    int level;
    wal_index *index;
    uint32_t shared_slots;
    uint32_t exclusive_slots;
    // A name of a log or journal is made durable with its first sync, as SQLite's own unix VFS does it.
    bool syncs_directory;
    bool is_deleted_on_close;
    char name[64];
} open_file;

// content.c
bool buffer_resize(buffer *b, size_t count);
bool buffer_append(buffer *b, const void *bytes, size_t count);
void buffer_free(buffer *b);
file_node *node_make(unsigned role);
void node_release(file_node *node);
bool node_write(file_node *node, uint64_t offset, const uint8_t *bytes, size_t count);
bool node_truncate(file_node *node, uint64_t size);
bool node_sync(file_node *node);
void node_lose(file_node *node, millwright_loss loss, uint64_t *dice);
bool node_write_sectors(file_node *node, uint64_t offset, const uint8_t *bytes, size_t count, uint64_t *dice);

// faults.c
uint64_t dice_next(uint64_t *dice);
uint64_t dice_below(uint64_t *dice, uint64_t bound);
void count_operation(millwright_disk *disk, millwright_operation operation);
// The fault that hits this operation, or MILLWRIGHT_FAULT_COUNT.
millwright_fault draw_fault(millwright_disk *disk, millwright_operation operation, unsigned role, bool grows);
void note_fault(
    millwright_disk *disk, millwright_fault fault, millwright_operation operation, const char *file, int64_t offset,
    int64_t length);

// disk.c
millwright_disk *disk_retain(uint64_t number);
void disk_release(millwright_disk *disk);
directory_entry *disk_find(millwright_disk *disk, const char *name);
directory_entry *disk_entry(millwright_disk *disk, const char *name);
void disk_sync_directory(millwright_disk *disk);
uint64_t disk_used(const millwright_disk *disk);
void disk_lose_power(millwright_disk *disk);

// files.c
extern const sqlite3_io_methods millwright_io_methods;

// locks.c: all called with the disk's mutex held.
int lock_file(open_file *file, int level);
void unlock_file(open_file *file, int level);
bool is_reserved(const open_file *file);
int index_map(open_file *file, int region, int bytes, int extend, void volatile **into);
int index_lock(open_file *file, int offset, int count, int flags);
void index_unmap(open_file *file);

#endif
