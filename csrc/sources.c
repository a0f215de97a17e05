/* What HP is lost to, for those who count it. */

static int source_of(const CamMove *move, int is_slip) {
    if (is_slip) return CAM_SOURCE_SLIP;
    switch (move->category) {
        case CAM_CATEGORY_CHAIN: return CAM_SOURCE_CHAIN;
        case CAM_CATEGORY_SKILL: return CAM_SOURCE_SKILL;
        case CAM_CATEGORY_ULTIMATE: return CAM_SOURCE_ULTIMATE;
        case CAM_CATEGORY_SCROLL: return CAM_SOURCE_SCROLL;
        case CAM_CATEGORY_COMPANION: return CAM_SOURCE_COMPANION;
        default: return CAM_SOURCE_TRAIT;
    }
}

static void find_spawned(const CamData *data, const CamMove *move, int source, uint8_t *sources) {
    for (int k = 0; k < move->num_ops; k++) {
        const CamOp *op = &data->ops[move->first_op + k];
        if (op->code == CAM_OP_SPAWN) sources[op->a] = (uint8_t)source;
    }
}

void cam_find_sources(const CamData *data, uint8_t *sources) {
    for (int k = 0; k < data->num_entity_types; k++) sources[k] = CAM_SOURCE_TRAIT;
    for (int m = 0; m < data->num_moves; m++) find_spawned(data, &data->moves[m], source_of(&data->moves[m], 0), sources);
    for (int i = 0; i < data->num_characters; i++) {
        const CamCharacter *character = &data->characters[i];
        if (character->slip_entity >= 0) sources[character->slip_entity] = CAM_SOURCE_SLIP;
        if (character->slip_reply >= 0) find_spawned(data, &data->moves[character->slip_reply], CAM_SOURCE_SLIP, sources);
    }
}
