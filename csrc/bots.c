void cam_bot_begin(CamBot *bot, int kind, int level, uint64_t seed){memset(bot,0,sizeof *bot);bot->kind=(uint8_t)kind;bot->level=(uint8_t)level;bot->rng=seed;}
void cam_bot_watch(CamBot *bot, const CamState *state, int fighter){(void)bot;(void)state;(void)fighter;}
int32_t cam_bot_act(CamBot *bot, const CamState *state, const CamData *data, int fighter){(void)bot;(void)state;(void)data;(void)fighter;return 0;}
const char *cam_bot_name(int kind){static const char *const names[]={"none","idle","random","masher","walker","zoner","punisher"};return names[kind];}
