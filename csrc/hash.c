/* A state's hash and mirror image. */

/* A state's size is a multiple of 8: its words are folded one by one. */
uint64_t cam_hash(const CamState *state) {
    const unsigned char *bytes = (const unsigned char *)state;
    const size_t size = cam_state_size(state->num_fighters);
    uint64_t hash = size;
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word = 0;
        for (int k = 7; k >= 0; k--) word = word << 8 | bytes[at + (size_t)k];   /* little-endian on every machine */
        hash = cam_mix(hash ^ word) + 0x9E3779B97F4A7C15u;
    }
    return hash;
}

static uint16_t swap_pairs(uint16_t bits) { return (uint16_t)((bits & 0x5555) << 1 | (bits & 0xAAAA) >> 1); }

static int8_t swap_index(int8_t fighter) { return fighter < 0 ? fighter : (int8_t)(fighter ^ 1); }

void cam_mirror(const CamState *state, CamState *out) {
    memcpy(out, state, sizeof(CamState));
    if (state->winner == 0 || state->winner == 1) out->winner = (int8_t)(1 - state->winner);
    for (int i = 0; i < state->num_fighters; i++) {
        CamFighter *fighter = &out->fighters[i];
        *fighter = state->fighters[i ^ 1];
        fighter->x = -fighter->x;
        fighter->vx = (int16_t)-fighter->vx;
        fighter->slide = (int16_t)-fighter->slide;
        fighter->mark_x = (int16_t)-fighter->mark_x;
        fighter->facing = (int8_t)-fighter->facing;
        fighter->side = (int8_t)(1 - fighter->side);
        fighter->grabbed_by = swap_index(fighter->grabbed_by);
        fighter->grabbing = swap_index(fighter->grabbing);
        for (int k = 0; k < CAM_MAX_HITS; k++) fighter->hit_struck[k] = swap_pairs(fighter->hit_struck[k]);
        for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
            CamEntity *entity = &fighter->entities[k];
            if (entity->type < 0) continue;
            entity->x = (int16_t)-entity->x;
            entity->vx = (int16_t)-entity->vx;
            entity->facing = (int8_t)-entity->facing;
            entity->side = (int8_t)(1 - entity->side);
            entity->struck = swap_pairs(entity->struck);
        }
    }
}
