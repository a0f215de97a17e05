/* What the last step earned a fighter, before weights and before the other side's is subtracted. */

void cam_reward_terms(const CamState *state, const CamData *data, int index, float terms[CAM_NUM_REWARD_TERMS]) {
    const CamFighter *fighter = &state->fighters[index];
    const int32_t max_hp = data->characters[fighter->character].max_hp;
    terms[CAM_REWARD_HP] = (float)(fighter->hp - fighter->step_hp) / (float)max_hp;
    terms[CAM_REWARD_WIN] = state->is_over && state->winner == fighter->side ? 1.0f : 0.0f;
    terms[CAM_REWARD_COMBO] = (float)fighter->step_hits / 10.0f;
    terms[CAM_REWARD_MANA] = (float)(fighter->spark - fighter->step_spark) / (float)CAM_SPARK_MAX;
    const float kept = state->is_over ? 0.0f : CAM_DISCOUNT * (float)fighter->spark;
    terms[CAM_REWARD_POTENTIAL] = state->tick ? (kept - (float)fighter->step_spark) / (float)CAM_SPARK_MAX : 0.0f;
}
