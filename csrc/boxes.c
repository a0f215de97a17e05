/* Boxes, armour and guard: what can strike and what can be struck in a tick. Hits are judged by them, and shown by them. */

enum { CAM_STRUCK_STRIKE, CAM_STRUCK_PROJECTILE, CAM_STRUCK_GRAB };

static inline int boxes_meet(const CamBox *a, const CamBox *b) {
    return a->x0 <= b->x1 && b->x0 <= a->x1 && a->y0 <= b->y1 && b->y0 <= a->y1 && a->z0 <= b->z1 && b->z0 <= a->z1;
}

/* The box of a hit struck from a place in the world. */
static CamBox hit_box(const CamHit *hit, int32_t x, int32_t y, int32_t z, int facing) {
    int32_t near = x + facing * hit->x0, far = x + facing * hit->x1;
    return (CamBox){cam_min(near, far), cam_max(near, far), y - hit->depth, y + hit->depth, z + hit->z0, z + hit->z1};
}

/* The box of a fighter's own hit: Longarm's normals reach further. */
static CamBox body_hit_box(const CamFighter *fighter, const CamData *data, const CamMove *move, const CamHit *hit) {
    CamBox box = hit_box(hit, fighter->x, fighter->y, fighter->z, fighter->facing);
    if (move->category != CAM_CATEGORY_CHAIN || hit->x1 <= 0 || !has_trait(fighter, data, CAM_TRAIT_LONGARM)) return box;
    int32_t far = fighter->x + fighter->facing * cam_milli(hit->x1, data->rules.long_reach);
    box.x0 = cam_min(box.x0, far);
    box.x1 = cam_max(box.x1, far);
    return box;
}

static CamBox hurt_box(const CamFighter *fighter, const CamData *data) {
    const CamCharacter *character = &data->characters[fighter->character];
    int lies = fighter->state == CAM_STATE_KNOCKDOWN;
    int32_t half = lies ? character->hurt_height / 2 : character->hurt_half_x;
    int32_t height = lies ? data->rules.lying_height : character->hurt_height;
    return (CamBox){fighter->x - half, fighter->x + half, fighter->y - data->rules.hurt_y, fighter->y + data->rules.hurt_y,
                    fighter->z, fighter->z + height};
}

static CamBox entity_body(const CamEntity *entity, const CamEntityType *type) {
    int32_t half = type->kind == CAM_ENTITY_WALL ? type->radius : 300;
    int32_t depth = type->kind == CAM_ENTITY_WALL ? 2 * type->radius : 220;
    return (CamBox){entity->x - half, entity->x + half, entity->y - depth, entity->y + depth, entity->z, entity->z + type->body_height};
}

/* May a hit with these flags, struck that way, reach the fighter at all in its present state? */
static int is_open(const CamFighter *target, const CamData *data, int clock, int flags, int way) {
    if (clock < target->invulnerable_until) return 0;
    switch (target->state) {
        case CAM_STATE_KO: case CAM_STATE_SLIP: case CAM_STATE_RISING: case CAM_STATE_GRABBED: return 0;
        case CAM_STATE_KNOCKDOWN:
            if (!(flags & CAM_HIT_OTG) || target->otg_hits >= data->rules.max_otg || target->protection >= data->rules.protection_max) return 0;
            break;
        case CAM_STATE_LAUNCHED: case CAM_STATE_WALLBOUNCE:
            if (target->protection >= data->rules.protection_max || target->is_red) return 0;
            break;
        default: break;
    }
    if (target->move < 0) return 1;
    const CamMove *move = &data->moves[target->move];
    return !in_window(declared_tick(target, move, target->move_tick), move->inv_from[way], move->inv_to[way]);
}

static int has_push_body(const CamFighter *fighter, const CamData *data) {
    switch (fighter->state) {
        case CAM_STATE_KO: case CAM_STATE_SLIP: case CAM_STATE_KNOCKDOWN: case CAM_STATE_GRABBED: return 0;
        default: return !in_move(fighter) || !(data->moves[fighter->move].flags & CAM_MOVE_GHOST);
    }
}

static int32_t armour_level(const CamFighter *fighter, const CamData *data) {
    int32_t level = 0;
    if (has_effect(fighter, CAM_EFFECT_ARMOUR)) level = cam_max(level, fighter->effect_power[CAM_EFFECT_ARMOUR]);
    if (!in_move(fighter)) return is_free(fighter) && has_effect(fighter, CAM_EFFECT_ARMOUR) ? level : 0;
    const CamMove *move = &data->moves[fighter->move];
    const int32_t now = declared_tick(fighter, move, fighter->move_tick);
    if (in_window(now, move->armour_from, move->armour_to)) level = cam_max(level, move->armour_level + data->characters[fighter->character].base_poise);
    if (move->flags & CAM_MOVE_FINISHER && now < move->startup + move->active && has_trait(fighter, data, CAM_TRAIT_SECOND_SKIN)) level = cam_max(level, 1);
    return fighter->state == CAM_STATE_RECOVERY ? (has_effect(fighter, CAM_EFFECT_ARMOUR) ? level : 0) : level;
}

static int is_guarding(const CamFighter *fighter, const CamData *data) {
    if (fighter->state == CAM_STATE_BLOCKSTUN) return 1;
    if (!in_move(fighter)) return 0;
    const CamMove *move = &data->moves[fighter->move];
    return in_window(declared_tick(fighter, move, fighter->move_tick), move->guard_from, move->guard_to);
}

static int is_parrying(const CamFighter *fighter, const CamData *data) {
    if (!in_move(fighter)) return 0;
    const CamMove *move = &data->moves[fighter->move];
    return in_window(declared_tick(fighter, move, fighter->move_tick), move->parry_from, move->parry_to);
}

/* Is this the time at which the entity strikes, if it has a strike left? */
static inline int is_entity_active(const CamEntity *entity, const CamEntityType *type, const CamData *data) {
    if (type->hit < 0) return 0;
    const CamHit *hit = &data->hits[type->hit];
    switch (type->kind) {
        case CAM_ENTITY_PROJECTILE: return entity->age > 0;
        case CAM_ENTITY_ZONE: case CAM_ENTITY_ORBIT: return entity->age >= type->arm_ticks;
        default: return entity->strike_tick >= 0 && in_window(entity->strike_tick - type->strike_startup, hit->from, hit->to);
    }
}

/* ---- what is shown ---- */

static void show_move(const CamFighter *fighter, const CamData *data, CamShape *out) {
    const CamMove *move = &data->moves[fighter->move];
    const int32_t startup = scaled_startup(fighter, move), recovery = scaled_recovery(fighter, move);
    const int32_t now = declared_tick(fighter, move, fighter->move_tick);
    out->tick = fighter->move_tick;
    switch (fighter->state) {
        case CAM_STATE_STARTUP: out->phase_tick = (int16_t)(out->tick + 1), out->phase_ticks = (int16_t)startup; break;
        case CAM_STATE_ACTIVE: out->phase_tick = (int16_t)(out->tick - startup + 1), out->phase_ticks = move->active; break;
        case CAM_STATE_RECOVERY:
            out->phase_tick = (int16_t)(out->tick - startup - move->active + 1), out->phase_ticks = (int16_t)recovery;
            break;
        default: break;
    }
    for (int k = 0; k < move->num_hits; k++) {
        const CamHit *hit = &data->hits[move->first_hit + k];
        if (hit->flags & CAM_HIT_HELD) continue;   /* it strikes whom it holds, wherever that is */
        out->hits[k] = body_hit_box(fighter, data, move, hit);
        out->striking |= (uint8_t)((fighter->state == CAM_STATE_ACTIVE && in_window(now, hit->from, hit->to)) << k);
    }
}

static void show_entity(const CamEntity *entity, int slot, const CamData *data, CamShape *out) {
    const CamEntityType *type = &data->entity_types[entity->type];
    if (type->hit >= 0) out->entity_hits[slot] = hit_box(&data->hits[type->hit], entity->x, entity->y, entity->z, entity->facing);
    if (entity->age > 0) out->entities_striking |= (uint8_t)(is_entity_active(entity, type, data) << slot);
    if (entity->hp > 0) out->entity_bodies[slot] = entity_body(entity, type);
}

int cam_shape(const CamState *state, const CamData *data, int index, CamShape *out) {
    CamFighter fighter = state->fighters[index];
    const int clock = state->clock - 1;   /* between ticks it shows the next one's */
    memset(out, 0, sizeof(*out));
    out->tick = -1;
    if (fighter.character < 0 || fighter.character >= data->num_characters || fighter.move < -1 || fighter.move >= data->num_moves) return 0;
    if (in_move(&fighter)) {
        if (fighter.state != CAM_STATE_HOLD) fighter.move_tick = (int16_t)cam_max(fighter.move_tick - 1, 0);
        show_move(&fighter, data, out);
    }
    out->hurt = hurt_box(&fighter, data);
    out->has_push = (uint8_t)has_push_body(&fighter, data);
    out->is_safe = clock < fighter.invulnerable_until || fighter.state == CAM_STATE_SLIP;
    for (int way = CAM_STRUCK_STRIKE; way <= CAM_STRUCK_GRAB; way++) out->open |= (uint8_t)(is_open(&fighter, data, clock, 0, way) << way);
    out->armour = (uint8_t)cam_clamp(armour_level(&fighter, data), 0, UINT8_MAX);
    out->guard = (uint8_t)(is_guarding(&fighter, data) | is_parrying(&fighter, data) << 1);
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
        if (fighter.entities[k].type >= data->num_entity_types) return 0;
        if (fighter.entities[k].type >= 0) show_entity(&fighter.entities[k], k, data, out);
    }
    return 1;
}
