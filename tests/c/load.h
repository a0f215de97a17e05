/* A roster from the file that tests/roster_file.py writes; a program that cannot read it ends with 2. */
#ifndef LOAD_H
#define LOAD_H

#include <stdio.h>
#include <stdlib.h>

#include "../../csrc/engine.h"

static void *read_table(FILE *file, size_t size, int32_t *count) {
    if (fread(count, sizeof(*count), 1, file) != 1) exit(2);
    void *table = malloc(size * (size_t)*count + 1);
    if (!table || fread(table, size, (size_t)*count, file) != (size_t)*count) exit(2);
    return table;
}

static void load(CamData *data, const char *path) {
    FILE *file = fopen(path, "rb");
    int32_t count;
    if (!file || fread(&data->rules, sizeof(CamRules), 1, file) != 1) exit(2);
    data->characters = read_table(file, sizeof(CamCharacter), &data->num_characters);
    data->moves = read_table(file, sizeof(CamMove), &data->num_moves);
    data->hits = read_table(file, sizeof(CamHit), &data->num_hits);
    data->ops = read_table(file, sizeof(CamOp), &data->num_ops);
    data->entity_types = read_table(file, sizeof(CamEntityType), &data->num_entity_types);
    data->scrolls = read_table(file, sizeof(int16_t), &data->num_scrolls);
    data->companions = read_table(file, sizeof(int16_t), &data->num_companions);
    data->descriptors = read_table(file, CAM_DESCRIPTOR_SIZE * sizeof(float), &count);
    data->profiles = read_table(file, CAM_PROFILE_SIZE * sizeof(float), &count);
    fclose(file);
    CamUse *uses = malloc(sizeof(CamUse) * (size_t)data->num_moves + 1);
    if (!uses) exit(2);
    cam_measure_uses(data, uses);
    data->uses = uses;
    uint8_t *sources = malloc((size_t)data->num_entity_types + 1);
    if (!sources) exit(2);
    cam_find_sources(data, sources);
    data->sources = sources;
}

static void unload(CamData *data) {
    free((void *)data->characters); free((void *)data->moves); free((void *)data->hits); free((void *)data->ops);
    free((void *)data->entity_types); free((void *)data->scrolls); free((void *)data->companions); free((void *)data->descriptors);
    free((void *)data->profiles); free((void *)data->uses); free((void *)data->sources);
}

#endif
