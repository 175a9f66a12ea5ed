// Disks: their life, their directory, and what happens to them.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// All disks of the process, so that a path finds its own.
static pthread_mutex_t all_mutex = PTHREAD_MUTEX_INITIALIZER;
static millwright_disk *all_disks = NULL;
static uint64_t last_number = 0;

millwright_disk *millwright_disk_make(uint64_t seed) {
    millwright_disk *disk = calloc(1, sizeof(millwright_disk));
    if (!disk) return NULL;
    pthread_mutex_init(&disk->mutex, NULL);
    disk->references = 1;
    disk->dice = seed;
    disk->life = 1;
    pthread_mutex_lock(&all_mutex);
    disk->number = ++last_number;
    disk->next = all_disks;
    all_disks = disk;
    pthread_mutex_unlock(&all_mutex);
    return disk;
}

millwright_disk *disk_retain(uint64_t number) {
    pthread_mutex_lock(&all_mutex);
    millwright_disk *disk = all_disks;
    while (disk && disk->number != number) disk = disk->next;
    if (disk) disk->references++;
    pthread_mutex_unlock(&all_mutex);
    return disk;
}

void disk_release(millwright_disk *disk) {
    pthread_mutex_lock(&all_mutex);
    bool is_last = --disk->references == 0;
    pthread_mutex_unlock(&all_mutex);
    if (!is_last) return;
    for (size_t i = 0; i < disk->entries_count; i++) {
        node_release(disk->entries[i].live);
        node_release(disk->entries[i].durable);
    }
    pthread_mutex_destroy(&disk->mutex);
    free(disk);
}

void millwright_disk_discard(millwright_disk *disk) {
    pthread_mutex_lock(&all_mutex);
    millwright_disk **link = &all_disks;
    while (*link && *link != disk) link = &(*link)->next;
    if (*link) *link = disk->next;
    pthread_mutex_unlock(&all_mutex);
    disk_release(disk);
}

uint64_t millwright_disk_number(const millwright_disk *disk) { return disk->number; }

// MARK: - The directory

directory_entry *disk_find(millwright_disk *disk, const char *name) {
    for (size_t i = 0; i < disk->entries_count; i++) {
        if (strcmp(disk->entries[i].name, name) == 0) return &disk->entries[i];
    }
    return NULL;
}

directory_entry *disk_entry(millwright_disk *disk, const char *name) {
    directory_entry *found = disk_find(disk, name);
    if (found) return found;
    if (disk->entries_count == FILES_MAXIMUM || strlen(name) >= sizeof found->name) return NULL;
    found = &disk->entries[disk->entries_count++];
    *found = (directory_entry){0};
    strcpy(found->name, name);
    return found;
}

static void point(file_node **place, file_node *node) {
    if (*place == node) return;
    if (node) node->references++;
    node_release(*place);
    *place = node;
}

void disk_sync_directory(millwright_disk *disk) {
    for (size_t i = 0; i < disk->entries_count; i++) point(&disk->entries[i].durable, disk->entries[i].live);
}

uint64_t disk_used(const millwright_disk *disk) {
    uint64_t used = 0;
    for (size_t i = 0; i < disk->entries_count; i++) {
        if (disk->entries[i].live) used += disk->entries[i].live->live.count;
    }
    return used;
}

// MARK: - Power

// The connections of before are dead: their locks and their wal-index go with them.
static void end_life(millwright_disk *disk) {
    disk->life++;
    for (size_t i = 0; i < disk->entries_count; i++) {
        file_node *nodes[2] = {disk->entries[i].live, disk->entries[i].durable};
        for (int j = 0; j < 2; j++) {
            if (!nodes[j]) continue;
            nodes[j]->shared_locks = 0;
            nodes[j]->has_reserved = nodes[j]->has_pending = nodes[j]->has_exclusive = false;
            // Freed by the dead connection that lets go of it last.
            nodes[j]->index = NULL;
        }
    }
}

void disk_lose_power(millwright_disk *disk) {
    if (disk->is_off) return;
    disk->is_off = true;
    disk->counts.power_losses++;
    end_life(disk);
    // One draw for the directory: its changes are in one journal, so that they survive in their order or not at all.
    bool keeps_names = disk->loss == MILLWRIGHT_LOSS_NOTHING
        || (disk->loss == MILLWRIGHT_LOSS_DRAWN && dice_next(&disk->dice) % 2 == 0);
    if (keeps_names) disk_sync_directory(disk);
    for (size_t i = 0; i < disk->entries_count; i++) {
        directory_entry *entry = &disk->entries[i];
        point(&entry->live, entry->durable);
        if (entry->live) node_lose(entry->live, disk->loss, &disk->dice);
    }
}

void millwright_disk_power_off(millwright_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    disk_lose_power(disk);
    pthread_mutex_unlock(&disk->mutex);
}

bool millwright_disk_is_off(millwright_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    bool is_off = disk->is_off;
    pthread_mutex_unlock(&disk->mutex);
    return is_off;
}

void millwright_disk_power_on(millwright_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    disk->is_off = false;
    pthread_mutex_unlock(&disk->mutex);
}

void millwright_disk_kill(millwright_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    disk->counts.kills++;
    end_life(disk);
    pthread_mutex_unlock(&disk->mutex);
}

// MARK: - Settings

bool millwright_disk_add_rule(millwright_disk *disk, millwright_rule rule) {
    pthread_mutex_lock(&disk->mutex);
    bool fits = disk->rules_count < MILLWRIGHT_RULES_MAXIMUM;
    if (fits) disk->rules[disk->rules_count++] = (counted_rule){rule, 0};
    pthread_mutex_unlock(&disk->mutex);
    return fits;
}

void millwright_disk_clear_rules(millwright_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    disk->rules_count = 0;
    pthread_mutex_unlock(&disk->mutex);
}

void millwright_disk_set_capacity(millwright_disk *disk, uint64_t bytes) {
    pthread_mutex_lock(&disk->mutex);
    disk->capacity = bytes;
    pthread_mutex_unlock(&disk->mutex);
}

void millwright_disk_set_loss(millwright_disk *disk, millwright_loss loss) {
    pthread_mutex_lock(&disk->mutex);
    disk->loss = loss;
    pthread_mutex_unlock(&disk->mutex);
}
