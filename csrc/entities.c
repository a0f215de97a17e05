/* What fighters leave in the world: projectiles, zones, traps, walls, companions, blades in orbit, clones, markers. */

enum { CAM_STRIKE_REST = 12,        /* ticks a companion or clone pauses after a strike */
       CAM_CATCH_SU = 320 };        /* a projectile that returns ends so near its owner */

/* Bit per slot in use. Most fighters have none, which one comparison tells: an empty slot's type is -1. */
static inline uint8_t live_entities(const CamFighter *fighter) {
    const CamEntity *slots = fighter->entities;
    int all = -1;
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) all &= slots[k].type;
    if (all == -1) return 0;
    uint32_t live = 0;
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) live |= (uint32_t)(slots[k].type >= 0) << k;
    return (uint8_t)live;
}

static inline void remove_entity(CamEntity *entity) {
    memset(entity, 0, sizeof(*entity));
    entity->type = -1;
}

/* Does the entity strike at this tick? */
static inline int entity_strikes(const CamEntity *entity, const CamEntityType *type, const CamData *data) {
    return entity->hits_left > 0 && is_entity_active(entity, type, data);
}

static int16_t stage_clamp(int32_t value, int32_t half) { return (int16_t)cam_clamp(value, -half, half); }

/* A free slot of the owner; the oldest of this type makes room when there are too many. */
static CamEntity *free_slot(CamFighter *owner, const CamData *data, const CamEntityType *type, int type_index) {
    CamEntity *empty = NULL, *oldest = NULL;
    int alive = 0, most = type->max_alive + (type->kind == CAM_ENTITY_TRAP && has_trait(owner, data, CAM_TRAIT_TRAPPER));
    for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
        CamEntity *entity = &owner->entities[k];
        if (entity->type < 0) { if (!empty) empty = entity; continue; }
        if (entity->type != type_index) continue;
        alive++;
        if (!oldest || entity->age > oldest->age) oldest = entity;
    }
    if (oldest && (!empty || alive >= most)) { remove_entity(oldest); return oldest; }
    return empty;
}

static void spawn_entities(CamState *state, const CamTick *tick, const CamData *data) {
    const CamRules *rules = &data->rules;
    for (int n = 0; n < tick->num_spawns; n++) {
        const CamSpawn *spawn = &tick->spawns[n];
        CamFighter *owner = &state->fighters[spawn->owner];
        const CamEntityType *type = &data->entity_types[spawn->type];
        int dx = world_x(owner, spawn->direction), dy = direction_y[spawn->direction];
        for (int copy = 0; copy < cam_max(type->copies, 1); copy++) {
            CamEntity *entity = free_slot(owner, data, type, spawn->type);
            if (!entity) break;
            int fan = 2 * copy - (cam_max(type->copies, 1) - 1);
            memset(entity, 0, sizeof(*entity));
            entity->type = spawn->type;
            entity->x = stage_clamp(spawn->x + spawn->facing * type->offset_x + dx * type->aim_x, rules->stage_half_x);
            entity->y = stage_clamp(spawn->y + dy * type->aim_x / 2, rules->stage_half_y);
            entity->z = (int16_t)cam_min(spawn->z + type->offset_z, 16000);
            entity->vx = (int16_t)(type->vx * spawn->facing);
            entity->vy = (int16_t)(type->vy * dy + type->spread * fan);
            entity->vz = type->vz;
            entity->ttl = type->ttl;
            int is_bonded = (type->kind == CAM_ENTITY_COMPANION || type->kind == CAM_ENTITY_CLONE) && has_trait(owner, data, CAM_TRAIT_BEAST_BOND);
            entity->hp = (int16_t)(is_bonded ? cam_milli(type->hp, rules->beast_hp) : type->hp);
            entity->phase = (int16_t)(type->kind == CAM_ENTITY_ORBIT ? 256 * copy / cam_max(type->copies, 1) : 0);
            entity->facing = spawn->facing;
            entity->side = owner->side;
            entity->hits_left = (uint8_t)cam_max(type->hits, 1);
            entity->durability = (uint8_t)type->durability;
            entity->strike_tick = -1;
        }
    }
}

/* Run at the nearest opponent until it is in reach, then strike. */
static void move_companion(const CamState *state, const CamTick *tick, CamEntity *entity, const CamEntityType *type, const CamData *data) {
    const CamHit *hit = type->hit >= 0 ? &data->hits[type->hit] : NULL;
    entity->vx = entity->vy = 0;
    if (entity->strike_tick >= 0) {
        if (hit && ++entity->strike_tick >= type->strike_startup + hit->to + CAM_STRIKE_REST) entity->strike_tick = -1, entity->struck = 0;
        return;
    }
    if (entity->age < type->arm_ticks) return;
    int target = nearest_target(tick, state->num_fighters, entity->side, entity->x, entity->y);
    if (target < 0) return;
    int32_t dx = tick->x[target] - entity->x, dy = tick->y[target] - entity->y;
    if (dx) entity->facing = (int8_t)cam_sign(dx);
    if (cam_abs(dx) <= type->radius && cam_abs(dy) <= type->radius / 2) { if (hit) entity->strike_tick = 0; return; }
    entity->vx = (int16_t)cam_clamp(dx, -type->speed, type->speed);
    entity->vy = (int16_t)cam_clamp(dy, -type->speed / 2, type->speed / 2);
}

/* 1024 * sin of 1/256 turns */
static int32_t circle_sine(int32_t turn) {
    static const int16_t quarter[65] = {
        0, 25, 50, 75, 100, 125, 150, 175, 200, 224, 249, 273, 297, 321, 345, 369, 392, 415, 438, 460, 483, 505,
        526, 548, 569, 590, 610, 630, 650, 669, 688, 706, 724, 742, 759, 775, 792, 807, 822, 837, 851, 865, 878, 891,
        903, 915, 926, 936, 946, 955, 964, 972, 980, 987, 993, 999, 1004, 1009, 1013, 1016, 1019, 1021, 1023, 1024, 1024};
    turn &= 255;
    int32_t half = turn & 127, value = half <= 64 ? quarter[half] : quarter[128 - half];
    return turn < 128 ? value : -value;
}

/* Round its owner: a circle in the mirror turns the other way, so facing decides. */
static void circle_owner(const CamFighter *owner, CamEntity *entity, const CamEntityType *type, const CamRules *rules) {
    entity->phase = (int16_t)((entity->phase + type->speed) & 255);
    entity->x = stage_clamp(owner->x + entity->facing * type->radius * circle_sine(entity->phase + 64) / 1024, rules->stage_half_x);
    entity->y = stage_clamp(owner->y + type->radius * circle_sine(entity->phase) / 1536, rules->stage_half_y);
    entity->z = (int16_t)cam_min(owner->z + type->offset_z, 16000);
}

/* Strike when the owner's own attack becomes active; look at the nearest opponent. */
static void copy_owner(const CamState *state, const CamTick *tick, const CamFighter *owner, CamEntity *entity, const CamEntityType *type, const CamData *data) {
    if (type->hit < 0) return;
    if (entity->strike_tick >= 0) {
        if (++entity->strike_tick >= type->strike_startup + data->hits[type->hit].to + CAM_STRIKE_REST) entity->strike_tick = -1, entity->struck = 0;
        return;
    }
    if (entity->age < type->arm_ticks || owner->state != CAM_STATE_ACTIVE || owner->state_ticks != 0) return;
    if (!(data->moves[owner->move].category & (CAM_CATEGORY_CHAIN | CAM_CATEGORY_SKILL | CAM_CATEGORY_ULTIMATE))) return;
    int target = nearest_target(tick, state->num_fighters, entity->side, entity->x, entity->y);
    int way = target < 0 ? 0 : cam_sign(tick->x[target] - entity->x);
    if (way) entity->facing = (int8_t)way;
    entity->strike_tick = 0;
}

/* Back to its owner, wherever that has gone. Ends in its hands. */
static void come_back(const CamFighter *owner, CamEntity *entity, const CamEntityType *type) {
    int32_t dx = owner->x - entity->x, dy = owner->y - entity->y, speed = cam_abs(type->vx);
    if (cam_abs(dx) <= CAM_CATCH_SU && cam_abs(dy) <= CAM_CATCH_SU) { entity->ttl = 1; return; }
    entity->vx = (int16_t)cam_clamp(dx, -speed, speed);
    entity->vy = (int16_t)cam_clamp(dy, -speed / 2, speed / 2);
    if (dx) entity->facing = (int8_t)cam_sign(dx);
}

static void move_projectile(const CamState *state, const CamTick *tick, const CamFighter *owner, CamEntity *entity, const CamEntityType *type) {
    if (type->returns && entity->phase == 0 && entity->ttl <= type->ttl / 2) entity->phase = 1, entity->struck = 0;
    if (entity->phase) { come_back(owner, entity, type); return; }
    entity->vz = (int16_t)(entity->vz - type->gravity);
    if (type->turn == 0) return;
    int target = nearest_target(tick, state->num_fighters, entity->side, entity->x, entity->y);
    if (target < 0) return;
    int way = cam_sign(tick->x[target] - entity->x);
    entity->vy = (int16_t)cam_clamp(entity->vy + cam_clamp(tick->y[target] - entity->y, -type->turn, type->turn), -cam_abs(type->vx), cam_abs(type->vx));
    if (way != entity->facing && entity->age % 2 == 0)
        entity->vx = (int16_t)cam_clamp(entity->vx + way * type->turn, -cam_abs(type->vx), cam_abs(type->vx));
}

static void watch_trap(const CamState *state, CamEntity *entity, const CamEntityType *type, const CamData *data) {
    if (entity->strike_tick >= 0) {
        entity->strike_tick++;
        if (type->hit < 0 || entity->strike_tick > type->strike_startup + data->hits[type->hit].to) entity->ttl = 0;
        return;
    }
    if (entity->age < type->arm_ticks) return;
    const CamTeam team = team_of(state, 1 - entity->side);
    for (int i = team.from; i < team.to; i++) {
        const CamFighter *other = &state->fighters[i];
        int is_near = cam_abs(other->x - entity->x) <= type->radius && cam_abs(other->y - entity->y) <= type->radius / 2;
        if (is_near && other->z < CAM_BODY_SU / 2 && other->state != CAM_STATE_KO && other->state != CAM_STATE_SLIP) entity->strike_tick = 0;
    }
}

static void behave(const CamState *state, const CamTick *tick, const CamFighter *owner, CamEntity *entity, const CamEntityType *type, const CamData *data) {
    switch (type->kind) {
        case CAM_ENTITY_COMPANION: move_companion(state, tick, entity, type, data); break;
        case CAM_ENTITY_PROJECTILE: move_projectile(state, tick, owner, entity, type); break;
        case CAM_ENTITY_TRAP: watch_trap(state, entity, type, data); break;
        case CAM_ENTITY_ORBIT: circle_owner(owner, entity, type, &data->rules); break;
        case CAM_ENTITY_CLONE: copy_owner(state, tick, owner, entity, type, data); break;
        default: break;
    }
}

/* Returns 0 if that was its end. */
static inline int move_entity(CamEntity *entity, const CamEntityType *type, const CamData *data) {
    const CamRules *rules = &data->rules;
    const int16_t rehit = type->hit >= 0 ? data->hits[type->hit].rehit : 0;
    int32_t x = entity->x + entity->vx;
    int at_wall = cam_abs(x) > rules->stage_half_x;
    if (at_wall && type->returns && entity->phase == 0) { at_wall = 0; entity->phase = 1; entity->struck = 0; }
    entity->x = stage_clamp(x, rules->stage_half_x);
    entity->y = stage_clamp(entity->y + entity->vy, rules->stage_half_y);
    entity->z = (int16_t)cam_clamp(entity->z + entity->vz, 0, 16000);
    int is_down = type->kind == CAM_ENTITY_PROJECTILE && type->gravity > 0 && entity->z == 0 && entity->vz < 0;
    entity->age++;
    if (rehit && entity->age % rehit == 0) entity->struck = 0;
    int ends = --entity->ttl <= 0 || entity->hits_left == 0 || (type->hp > 0 && entity->hp <= 0) ||
               (type->kind == CAM_ENTITY_PROJECTILE && at_wall) || (is_down && entity->age > 1 && entity->ttl > 2);
    if (is_down && entity->ttl > 2) { ends = 0; entity->ttl = 2; entity->vx = entity->vy = 0; }   /* a lob bursts where it lands */
    if (ends) remove_entity(entity);
    return !ends;
}

/* What later stages ask of an entity that has moved. */
static inline void sort_entity(CamTick *tick, int index, int slot, const CamEntity *entity, const CamEntityType *type, const CamData *data) {
    const int is_shot = type->kind == CAM_ENTITY_PROJECTILE && type->hit >= 0;
    tick->live[index] |= (uint8_t)(1 << slot);
    tick->shots[index] |= (uint8_t)(is_shot << slot);
    tick->strikers[index] |= (uint8_t)(entity_strikes(entity, type, data) << slot);
    tick->sides |= (uint8_t)(1 << entity->side);
    tick->has_shots |= (uint8_t)is_shot;
    tick->has_bodies |= entity->hp > 0;
}

/* Reads fighters, changes only entities: the order of fighters does not matter. */
static void move_entities(CamState *state, CamTick *tick, const CamData *data) {
    tick->sides = tick->has_shots = tick->has_bodies = 0;
    for (int i = 0; i < state->num_fighters; i++) {
        uint32_t rest = tick->live[i];
        tick->live[i] = tick->shots[i] = tick->strikers[i] = 0;
        for (; rest; rest &= rest - 1) {
            const int slot = cam_lowest_bit(rest);
            CamFighter *owner = &state->fighters[i];
            CamEntity *entity = &owner->entities[slot];
            if (entity->type < 0) continue;
            const CamEntityType *type = &data->entity_types[entity->type];
            behave(state, tick, owner, entity, type, data);
            if (move_entity(entity, type, data)) sort_entity(tick, i, slot, entity, type, data);
        }
    }
}
