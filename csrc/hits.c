/* Hits: who strikes whom (gather), what comes of it (judge), and what it does (apply). Gathering and judging read one
   snapshot; applying changes attackers first, then victims, so the order of contacts cannot favour a side. */

enum { CAM_OUTCOME_DROP, CAM_OUTCOME_HIT, CAM_OUTCOME_COUNTER, CAM_OUTCOME_ARMOUR, CAM_OUTCOME_GUARD, CAM_OUTCOME_PARRY,
       CAM_OUTCOME_GRAB, CAM_OUTCOME_TECH };

/* A grab needs a standing target that is not protected; in a stun only if the grabber's own string put it there. */
static int is_grabbable(const CamState *state, const CamFighter *grabber, const CamFighter *target) {
    if (target->z > 0 || state->clock < target->grab_safe_until) return 0;
    int stunned = target->state == CAM_STATE_HITSTUN || target->state == CAM_STATE_BLOCKSTUN || target->state == CAM_STATE_FROZEN;
    return target->state != CAM_STATE_KNOCKDOWN && (!stunned || grabber->contact != CAM_CONTACT_NONE);
}

static void add_contact(CamTick *tick, CamContact contact) {
    if (tick->num_contacts < CAM_MAX_CONTACTS) tick->contacts[tick->num_contacts++] = contact;
}

static int32_t middle(int32_t a0, int32_t a1, int32_t b0, int32_t b1) { return (cam_max(a0, b0) + cam_min(a1, b1)) / 2; }

static void gather_strike(const CamState *state, CamTick *tick, const CamData *data, int index, int slot, int hit_index, int nth,
                          const CamBox *box, int32_t from_x, uint16_t struck, int facing, int way) {
    const CamFighter *attacker = &state->fighters[index];
    const CamHit *hit = &data->hits[hit_index];
    int side = slot < 0 ? attacker->side : attacker->entities[slot].side;
    const CamTeam team = team_of(state, 1 - side);
    for (int j = team.from; j < team.to; j++) {
        const CamFighter *target = &state->fighters[j];
        if (struck >> j & 1 || !is_open(target, data, state->clock, hit->flags, way)) continue;
        if (way == CAM_STRUCK_GRAB && !is_grabbable(state, attacker, target)) continue;
        CamBox hurt = hurt_box(target, data);
        if (!boxes_meet(box, &hurt)) continue;
        int push = cam_sign(target->x - from_x);
        if (push == 0 || (slot < 0 && hit->x0 >= 0)) push = facing;   /* a burst around its owner knocks outward */
        add_contact(tick, (CamContact){.attacker = (int8_t)index, .target = (int8_t)j, .slot = (int8_t)slot, .push = (int8_t)push,
            .hit = (int16_t)hit_index, .index = (uint8_t)nth, .x = middle(box->x0, box->x1, hurt.x0, hurt.x1), .y = target->y, .z = middle(box->z0, box->z1, hurt.z0, hurt.z1)});
    }
}

static void gather_body(CamState *state, CamTick *tick, const CamData *data, int index) {
    CamFighter *fighter = &state->fighters[index];
    const CamMove *move = &data->moves[fighter->move];
    const int32_t now = declared_tick(fighter, move, fighter->move_tick);
    for (int k = 0; k < move->num_hits; k++) {
        const CamHit *hit = &data->hits[move->first_hit + k];
        if (!in_window(now, hit->from, hit->to)) continue;
        if (hit->rehit && (now - hit->from) % hit->rehit == 0) fighter->hit_struck[k] = 0;
        if (hit->flags & CAM_HIT_HELD) {
            int held = fighter->grabbing;
            if (held < 0 || fighter->hit_struck[k] >> held & 1) continue;
            const CamFighter *target = &state->fighters[held];
            add_contact(tick, (CamContact){.attacker = (int8_t)index, .target = (int8_t)held, .slot = -1, .push = fighter->facing,
                .hit = (int16_t)(move->first_hit + k), .index = (uint8_t)k, .x = target->x, .y = target->y, .z = target->z + CAM_BODY_SU});
            continue;
        }
        CamBox box = body_hit_box(fighter, data, move, hit);
        int way = hit->flags & CAM_HIT_GRAB ? CAM_STRUCK_GRAB : CAM_STRUCK_STRIKE;
        gather_strike(state, tick, data, index, -1, move->first_hit + k, k, &box, fighter->x, fighter->hit_struck[k], fighter->facing, way);
    }
}

static void gather_entities(const CamState *state, CamTick *tick, const CamData *data, int index) {
    const CamFighter *owner = &state->fighters[index];
    for (uint32_t rest = tick->strikers[index]; rest; rest &= rest - 1) {
        const int k = cam_lowest_bit(rest);
        const CamEntity *entity = &owner->entities[k];
        if (entity->type < 0 || entity->hits_left == 0) continue;   /* a clash ended it */
        const CamEntityType *type = &data->entity_types[entity->type];
        CamBox box = hit_box(&data->hits[type->hit], entity->x, entity->y, entity->z, entity->facing);
        int way = type->kind == CAM_ENTITY_PROJECTILE || type->kind == CAM_ENTITY_ORBIT ? CAM_STRUCK_PROJECTILE : CAM_STRUCK_STRIKE;
        gather_strike(state, tick, data, index, k, type->hit, 0, &box, entity->x, entity->struck, entity->facing, way);
    }
}

/* ---- entities against entities, and bodies against entities ---- */

enum { CAM_WEAR_STRUCK = UINT8_MAX - 1, CAM_WEAR_STOPPED };   /* a projectile spent a hit on a body, or ends at a wall */

typedef struct { int16_t damage[CAM_MAX_FIGHTERS][CAM_MAX_ENTITIES]; uint8_t wear[CAM_MAX_FIGHTERS][CAM_MAX_ENTITIES]; } CamWear;

/* first is a projectile that hits */
static void clash_pair(const CamState *state, const CamData *data, int i, int a, int j, int b, CamWear *wear) {
    const CamEntity *first = &state->fighters[i].entities[a], *second = &state->fighters[j].entities[b];
    const CamEntityType *one = &data->entity_types[first->type], *two = &data->entity_types[second->type];
    if (first->side == second->side) return;
    CamBox box = hit_box(&data->hits[one->hit], first->x, first->y, first->z, first->facing);
    if (two->kind == CAM_ENTITY_PROJECTILE && two->hit >= 0) {
        CamBox other = hit_box(&data->hits[two->hit], second->x, second->y, second->z, second->facing);
        if (boxes_meet(&box, &other)) wear->wear[i][a] = (uint8_t)cam_max(wear->wear[i][a], second->durability);
    } else if (second->hp > 0) {
        CamBox body = entity_body(second, two);
        if (!boxes_meet(&box, &body)) return;
        wear->damage[j][b] = (int16_t)cam_min(wear->damage[j][b] + data->hits[one->hit].damage, 30000);
        wear->wear[i][a] = (uint8_t)cam_max(wear->wear[i][a], two->kind == CAM_ENTITY_WALL ? CAM_WEAR_STOPPED : CAM_WEAR_STRUCK);
    }
}

static void strike_entities(const CamState *state, const CamData *data, int index, CamWear *wear) {
    const CamFighter *fighter = &state->fighters[index];
    const CamMove *move = &data->moves[fighter->move];
    const int32_t now = declared_tick(fighter, move, fighter->move_tick);
    for (int k = 0; k < move->num_hits; k++) {
        const CamHit *hit = &data->hits[move->first_hit + k];
        if (!in_window(now, hit->from, hit->to) || hit->flags & (CAM_HIT_GRAB | CAM_HIT_HELD)) continue;
        if (now != hit->from && !(hit->rehit && (now - hit->from) % hit->rehit == 0)) continue;
        CamBox box = body_hit_box(fighter, data, move, hit);
        for (int j = 0; j < state->num_fighters; j++)
            for (int b = 0; b < CAM_MAX_ENTITIES; b++) {
                const CamEntity *entity = &state->fighters[j].entities[b];
                if (entity->type < 0 || entity->side == fighter->side || entity->hp <= 0) continue;
                CamBox body = entity_body(entity, &data->entity_types[entity->type]);
                if (boxes_meet(&box, &body)) wear->damage[j][b] = (int16_t)cam_min(wear->damage[j][b] + hit->damage, 30000);
            }
    }
}

static void wear_out(CamEntity *entity, int32_t damage, int32_t wear) {
    entity->hp = (int16_t)cam_max(entity->hp - damage, 0);
    int is_broken = damage > 0 && entity->hp == 0;
    if (wear == CAM_WEAR_STRUCK && entity->hits_left > 1) entity->hits_left--;
    else if (is_broken || (wear && wear >= entity->durability)) remove_entity(entity);
    else entity->durability = (uint8_t)(entity->durability - wear);
}

/* All pairs are judged from the same snapshot; a projectile beaten or matched in durability ends, a stronger one wears. */
static void clash_entities(CamState *state, const CamTick *tick, const CamData *data) {
    const int shots_meet = tick->has_shots && tick->sides == 3;
    if (!shots_meet && !tick->has_bodies) return;
    CamWear wear;
    memset(&wear, 0, sizeof(wear));
    for (int i = 0; i < state->num_fighters; i++) {
        if (tick->has_bodies && state->fighters[i].state == CAM_STATE_ACTIVE && !tick->is_frozen[i]) strike_entities(state, data, i, &wear);
        for (uint32_t a = shots_meet ? tick->shots[i] : 0; a; a &= a - 1)
            for (int j = 0; j < state->num_fighters; j++)
                for (uint32_t b = tick->live[j]; b; b &= b - 1) clash_pair(state, data, i, cam_lowest_bit(a), j, cam_lowest_bit(b), &wear);
    }
    for (int i = 0; i < state->num_fighters; i++)
        for (uint32_t a = tick->live[i]; a; a &= a - 1) {
            const int k = cam_lowest_bit(a);
            wear_out(&state->fighters[i].entities[k], wear.damage[i][k], wear.wear[i][k]);
        }
}

/* ---- judging ---- */

static int guards(const CamFighter *fighter, const CamData *data, const CamHit *hit, int push) {
    if (hit->flags & (CAM_HIT_UNBLOCKABLE | CAM_HIT_GRAB | CAM_HIT_HELD) || push == fighter->facing) return 0;
    return is_guarding(fighter, data);
}

static int parries(const CamFighter *fighter, const CamData *data, const CamHit *hit) {
    return !(hit->flags & (CAM_HIT_UNBLOCKABLE | CAM_HIT_GRAB | CAM_HIT_HELD)) && is_parrying(fighter, data);
}

/* The contact that answers this one body to body in the same tick, NULL if there is none. */
static const CamContact *answer_to(const CamTick *tick, const CamContact *contact) {
    if (contact->slot >= 0) return NULL;
    for (int k = 0; k < tick->num_contacts; k++) {
        const CamContact *other = &tick->contacts[k];
        if (other->slot < 0 && other->attacker == contact->target && other->target == contact->attacker) return other;
    }
    return NULL;
}

static int judge(const CamState *state, const CamTick *tick, const CamData *data, const CamContact *contact) {
    const CamFighter *target = &state->fighters[contact->target];
    const CamHit *hit = &data->hits[contact->hit];
    if (hit->flags & CAM_HIT_HELD) return CAM_OUTCOME_HIT;
    const CamContact *answer = answer_to(tick, contact);
    if (answer && !(data->hits[answer->hit].flags & CAM_HIT_HELD)) {
        const CamHit *other = &data->hits[answer->hit];
        int is_grab = hit->flags & CAM_HIT_GRAB, meets_grab = other->flags & CAM_HIT_GRAB;
        if (is_grab) return meets_grab ? CAM_OUTCOME_TECH : CAM_OUTCOME_DROP;
        if (!meets_grab && other->priority - hit->priority >= data->rules.priority_gap) return CAM_OUTCOME_DROP;
    }
    if (parries(target, data, hit)) return CAM_OUTCOME_PARRY;
    if (hit->flags & CAM_HIT_GRAB) return CAM_OUTCOME_GRAB;
    if (guards(target, data, hit, contact->push)) return CAM_OUTCOME_GUARD;
    int32_t armour = armour_level(target, data);
    if (armour >= hit->level && hit->armour_break < armour) return CAM_OUTCOME_ARMOUR;
    int is_counter = target->state == CAM_STATE_STARTUP || target->state == CAM_STATE_ACTIVE || target->state == CAM_STATE_HOLD;
    return is_counter ? CAM_OUTCOME_COUNTER : CAM_OUTCOME_HIT;
}

/* Milli of damage that the attacker's traits and the hit add against this target. */
static int32_t trait_bonus(const CamFighter *attacker, const CamFighter *target, const CamData *data, const CamHit *hit, int nth) {
    const CamRules *rules = &data->rules;
    const CamCharacter *own = &data->characters[attacker->character], *other = &data->characters[target->character];
    int32_t bonus = 0;
    if (hit->flags & CAM_HIT_EXECUTE && target->hp < cam_milli(other->max_hp, rules->execute_share)) bonus += rules->execute_damage;
    if (attacker->hp < cam_milli(own->max_hp, rules->rage_share)) bonus += rules->rage_power;
    if (own->traits & CAM_TRAIT_LAST_STAND && attacker->hp < cam_milli(own->max_hp, rules->execute_share)) bonus += rules->last_stand_power;
    if (own->traits & CAM_TRAIT_FIRST_STRIKE && target->combo_hits + nth == 0) bonus += rules->first_strike_power;
    if (own->traits & CAM_TRAIT_HEAT) bonus += cam_milli(rules->heat_power, attacker->gauge);
    return bonus;
}

/* HP a contact takes; nth: contacts on the same target judged before it in this tick. */
static int32_t contact_damage(const CamState *state, const CamData *data, const CamContact *contact, int nth) {
    const CamRules *rules = &data->rules;
    const CamFighter *attacker = &state->fighters[contact->attacker], *target = &state->fighters[contact->target];
    const CamHit *hit = &data->hits[contact->hit];
    int32_t scale = rules->damage_scale[cam_min(target->combo_hits + nth, CAM_SCALE_LENGTH - 1)];
    if (hit->flags & CAM_HIT_SUPER) scale = cam_max(scale, rules->super_scale_floor);
    int32_t damage = cam_milli(hit->damage, data->characters[attacker->character].attack);
    damage = cam_milli(damage, damage_factor(attacker, target) + trait_bonus(attacker, target, data, hit, nth));
    damage = damage * 1000 / (1000 + data->characters[target->character].defense);
    damage = cam_milli(damage, scale);
    if (contact->slot < 0 && in_move(attacker) && attacker->hold_ticks) {
        const CamMove *move = &data->moves[attacker->move];
        int32_t level = attacker->hold_ticks * rules->hold_levels / cam_max(move->hold_max, 1);
        damage = cam_milli(damage, 1000 + move->hold_damage * level / rules->hold_levels);
    }
    if (has_effect(target, CAM_EFFECT_MARKED)) damage = cam_milli(damage, rules->marked_damage);
    if (contact->outcome == CAM_OUTCOME_COUNTER) damage = cam_milli(damage, rules->counter_damage);
    if (contact->outcome == CAM_OUTCOME_ARMOUR) damage = cam_milli(damage, rules->armour_damage);
    if (contact->outcome == CAM_OUTCOME_GUARD) return cam_milli(damage, hit->chip);
    return cam_max(damage, 1);
}

/* What a contact's later stages need of both fighters as they are now. */
static void describe(const CamState *state, const CamData *data, CamContact *contact) {
    const CamFighter *attacker = &state->fighters[contact->attacker], *target = &state->fighters[contact->target];
    contact->stun = 1000;
    if (contact->outcome == CAM_OUTCOME_COUNTER) contact->stun = (int16_t)data->rules.counter_stun;
    if (target->state == CAM_STATE_RECOVERY && has_trait(attacker, data, CAM_TRAIT_OPPORTUNIST))
        contact->stun = (int16_t)cam_milli(contact->stun, data->rules.opportunist_stun);
    if (contact->slot < 0) {
        const CamMove *move = &data->moves[attacker->move];
        contact->category = (uint8_t)move->category;
        contact->source = (uint8_t)source_of(move, attacker->move == data->characters[attacker->character].slip_reply);
        contact->is_finisher = (move->flags & CAM_MOVE_FINISHER) != 0;
        contact->is_first = attacker->contact == CAM_CONTACT_NONE;
    } else {
        const CamEntityType *type = &data->entity_types[attacker->entities[contact->slot].type];
        contact->category = type->kind == CAM_ENTITY_COMPANION ? CAM_CATEGORY_COMPANION : CAM_CATEGORY_SKILL;
        contact->source = data->sources[attacker->entities[contact->slot].type];
        contact->reflects = type->kind == CAM_ENTITY_PROJECTILE && contact->outcome == CAM_OUTCOME_PARRY && in_move(target) &&
                            data->moves[target->move].flags & CAM_MOVE_REFLECT;
    }
}

static int lands_on_body(const CamData *data, const CamContact *contact) {
    return contact->slot < 0 && (contact->outcome == CAM_OUTCOME_HIT || contact->outcome == CAM_OUTCOME_COUNTER) &&
           !(data->hits[contact->hit].flags & CAM_HIT_HELD);
}

/* Strikes of the same tick that both land are a trade: 1, or 2 where each fighter's last contact was one too. */
static void find_trades(const CamState *state, CamTick *tick, const CamData *data) {
    for (int k = 0; k < tick->num_contacts; k++)
        for (int m = 0; m < tick->num_contacts; m++) {
            CamContact *contact = &tick->contacts[k];
            const CamContact *other = &tick->contacts[m];
            if (other->attacker != contact->target || other->target != contact->attacker) continue;
            if (!lands_on_body(data, contact) || !lands_on_body(data, other)) continue;
            const int again = state->fighters[contact->attacker].once & state->fighters[contact->target].once & CAM_ONCE_TRADED;
            contact->trade = again ? 2 : 1;
        }
}

static void judge_contacts(const CamState *state, CamTick *tick, const CamData *data) {
    uint8_t count[CAM_MAX_FIGHTERS] = {0};
    for (int k = 0; k < tick->num_contacts; k++) {
        CamContact *contact = &tick->contacts[k];
        contact->outcome = (uint8_t)judge(state, tick, data, contact);
        describe(state, data, contact);
        if (contact->outcome == CAM_OUTCOME_HIT || contact->outcome == CAM_OUTCOME_COUNTER || contact->outcome == CAM_OUTCOME_ARMOUR ||
            contact->outcome == CAM_OUTCOME_GUARD)
            contact->damage = contact_damage(state, data, contact, count[contact->target]++);
    }
    if (tick->num_contacts > 1) find_trades(state, tick, data);
}

/* ---- applying: the attacker's part ---- */

static int32_t first_connect_spark(const CamFighter *attacker, const CamMove *move, const CamRules *rules) {
    if (attacker->contact != CAM_CONTACT_NONE) return 0;
    if (move->category == CAM_CATEGORY_SKILL) return rules->spark_skill;
    if (move->category == CAM_CATEGORY_SCROLL) return rules->spark_scroll;
    return move->flags & CAM_MOVE_FINISHER ? rules->spark_finisher : 0;
}

static void reward_attacker(CamState *state, const CamData *data, const CamContact *contact) {
    CamFighter *attacker = &state->fighters[contact->attacker];
    const CamFighter *target = &state->fighters[contact->target];
    const CamCharacter *character = &data->characters[attacker->character];
    const CamHit *hit = &data->hits[contact->hit];
    const int lands = contact->outcome == CAM_OUTCOME_HIT || contact->outcome == CAM_OUTCOME_COUNTER || contact->outcome == CAM_OUTCOME_GRAB;
    int calls_connect = 0;
    if (contact->slot >= 0) {
        CamEntity *entity = &attacker->entities[contact->slot];
        const CamEntityType *type = &data->entity_types[entity->type];
        calls_connect = lands && contact->damage && type->kind == CAM_ENTITY_COMPANION && entity->hits_left == cam_max(type->hits, 1);
        entity->struck = (uint16_t)(entity->struck | 1u << contact->target);
        if (entity->hits_left) entity->hits_left--;
        if (contact->outcome == CAM_OUTCOME_PARRY && !contact->reflects) entity->hits_left = 0;
    } else {
        attacker->hit_struck[contact->index] = (uint16_t)(attacker->hit_struck[contact->index] | 1u << contact->target);
        if (contact->outcome == CAM_OUTCOME_PARRY || contact->outcome == CAM_OUTCOME_TECH) {
            attacker->hitstop = (int8_t)cam_max(attacker->hitstop, 2 * hit->stop_attacker + 6);
            return;
        }
        attacker->hitstop = (int8_t)cam_max(attacker->hitstop, hit->stop_attacker);
        if (in_move(attacker)) {
            gain_spark(attacker, character, lands ? first_connect_spark(attacker, &data->moves[attacker->move], &data->rules) : 0);
            if (attacker->contact != CAM_CONTACT_HIT)
                attacker->contact = contact->outcome == CAM_OUTCOME_GUARD ? CAM_CONTACT_GUARD : CAM_CONTACT_HIT;
        }
        int cornered = cam_abs(target->x) == data->rules.stage_half_x && cam_sign(target->x) == contact->push;
        if (cornered && target->z == 0) attacker->slide = (int16_t)(-contact->push * cam_max(hit->knock_x, 0));
    }
    if (calls_connect) gain_spark(attacker, character, data->rules.spark_scroll);
    if (lands) gain_spark(attacker, character, hit->spark_gain);
    if (contact->outcome == CAM_OUTCOME_GRAB) {
        attacker->grabbing = contact->target;
        attacker->counts[CAM_COUNT_GRABS]++;
        return;
    }
    if (contact->outcome == CAM_OUTCOME_HIT || contact->outcome == CAM_OUTCOME_COUNTER) {
        attacker->counts[CAM_COUNT_HITS]++;
        attacker->step_hits++;
        if (contact->outcome == CAM_OUTCOME_COUNTER) attacker->counts[CAM_COUNT_COUNTERS]++;
        if (character->traits & CAM_TRAIT_HEAT) attacker->gauge = (int16_t)cam_min(attacker->gauge + data->rules.heat_gain, 1000);
        if (has_effect(attacker, CAM_EFFECT_LEECH)) heal(attacker, character, cam_milli(contact->damage, effect_power(attacker, CAM_EFFECT_LEECH)));
    }
}

/* ---- applying: the victim's part ---- */

static void release_grab(CamState *state, int index) {
    CamFighter *fighter = &state->fighters[index];
    if (fighter->grabbed_by >= 0 && state->fighters[fighter->grabbed_by].grabbing == index) state->fighters[fighter->grabbed_by].grabbing = -1;
    fighter->grabbed_by = -1;
}

static void fall_down(CamFighter *fighter, const CamRules *rules) {
    end_move(fighter);
    set_state(fighter, CAM_STATE_KNOCKDOWN);
    fighter->timer = (int16_t)rules->lie_ticks;
    fighter->collapses = fighter->bounces = 0;
    fighter->vz = 0;
    fighter->counts[CAM_COUNT_KNOCKDOWNS]++;
}

static void add_protection(CamFighter *target, const CamRules *rules, const CamHit *hit) {
    int32_t extra = target->state == CAM_STATE_KNOCKDOWN ? rules->otg_protection : 0;
    target->protection = (int16_t)cam_min(target->protection + hit->protection + extra, rules->protection_max);
    if (target->protection >= rules->protection_red) target->is_red = 1;
}

/* Send the target flying. Past yellow it flies lower. */
static void launch(CamFighter *target, const CamData *data, int push, int32_t vx, int32_t vz) {
    const CamCharacter *character = &data->characters[target->character];
    if (target->protection >= data->rules.protection_yellow) vz = cam_milli(vz, data->rules.yellow_launch);
    if (character->traits & CAM_TRAIT_HEAVY_BONES) {
        vx = cam_milli(vx, data->rules.heavy_launch);
        vz = cam_milli(vz, data->rules.heavy_launch);
    }
    if (is_hovering(target, &data->rules)) end_effect(target, CAM_EFFECT_FEATHERLIGHT);   /* knocked out of the air */
    end_move(target);
    set_state(target, CAM_STATE_LAUNCHED);
    target->timer = 0;
    target->collapses = 0;
    target->vx = (int16_t)(push * vx * 1000 / character->weight);
    target->vy = 0;
    target->vz = (int16_t)(vz * 1000 / character->weight);
    target->z = cam_max(target->z, 1);
}

static void stun(CamFighter *target, const CamData *data, const CamHit *hit, int push, int32_t share) {
    int32_t ticks = cam_milli(hit->stun, share);
    if (target->protection >= data->rules.protection_yellow) ticks = cam_milli(ticks, data->rules.yellow_stun);
    end_move(target);
    set_state(target, CAM_STATE_HITSTUN);
    target->timer = (int16_t)ticks;
    target->collapses = hit->impact == CAM_IMPACT_CRUMPLE;
    target->vx = (int16_t)(push * hit->knock_x);
    target->vy = 0;
}

static void impact(CamFighter *target, const CamData *data, const CamHit *hit, int push, int32_t stun_share) {
    const int was_lying = target->state == CAM_STATE_KNOCKDOWN;
    if (hit->impact == CAM_IMPACT_NONE) return;
    if (was_lying) target->otg_hits++;
    if (target->z > 0 && !was_lying) {
        target->air_hits = (uint8_t)cam_min(target->air_hits + 1, UINT8_MAX);
        launch(target, data, push, hit->air_knock_x, hit->air_knock_z);
    } else switch (hit->impact) {
        case CAM_IMPACT_FLINCH: case CAM_IMPACT_STAGGER: case CAM_IMPACT_CRUMPLE:
            if (was_lying) launch(target, data, push, hit->knock_x, cam_max(hit->knock_z, 200));
            else stun(target, data, hit, push, stun_share);
            break;
        case CAM_IMPACT_KNOCKDOWN: launch(target, data, push, hit->knock_x, cam_max(hit->knock_z, 160)); break;
        default: launch(target, data, push, hit->knock_x, hit->knock_z); break;
    }
    target->bounces = hit->impact == CAM_IMPACT_WALLBOUNCE ? 1 : hit->impact == CAM_IMPACT_GROUNDBOUNCE ? 2 : 0;
}

/* HP of a wound that the own companion or clone takes instead. */
static int32_t share_with_puppet(CamFighter *target, const CamData *data, int32_t damage) {
    if (!has_trait(target, data, CAM_TRAIT_PUPPET_TETHER)) return 0;
    CamEntity *puppet = own_puppet(target, data);
    if (!puppet) return 0;
    int32_t share = cam_min(cam_milli(damage, data->rules.tether_share), puppet->hp);
    puppet->hp = (int16_t)(puppet->hp - share);
    return share;
}

static void strike_target(CamState *state, const CamData *data, const CamContact *contact) {
    CamFighter *target = &state->fighters[contact->target];
    const CamFighter *attacker = &state->fighters[contact->attacker];
    const CamRules *rules = &data->rules;
    const CamHit *hit = &data->hits[contact->hit];
    const int is_held = hit->flags & CAM_HIT_HELD;
    const int is_counter = contact->outcome == CAM_OUTCOME_COUNTER;
    set_mark(target, state->clock, is_counter ? CAM_MARK_COUNTER : CAM_MARK_HIT, contact->x, contact->y, contact->z);
    add_protection(target, rules, hit);
    target->combo_hits = (uint8_t)cam_min(target->combo_hits + 1, UINT8_MAX);
    target->combo_damage += contact->damage;
    target->hitstop = (int8_t)cam_max(target->hitstop, hit->stop_victim);
    if (has_effect(target, CAM_EFFECT_FREEZE)) end_effect(target, CAM_EFFECT_FREEZE);
    if (has_effect(target, CAM_EFFECT_MARKED)) end_effect(target, CAM_EFFECT_MARKED);
    if (hit->flags & CAM_HIT_RELEASE || (!is_held && hit->impact != CAM_IMPACT_NONE)) {
        release_grab(state, contact->target);
        impact(target, data, hit, contact->push, contact->stun);
        if (contact->is_finisher && target->state == CAM_STATE_LAUNCHED && has_trait(attacker, data, CAM_TRAIT_WALL_RUNNER)) target->bounces = 1;
        target->grabbing = -1;
    }
    if (target->state == CAM_STATE_HITSTUN && target->protection >= rules->protection_fall) fall_down(target, rules);   /* out of reach */
    if (contact->category == CAM_CATEGORY_SKILL && has_trait(attacker, data, CAM_TRAIT_ECHO)) {
        target->echo_at = (int16_t)(state->clock + rules->echo_ticks);
        target->echo_damage = (int16_t)cam_min(target->echo_damage + cam_milli(contact->damage, rules->echo_share), INT16_MAX);
    }
    lose_hp(target, data, state->clock, contact->damage - share_with_puppet(target, data, contact->damage), contact->source);
    if (hit->effect >= 0) afflict(target, data, state->clock, hit->effect, hit->effect_ticks, hit->effect_power);
}

static void absorb(CamFighter *target, const CamData *data, int clock, const CamContact *contact) {
    const CamHit *hit = &data->hits[contact->hit];
    set_mark(target, clock, CAM_MARK_ARMOUR, contact->x, contact->y, contact->z);
    target->hitstop = (int8_t)cam_max(target->hitstop, hit->stop_victim);
    target->counts[CAM_COUNT_ARMOURED]++;
    if (has_effect(target, CAM_EFFECT_ARMOUR) && --target->effect_stacks[CAM_EFFECT_ARMOUR] == 0) end_effect(target, CAM_EFFECT_ARMOUR);
    lose_hp(target, data, clock, contact->damage, contact->source);
}

static void block(CamFighter *target, const CamData *data, int clock, const CamContact *contact) {
    const CamHit *hit = &data->hits[contact->hit];
    set_mark(target, clock, CAM_MARK_GUARD, contact->x, contact->y, contact->z);
    target->counts[CAM_COUNT_GUARDED]++;
    lose_hp(target, data, clock, contact->damage, contact->source);
    if (target->grabbed_by >= 0) return;   /* seized in this tick: it guards no more */
    end_move(target);
    set_state(target, CAM_STATE_BLOCKSTUN);
    target->timer = hit->guard_stun;
    target->vx = (int16_t)(contact->push * hit->knock_x / 2);
    target->vy = 0;
    target->hitstop = (int8_t)cam_max(target->hitstop, hit->stop_victim);
}

static void parry(CamState *state, CamTick *tick, const CamData *data, const CamContact *contact) {
    CamFighter *target = &state->fighters[contact->target];
    if (!in_move(target)) return;
    int reply = data->moves[target->move].reply;
    set_mark(target, state->clock, CAM_MARK_PARRY, contact->x, contact->y, contact->z);
    target->counts[CAM_COUNT_PARRIES]++;
    if (reply < 0) return;
    target->facing = (int8_t)-contact->push;
    start_move(state, tick, data, contact->target, reply, CAM_BUTTON_NONE, 0);
    if (!tick->is_frozen[contact->target]) advance_move(state, tick, data, contact->target);
}

static void tech(CamFighter *target, const CamRules *rules, int clock, const CamContact *contact) {
    set_mark(target, clock, CAM_MARK_TECH, contact->x, contact->y, contact->z);
    end_move(target);
    set_state(target, CAM_STATE_HITSTUN);
    target->timer = (int16_t)rules->tech_ticks;
    target->collapses = 0;
    target->vx = (int16_t)(contact->push * rules->tech_speed);
}

/* Strikes that met part both fighters, or they would stun each other alike and meet again, and again; a second time in a row both
   are thrown. */
static void part(CamFighter *fighter, const CamData *data, const CamContact *contact) {
    const CamRules *rules = &data->rules;
    fighter->once |= CAM_ONCE_TRADED;
    if (contact->trade > 1) launch(fighter, data, contact->push, rules->trade_throw_x, rules->trade_throw_z);
    else if (fighter->state == CAM_STATE_HITSTUN) fighter->timer = (int16_t)rules->tech_ticks;
    if (contact->trade == 1) fighter->vx = (int16_t)(contact->push * cam_max(contact->push * fighter->vx, rules->tech_speed));
}

static void part_trades(CamState *state, const CamTick *tick, const CamData *data) {
    uint32_t parted = 0;
    for (int k = 0; k < tick->num_contacts; k++) {
        const CamContact *contact = &tick->contacts[k];
        CamFighter *attacker = &state->fighters[contact->attacker], *target = &state->fighters[contact->target];
        if (contact->slot >= 0 || contact->outcome == CAM_OUTCOME_DROP || contact->trade) continue;
        attacker->once &= (uint8_t)~CAM_ONCE_TRADED;
        target->once &= (uint8_t)~CAM_ONCE_TRADED;
    }
    for (int k = 0; k < tick->num_contacts; k++) {
        const CamContact *contact = &tick->contacts[k];
        CamFighter *target = &state->fighters[contact->target];
        if (!contact->trade || parted >> contact->target & 1) continue;
        parted |= 1u << contact->target;
        if (target->state == CAM_STATE_HITSTUN || target->state == CAM_STATE_LAUNCHED) part(target, data, contact);
    }
}

static void seize(CamFighter *target, const CamData *data, int clock, const CamContact *contact) {
    set_mark(target, clock, CAM_MARK_GRAB, contact->x, contact->y, contact->z);
    end_move(target);
    target->grabbing = -1;
    target->collapses = target->bounces = 0;
    target->vx = target->vy = target->vz = 0;
    set_state(target, CAM_STATE_GRABBED);
    target->grabbed_by = contact->attacker;
    target->hitstop = (int8_t)cam_max(target->hitstop, data->hits[contact->hit].stop_victim);
}

/* Skills of a Spark thief steal at their first touch: all lose before any gains. */
static void steal_sparks(CamState *state, const CamTick *tick, const CamData *data) {
    int32_t stolen[CAM_MAX_FIGHTERS] = {0};
    for (int k = 0; k < tick->num_contacts; k++) {
        const CamContact *contact = &tick->contacts[k];
        int lands = contact->outcome == CAM_OUTCOME_HIT || contact->outcome == CAM_OUTCOME_COUNTER;
        if (!lands || contact->category != CAM_CATEGORY_SKILL || (contact->slot < 0 && !contact->is_first)) continue;
        if (!has_trait(&state->fighters[contact->attacker], data, CAM_TRAIT_SPARK_THIEF)) continue;
        CamFighter *target = &state->fighters[contact->target];
        int32_t spark = cam_min(target->spark, data->rules.thief_spark);
        target->spark = (int16_t)(target->spark - spark);
        stolen[contact->attacker] += spark;
    }
    for (int i = 0; i < state->num_fighters; i++)
        if (stolen[i]) state->fighters[i].spark = (int16_t)cam_min(state->fighters[i].spark + stolen[i], CAM_SPARK_MAX);
}

/* Projectiles that a reflecting parry met change sides: all are taken up before any is put down. */
static void reflect_projectiles(CamState *state, const CamTick *tick, const CamData *data) {
    CamEntity taken[CAM_MAX_FIGHTERS * CAM_MAX_ENTITIES];
    int8_t to[CAM_MAX_FIGHTERS * CAM_MAX_ENTITIES];
    int count = 0;
    for (int k = 0; k < tick->num_contacts; k++) {
        const CamContact *contact = &tick->contacts[k];
        if (!contact->reflects) continue;
        CamEntity *entity = &state->fighters[contact->attacker].entities[contact->slot];
        if (entity->type < 0) continue;
        to[count] = contact->target;
        taken[count++] = *entity;
        remove_entity(entity);
    }
    for (int n = 0; n < count; n++) {
        CamFighter *owner = &state->fighters[to[n]];
        const CamEntityType *type = &data->entity_types[taken[n].type];
        for (int k = 0; k < CAM_MAX_ENTITIES; k++) {
            CamEntity *entity = &owner->entities[k];
            if (entity->type >= 0) continue;
            *entity = taken[n];
            entity->side = owner->side;
            entity->facing = (int8_t)-entity->facing;
            entity->vx = (int16_t)-entity->vx;
            entity->phase = 0;
            entity->ttl = type->ttl;
            entity->struck = 0;
            entity->hits_left = (uint8_t)cam_max(type->hits, 1);
            break;
        }
    }
}

static void apply_contacts(CamState *state, CamTick *tick, const CamData *data) {
    const CamRules *rules = &data->rules;
    for (int k = 0; k < tick->num_contacts; k++)
        if (tick->contacts[k].outcome != CAM_OUTCOME_DROP) reward_attacker(state, data, &tick->contacts[k]);
    for (int k = 0; k < tick->num_contacts; k++) {
        const CamContact *contact = &tick->contacts[k];
        CamFighter *target = &state->fighters[contact->target];
        switch (contact->outcome) {
            case CAM_OUTCOME_HIT: case CAM_OUTCOME_COUNTER: strike_target(state, data, contact); break;
            case CAM_OUTCOME_ARMOUR: absorb(target, data, state->clock, contact); break;
            case CAM_OUTCOME_GUARD: block(target, data, state->clock, contact); break;
            case CAM_OUTCOME_PARRY: parry(state, tick, data, contact); break;
            case CAM_OUTCOME_TECH: tech(target, rules, state->clock, contact); break;
            case CAM_OUTCOME_GRAB: seize(target, data, state->clock, contact); break;
            default: break;
        }
    }
    part_trades(state, tick, data);
    steal_sparks(state, tick, data);
    reflect_projectiles(state, tick, data);
    for (int k = 0; k < tick->num_contacts; k++) {   /* thorns, after all wounds */
        const CamContact *contact = &tick->contacts[k];
        const CamFighter *target = &state->fighters[contact->target];
        if (contact->slot >= 0 || contact->damage == 0 || !has_effect(target, CAM_EFFECT_THORNS)) continue;
        lose_hp(&state->fighters[contact->attacker], data, state->clock, cam_milli(contact->damage, effect_power(target, CAM_EFFECT_THORNS)),
                CAM_SOURCE_EFFECT);
    }
}

/* A held fighter whose grabber let go, was struck or ended its move stands stunned for a moment. */
static void end_grabs(CamState *state, const CamRules *rules) {
    for (int i = 0; i < state->num_fighters; i++) {
        CamFighter *fighter = &state->fighters[i];
        if (!in_move(fighter)) fighter->grabbing = -1;
        else if (fighter->grabbing >= 0 && state->fighters[fighter->grabbing].grabbed_by != i) fighter->grabbing = -1;   /* another has it */
    }
    for (int i = 0; i < state->num_fighters; i++) {
        CamFighter *fighter = &state->fighters[i];
        if (fighter->grabbed_by < 0 ? fighter->state != CAM_STATE_GRABBED : state->fighters[fighter->grabbed_by].grabbing == i) continue;
        fighter->grabbed_by = -1;
        if (fighter->state != CAM_STATE_GRABBED) continue;
        set_state(fighter, CAM_STATE_HITSTUN);
        fighter->timer = (int16_t)rules->tech_ticks;
    }
}

static CAM_INLINE void check_grabs(CamState *state, const CamRules *rules, const int num_fighters) {
    int has_grabs = 0;
    for (int i = 0; i < num_fighters; i++) {
        const CamFighter *fighter = &state->fighters[i];
        has_grabs |= fighter->grabbing >= 0 || fighter->grabbed_by >= 0 || fighter->state == CAM_STATE_GRABBED;
    }
    if (has_grabs) end_grabs(state, rules);
}
