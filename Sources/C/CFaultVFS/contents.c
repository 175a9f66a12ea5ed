// Looking at a disk's files from outside, and harming them.
#include <string.h>

#include "internal.h"

static file_node *live_node(millwright_disk *disk, const char *name) {
    directory_entry *entry = disk_find(disk, name);
    return entry ? entry->live : NULL;
}

static bool flip(millwright_disk *disk, file_node *node, uint64_t offset, unsigned bit) {
    if (!node || offset >= node->live.count) return false;
    uint8_t mask = (uint8_t)(1u << (bit % 8));
    node->live.bytes[offset] ^= mask;
    if (offset < node->durable.count) node->durable.bytes[offset] ^= mask;
    disk->counts.flipped_bits++;
    return true;
}

bool millwright_disk_flip(millwright_disk *disk, const char *name, uint64_t offset, unsigned bit) {
    pthread_mutex_lock(&disk->mutex);
    bool is_done = flip(disk, live_node(disk, name), offset, bit);
    pthread_mutex_unlock(&disk->mutex);
    return is_done;
}

bool millwright_disk_flip_any(millwright_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    bool is_done = false;
    uint64_t at = dice_below(&disk->dice, disk_used(disk));
    unsigned bit = (unsigned)dice_below(&disk->dice, 8);
    for (size_t i = 0; i < disk->entries_count && !is_done; i++) {
        file_node *node = disk->entries[i].live;
        if (!node) continue;
        is_done = flip(disk, node, at, bit);
        at -= node->live.count;
    }
    pthread_mutex_unlock(&disk->mutex);
    return is_done;
}

int64_t millwright_disk_size(millwright_disk *disk, const char *name) {
    pthread_mutex_lock(&disk->mutex);
    file_node *node = live_node(disk, name);
    int64_t size = node ? (int64_t)node->live.count : -1;
    pthread_mutex_unlock(&disk->mutex);
    return size;
}

size_t millwright_disk_copy(millwright_disk *disk, const char *name, uint64_t offset, void *into, size_t count) {
    pthread_mutex_lock(&disk->mutex);
    file_node *node = live_node(disk, name);
    size_t there = node && offset < node->live.count ? node->live.count - (size_t)offset : 0;
    if (there > count) there = count;
    if (there) memcpy(into, node->live.bytes + offset, there);
    pthread_mutex_unlock(&disk->mutex);
    return there;
}

static unsigned role_of(const char *name) {
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, "-wal") == 0) return MILLWRIGHT_ROLE_LOG;
    if (length > 8 && strcmp(name + length - 8, "-journal") == 0) return MILLWRIGHT_ROLE_JOURNAL;
    return MILLWRIGHT_ROLE_DATABASE;
}

bool millwright_disk_put(millwright_disk *disk, const char *name, const void *bytes, size_t count) {
    pthread_mutex_lock(&disk->mutex);
    directory_entry *entry = disk_entry(disk, name);
    file_node *node = entry ? node_make(role_of(name)) : NULL;
    bool is_done = node && node_write(node, 0, bytes, count) && node_sync(node);
    if (is_done) {
        node_release(entry->live);
        node_release(entry->durable);
        entry->live = entry->durable = node;
        node->references = 2;
    } else {
        node_release(node);
    }
    pthread_mutex_unlock(&disk->mutex);
    return is_done;
}

const char *millwright_disk_name(millwright_disk *disk, size_t index) {
    pthread_mutex_lock(&disk->mutex);
    const char *name = NULL;
    for (size_t i = 0; i < disk->entries_count && !name; i++) {
        if (disk->entries[i].live && index-- == 0) name = disk->entries[i].name;
    }
    pthread_mutex_unlock(&disk->mutex);
    return name;
}

millwright_counts millwright_disk_counts(millwright_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    millwright_counts counts = disk->counts;
    pthread_mutex_unlock(&disk->mutex);
    return counts;
}

bool millwright_disk_last_injection(millwright_disk *disk, millwright_injection *into) {
    pthread_mutex_lock(&disk->mutex);
    bool is_there = disk->has_last;
    if (is_there) *into = disk->last;
    pthread_mutex_unlock(&disk->mutex);
    return is_there;
}
