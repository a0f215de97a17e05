/* Clones of the match on which bots play ahead. A bot that looks ahead sees no more than the others: the clone's opponent is
   put back to what was seen of it. */

typedef union {
    CamState state;
    uint8_t bytes[sizeof(CamState) + CAM_MAX_FIGHTERS * sizeof(CamFighter)];
} CamClone;

/* What the opponent began within the delay has not been seen: it stands free where it was seen, and what it has just
   sent out does not exist yet. What was done to it by the bot's own hands is known. */
static void forget_unseen(CamClone *clone, const CamBotView *view, int other) {
    CamFighter *opponent = &clone->state.fighters[other];
    for (int k = 0; k < CAM_MAX_ENTITIES; k++)
        if (opponent->entities[k].type >= 0 && opponent->entities[k].age < view->delay) remove_entity(&opponent->entities[k]);
    const int began = in_move(opponent) && opponent->move_tick < view->delay && opponent->grabbing < 0;
    if (!is_free(opponent) && !began && opponent->state != CAM_STATE_SLIP) return;
    become_free(opponent);
    opponent->x = view->seen->x;
    opponent->y = view->seen->y;
    opponent->z = view->seen->z;
    opponent->vz = 0;
    opponent->hitstop = 0;
    opponent->invulnerable_until = view->seen->invulnerable_until;
    opponent->buffered_button = opponent->buffered_direction = 0;
    opponent->buffer_ticks = 0;
}

/* The match as the bot knows it. */
static void clone_seen(CamClone *clone, const CamBotView *view) {
    memcpy(clone->bytes, view->state, cam_state_size(view->state->num_fighters));
    forget_unseen(clone, view, (int)(view->other - view->state->fighters));
}

/* What the model of a player, with a clear sight, would do. */
static int32_t model_action(CamBot *model, const CamState *state, const CamData *data, int index) {
    const CamFighter *own = &state->fighters[index];
    const int other = nearest_opponent(state, own->side, own->x, own->y);
    if (other < 0) return 0;
    const CamSight sight = glimpse(state, other);
    const CamBotView view = view_of(model, state, data, index, other, &sight, 0);
    if (is_legal(&view, CAM_BUTTON_RELEASE)) return lets_go(&view) ? CAM_BUTTON_RELEASE : 0;
    return play_as(model->kind, &view);
}

/* How well a side stands, in thousandths of HP: health, sparks worth a fifth of it, and who is being hit. */
static int32_t standing(const CamState *state, const CamData *data, int side) {
    int32_t worth = 0;
    for (int i = 0; i < state->num_fighters; i++) {
        const CamFighter *fighter = &state->fighters[i];
        const int32_t stun = is_stunned(fighter->state) || fighter->state == CAM_STATE_KNOCKDOWN || fighter->state == CAM_STATE_GRABBED ? 15 : 0;
        const int32_t value = health(fighter, data) + fighter->spark / 80 - stun;
        worth += fighter->side == side ? value : -value;
    }
    if (state->is_over && state->winner != CAM_WINNER_DRAW) worth += state->winner == side ? 1000 : -1000;
    return worth;
}
