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

/* Teams change places: first is the index of side 1's first fighter, count that of all. */
static int swap_index(int fighter, int first, int count) { return fighter < 0 ? fighter : fighter < first ? fighter + count - first : fighter - first; }

static uint16_t swap_bits(uint16_t bits, int first, int count) {
    return (uint16_t)((bits << (count - first) | bits >> first) & ((1 << count) - 1));
}

void cam_mirror(const CamState *state, CamState *out) {
    memcpy(out, state, sizeof(CamState));
    if (state->winner == 0 || state->winner == 1) out->winner = (int8_t)(1 - state->winner);
    const int first = team_of(state, 1).from, count = state->num_fighters;
    for (int i = 0; i < count; i++) {
        CamFighter *fighter = &out->fighters[swap_index(i, first, count)];
        *fighter = state->fighters[i];
        fighter->x = -fighter->x;
        fighter->vx = (int16_t)-fighter->vx;
        fighter->slide = (int16_t)-fighter->slide;
        fighter->mark_x = (int16_t)-fighter->mark_x;
        fighter->facing = (int8_t)-fighter->facing;
        fighter->side = (int8_t)(1 - fighter->side);
        fighter->grabbed_by = (int8_t)swap_index(fighter->grabbed_by, first, count);
        fighter->grabbing = (int8_t)swap_index(fighter->grabbing, first, count);
        for (int k = 0; k < CAM_MAX_HITS; k++) fighter->hit_struck[k] = swap_bits(fighter->hit_struck[k], first, count);
        for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
            CamEntity *entity = &fighter->entities[k];
            if (entity->type < 0) continue;
            entity->x = (int16_t)-entity->x;
            entity->vx = (int16_t)-entity->vx;
            entity->facing = (int8_t)-entity->facing;
            entity->side = (int8_t)(1 - entity->side);
            entity->struck = swap_bits(entity->struck, first, count);
        }
    }
}
