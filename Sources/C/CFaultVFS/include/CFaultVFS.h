#ifndef MILLWRIGHT_CFAULTVFS_H
#define MILLWRIGHT_CFAULTVFS_H

// A disk in memory that SQLite works on and that fails by plan: what is written lies in a page cache first, a sync
// makes it durable, and a power loss takes some of what was not synced. Any number of disks live in one process; each
// has its own files, faults and dice, and each is safe to use from several threads.
//
// A database on disk 17 is opened as "file:/17/node.db?vfs=millwright-fault" (https://www.sqlite.org/uri.html).

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct millwright_disk millwright_disk;

// What SQLite asks of the disk. Locks and shared memory are no operations of a disk.
typedef enum {
    MILLWRIGHT_OPERATION_OPEN = 0,
    MILLWRIGHT_OPERATION_READ,
    MILLWRIGHT_OPERATION_WRITE,
    MILLWRIGHT_OPERATION_SYNC,
    MILLWRIGHT_OPERATION_TRUNCATE,
    MILLWRIGHT_OPERATION_DELETE,
    MILLWRIGHT_OPERATION_COUNT
} millwright_operation;

// How an operation fails. "Silent" ones report success.
typedef enum {
    MILLWRIGHT_FAULT_OPEN_ERROR = 0,
    MILLWRIGHT_FAULT_READ_ERROR,
    // Silent: one bit of what is read is wrong; the next read is right again.
    MILLWRIGHT_FAULT_READ_FLIP,
    MILLWRIGHT_FAULT_WRITE_ERROR,
    // A part is written, then an error is reported.
    MILLWRIGHT_FAULT_SHORT_WRITE,
    // Silent: some sectors of what is written keep their old content.
    MILLWRIGHT_FAULT_TORN_WRITE,
    // Silent: nothing is written.
    MILLWRIGHT_FAULT_LOST_WRITE,
    // Silent: one bit of what is written is stored wrong.
    MILLWRIGHT_FAULT_WRITE_FLIP,
    // A write that would make a file larger finds no space.
    MILLWRIGHT_FAULT_DISK_FULL,
    MILLWRIGHT_FAULT_SYNC_ERROR,
    // Silent: the sync makes nothing durable.
    MILLWRIGHT_FAULT_LOST_SYNC,
    MILLWRIGHT_FAULT_TRUNCATE_ERROR,
    MILLWRIGHT_FAULT_DELETE_ERROR,
    // The power goes off during any operation that changes something.
    MILLWRIGHT_FAULT_POWER_LOSS,
    MILLWRIGHT_FAULT_COUNT
} millwright_fault;

// Which files a rule is about.
typedef enum {
    MILLWRIGHT_ROLE_DATABASE = 1,
    MILLWRIGHT_ROLE_LOG = 2,
    MILLWRIGHT_ROLE_JOURNAL = 4,
    MILLWRIGHT_ROLE_TEMPORARY = 8,
    // Everything that outlives a connection.
    MILLWRIGHT_ROLE_KEPT = 7
} millwright_role;

// What a power loss leaves of what was not synced.
typedef enum {
    // By the disk's dice: nothing, everything, a beginning, or any part of it, sector by sector.
    MILLWRIGHT_LOSS_DRAWN = 0,
    MILLWRIGHT_LOSS_ALL_UNSYNCED = 1,
    MILLWRIGHT_LOSS_NOTHING = 2
} millwright_loss;

// When a fault happens. Operations that the fault can hit on files of these roles are counted from 1; the rule fires
// for those numbered first ..< first + count, or, where first is 0, for each with a likelihood of so many in a million.
typedef struct {
    millwright_fault fault;
    uint32_t roles;
    uint64_t first;
    uint64_t count;
    uint32_t per_million;
} millwright_rule;

// The last fault that was injected.
typedef struct {
    millwright_fault fault;
    millwright_operation operation;
    // The disk's operations until then, this one included.
    uint64_t number;
    int64_t offset;
    int64_t length;
    char file[64];
} millwright_injection;

// Everything that was counted since the disk was made.
typedef struct {
    uint64_t operations[MILLWRIGHT_OPERATION_COUNT];
    uint64_t faults[MILLWRIGHT_FAULT_COUNT];
    uint64_t written_bytes;
    uint64_t flipped_bits;
    uint64_t power_losses;
    uint64_t kills;
} millwright_counts;

// The VFS's name, for an address's "vfs" parameter.
extern const char *const millwright_vfs_name;

// Registers the VFS once for the process; it is never SQLite's default. Returns an SQLite result code.
int millwright_vfs_register(void);

// Whether SQLite reads addresses ("file:…") without being asked to at each opening.
bool millwright_vfs_reads_addresses(void);

// Makes SQLite's own random numbers (log salts, temporary names) repeat. For the whole process.
void millwright_vfs_seed_sqlite(uint32_t seed);

// A new empty disk that is switched on; NULL where memory is short. The caller owns it until millwright_disk_discard.
millwright_disk *millwright_disk_make(uint64_t seed);

// Gives the disk up. It is freed once the last connection to it is closed.
void millwright_disk_discard(millwright_disk *disk);

// Its number, the first part of its files' paths.
uint64_t millwright_disk_number(const millwright_disk *disk);

// Adds a rule. False where there are too many (MILLWRIGHT_RULES_MAXIMUM).
bool millwright_disk_add_rule(millwright_disk *disk, millwright_rule rule);
void millwright_disk_clear_rules(millwright_disk *disk);
enum { MILLWRIGHT_RULES_MAXIMUM = 32 };

// Bytes that all files may have together; 0 for no limit. Beyond it writes that make a file larger find the disk full.
void millwright_disk_set_capacity(millwright_disk *disk, uint64_t bytes);

// What power losses leave, those of rules too.
void millwright_disk_set_loss(millwright_disk *disk, millwright_loss loss);

// Switches the power off: every open connection is dead from now on, and so is every opening until the power is back.
void millwright_disk_power_off(millwright_disk *disk);
bool millwright_disk_is_off(millwright_disk *disk);
void millwright_disk_power_on(millwright_disk *disk);

// The process that uses the disk ends without a word: its connections are dead, what it wrote stays in the page cache.
void millwright_disk_kill(millwright_disk *disk);

// Turns one bit of a file over, in the page cache and on the platter. False where there is no such byte.
bool millwright_disk_flip(millwright_disk *disk, const char *name, uint64_t offset, unsigned bit);

// Turns a bit of some kept file over, by the disk's dice. False where all are empty.
bool millwright_disk_flip_any(millwright_disk *disk);

// A file's size as a reader sees it; -1 where there is none. `name` is without the disk's number: "node.db-wal".
int64_t millwright_disk_size(millwright_disk *disk, const char *name);

// Copies from a file as a reader sees it; returns how many bytes there were.
size_t millwright_disk_copy(millwright_disk *disk, const char *name, uint64_t offset, void *into, size_t count);

// Puts a whole file there, durably, in place of what was. False where memory is short.
bool millwright_disk_put(millwright_disk *disk, const char *name, const void *bytes, size_t count);

// The name of the file at `index`, from 0, in the order in which they were made; NULL behind the last.
// Valid until the next call for this disk.
const char *millwright_disk_name(millwright_disk *disk, size_t index);

millwright_counts millwright_disk_counts(millwright_disk *disk);

// False where none was injected yet.
bool millwright_disk_last_injection(millwright_disk *disk, millwright_injection *into);

// Runs statements on the database at an address, on a connection of their own. SQLite's result code.
int millwright_vfs_execute(const char *address, const char *sql);

#endif
