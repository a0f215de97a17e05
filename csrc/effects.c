/* Buffs and debuffs: how they are given, what they do, how they end (mechanics 6.10). */

/* What effect_power means: milli for factors; HP per dot_period for Regen, Bleed, Burn and Venom (per stack); milli
   quarters of spark per dot_period for Drain; HP left for Shield; armour level for Armour, whose stacks are the hits it
   takes; nothing for the rest. */
#define CAM_BIT(effect) (1u << (effect))

enum {
    CAM_CONTROL_EFFECTS = CAM_BIT(CAM_EFFECT_ROOT) | CAM_BIT(CAM_EFFECT_STUN) | CAM_BIT(CAM_EFFECT_FREEZE) |
                          CAM_BIT(CAM_EFFECT_HUSH) | CAM_BIT(CAM_EFFECT_SEAL),
    CAM_STACKING_EFFECTS = CAM_BIT(CAM_EFFECT_VENOM) | CAM_BIT(CAM_EFFECT_ARMOUR),
    CAM_STRONGEST_EFFECTS = CAM_BIT(CAM_EFFECT_HASTE) | CAM_BIT(CAM_EFFECT_SLOW) | CAM_BIT(CAM_EFFECT_TEMPO_UP) |
                            CAM_BIT(CAM_EFFECT_TEMPO_DOWN) | CAM_BIT(CAM_EFFECT_SHIELD) | CAM_BIT(CAM_EFFECT_WEIGHTED) |
                            CAM_BIT(CAM_EFFECT_FEATHERLIGHT) | CAM_BIT(CAM_EFFECT_SPARKFLOW) | CAM_BIT(CAM_EFFECT_DRAIN) |
                            CAM_BIT(CAM_EFFECT_QUICKEN) | CAM_BIT(CAM_EFFECT_LAG),
    CAM_MAX_STACKS = 5
};
static const uint32_t CAM_DEBUFFS = CAM_BIT(CAM_EFFECT_FRAIL) | CAM_BIT(CAM_EFFECT_EXPOSED) | CAM_BIT(CAM_EFFECT_SLOW) |
    CAM_BIT(CAM_EFFECT_TEMPO_DOWN) | CAM_BIT(CAM_EFFECT_BLEED) | CAM_BIT(CAM_EFFECT_BURN) | CAM_BIT(CAM_EFFECT_VENOM) |
    CAM_BIT(CAM_EFFECT_ROOT) | CAM_BIT(CAM_EFFECT_STUN) | CAM_BIT(CAM_EFFECT_FREEZE) | CAM_BIT(CAM_EFFECT_HUSH) |
    CAM_BIT(CAM_EFFECT_SEAL) | CAM_BIT(CAM_EFFECT_WEIGHTED) | CAM_BIT(CAM_EFFECT_REVERSED) | CAM_BIT(CAM_EFFECT_MARKED) |
    CAM_BIT(CAM_EFFECT_DRAIN) | CAM_BIT(CAM_EFFECT_LAG);

/* milli of the declared ticks of a control effect, by how many came before it in the window */
static const int32_t control_share[4] = {1000, 600, 300, 0};

static inline int has_effect(const CamFighter *fighter, int effect) { return (fighter->effects >> effect) & 1; }

/* the effect's power, 0 without it */
static inline int32_t effect_power(const CamFighter *fighter, int effect) {
    return has_effect(fighter, effect) ? fighter->effect_power[effect] : 0;
}

static inline int has_trait(const CamFighter *fighter, const CamData *data, int trait) {
    return (data->characters[fighter->character].traits & trait) != 0;
}

/* Featherlight strong enough to carry: such a fighter stays at its height and may act there. */
static inline int is_hovering(const CamFighter *fighter, const CamRules *rules) {
    return has_effect(fighter, CAM_EFFECT_FEATHERLIGHT) && fighter->effect_power[CAM_EFFECT_FEATHERLIGHT] >= rules->hover_power;
}

static void end_effect(CamFighter *fighter, int effect) {
    fighter->effects &= ~CAM_BIT(effect);
    fighter->effect_until[effect] = fighter->effect_power[effect] = 0;
    fighter->effect_stacks[effect] = 0;
}

static void end_effects(CamFighter *fighter, uint32_t which) {
    for (uint32_t rest = fighter->effects & which; rest; rest &= rest - 1) end_effect(fighter, cam_lowest_bit(rest));
}

static int32_t shortened_control(CamFighter *fighter, const CamData *data, int clock, int32_t ticks) {
    if (has_trait(fighter, data, CAM_TRAIT_IRON_WILL)) ticks = cam_milli(ticks, data->rules.iron_control);
    if (clock >= fighter->control_until) fighter->control_count = 0;
    ticks = cam_milli(ticks, control_share[cam_min(fighter->control_count, 3)]);
    if (fighter->control_count < 3) fighter->control_count++;
    fighter->control_until = (int16_t)(clock + data->rules.control_window);
    return ticks;
}

/* Give an effect; returns the ticks it will last, 0 if it was refused. */
static int32_t give_effect(CamFighter *fighter, const CamData *data, int clock, int effect, int32_t ticks, int32_t power) {
    if (fighter->state == CAM_STATE_KO || ticks <= 0) return 0;
    if (effect == CAM_EFFECT_DEATHWARD && fighter->once & CAM_ONCE_DEATHWARD) return 0;
    if (CAM_BIT(effect) & CAM_CONTROL_EFFECTS) {
        if (has_effect(fighter, CAM_EFFECT_UNSTOPPABLE)) return 0;
        ticks = shortened_control(fighter, data, clock, ticks);
        if (ticks == 0) return 0;
    }
    int until = clock + ticks;
    if (has_effect(fighter, effect)) {
        if (CAM_BIT(effect) & CAM_STACKING_EFFECTS)
            fighter->effect_stacks[effect] = (uint8_t)cam_min(fighter->effect_stacks[effect] + 1, CAM_MAX_STACKS);
        else if (CAM_BIT(effect) & CAM_STRONGEST_EFFECTS && power < fighter->effect_power[effect]) return 0;
        until = cam_max(until, fighter->effect_until[effect]);
    } else {
        if (cam_count_bits(fighter->effects) >= data->rules.max_effects) return 0;
        fighter->effects |= CAM_BIT(effect);
        fighter->effect_stacks[effect] = 1;
    }
    fighter->effect_until[effect] = (int16_t)until;
    fighter->effect_power[effect] = (int16_t)power;
    if (effect == CAM_EFFECT_DEATHWARD) fighter->once |= CAM_ONCE_DEATHWARD;
    if (effect == CAM_EFFECT_ARMOUR && fighter->effect_stacks[effect] == 1) fighter->effect_stacks[effect] = 2;
    return ticks;
}

static void expire_effects(CamFighter *fighter, int clock) {
    for (uint32_t rest = fighter->effects; rest; rest &= rest - 1) {
        int effect = cam_lowest_bit(rest);
        if (fighter->effect_until[effect] <= clock) end_effect(fighter, effect);
    }
}

/* milli of walking speed */
static int32_t walk_factor(const CamFighter *fighter) {
    if (!fighter->effects) return 1000;
    if (has_effect(fighter, CAM_EFFECT_ROOT)) return 0;
    return cam_max(1000 + effect_power(fighter, CAM_EFFECT_HASTE) - effect_power(fighter, CAM_EFFECT_SLOW), 0);
}

/* milli of the declared startup and recovery of a normal */
static int32_t tempo_factor(const CamFighter *fighter, const CamCharacter *character) {
    int32_t buffs = effect_power(fighter, CAM_EFFECT_TEMPO_DOWN) - effect_power(fighter, CAM_EFFECT_TEMPO_UP);
    return cam_milli(character->tempo, 1000 + buffs);
}

/* milli of damage, from the attacker's and the victim's effects */
static int32_t damage_factor(const CamFighter *attacker, const CamFighter *victim) {
    return 1000 + effect_power(attacker, CAM_EFFECT_MIGHT) - effect_power(attacker, CAM_EFFECT_FRAIL) +
           effect_power(victim, CAM_EFFECT_EXPOSED) - effect_power(victim, CAM_EFFECT_GUARDED);
}

static int32_t gravity_factor(const CamFighter *fighter) {
    return 1000 + effect_power(fighter, CAM_EFFECT_WEIGHTED) - effect_power(fighter, CAM_EFFECT_FEATHERLIGHT);
}

/* ticks of a cooldown that begins under this fighter's effects */
static int32_t cooldown_ticks(const CamFighter *fighter, const CamCharacter *character, int32_t declared) {
    int32_t rate = cam_milli(character->cooldown_rate,
                             1000 + effect_power(fighter, CAM_EFFECT_QUICKEN) - effect_power(fighter, CAM_EFFECT_LAG));
    return declared * 1000 / cam_max(rate, 1);
}

static void gain_spark(CamFighter *fighter, const CamCharacter *character, int32_t milli) {
    if (milli > 0) milli = cam_milli(cam_milli(milli, character->spark_rate), 1000 + effect_power(fighter, CAM_EFFECT_SPARKFLOW));
    fighter->spark = (int16_t)cam_clamp(fighter->spark + milli, 0, CAM_SPARK_MAX);
}

static void heal(CamFighter *fighter, const CamCharacter *character, int32_t hp) {
    if (fighter->hp <= 0) return;
    if (has_effect(fighter, CAM_EFFECT_VENOM)) hp /= 2;
    fighter->hp = cam_min(fighter->hp + hp, character->max_hp);
}

static void set_mark(CamFighter *fighter, int clock, int mark, int32_t x, int32_t y, int32_t z) {
    fighter->mark = (uint8_t)mark;
    fighter->mark_clock = (int16_t)clock;
    fighter->mark_x = (int16_t)x;
    fighter->mark_y = (int16_t)y;
    fighter->mark_z = (int16_t)cam_min(z, 32767);
}

/* Take HP away: through the shield first, and never below 1 while Deathward holds. */
static void lose_hp(CamFighter *fighter, const CamData *data, int clock, int32_t hp, int source) {
    const CamCharacter *character = &data->characters[fighter->character];
    if (has_effect(fighter, CAM_EFFECT_SHIELD)) {
        int32_t absorbed = cam_min(hp, fighter->effect_power[CAM_EFFECT_SHIELD]);
        fighter->effect_power[CAM_EFFECT_SHIELD] = (int16_t)(fighter->effect_power[CAM_EFFECT_SHIELD] - absorbed);
        if (fighter->effect_power[CAM_EFFECT_SHIELD] == 0) end_effect(fighter, CAM_EFFECT_SHIELD);
        hp -= absorbed;
    }
    if (hp >= fighter->hp && has_effect(fighter, CAM_EFFECT_DEATHWARD)) {
        hp = fighter->hp - 1;
        end_effect(fighter, CAM_EFFECT_DEATHWARD);
        set_mark(fighter, clock, CAM_MARK_DEATHWARD, fighter->x, fighter->y, fighter->z + character->hurt_height / 2);
    }
    hp = cam_min(hp, fighter->hp);
    fighter->hp -= hp;
    fighter->taken[source] = (uint16_t)cam_min(fighter->taken[source] + hp, UINT16_MAX);
    gain_spark(fighter, character, hp * CAM_SPARK_QUARTER / data->rules.spark_hurt_hp);
}

/* What effects do to HP and sparks, once per dot_period. */
static void apply_effects(CamFighter *fighter, const CamData *data, int clock) {
    static const uint32_t periodic = CAM_BIT(CAM_EFFECT_REGEN) | CAM_BIT(CAM_EFFECT_BLEED) | CAM_BIT(CAM_EFFECT_BURN) |
                                     CAM_BIT(CAM_EFFECT_VENOM) | CAM_BIT(CAM_EFFECT_DRAIN);
    if (!(fighter->effects & periodic) || clock % data->rules.dot_period) return;
    const CamCharacter *character = &data->characters[fighter->character];
    heal(fighter, character, effect_power(fighter, CAM_EFFECT_REGEN));
    int32_t loss = effect_power(fighter, CAM_EFFECT_BURN) + effect_power(fighter, CAM_EFFECT_VENOM) * fighter->effect_stacks[CAM_EFFECT_VENOM];
    int32_t bleed = effect_power(fighter, CAM_EFFECT_BLEED);
    loss += fighter->vx || fighter->vy ? 2 * bleed : bleed;
    if (loss > 0) lose_hp(fighter, data, clock, loss, CAM_SOURCE_EFFECT);
    if (has_effect(fighter, CAM_EFFECT_DRAIN)) gain_spark(fighter, character, -effect_power(fighter, CAM_EFFECT_DRAIN));
}
