/* One translation unit, so that the compiler sees the whole tick. Read tick.c first. */
#include "engine.h"

#include <string.h>

#include "fixed.h"
#include "rng.h"

#include "effects.c"
#include "moves.c"
#include "boxes.c"
#include "entities.c"
#include "hits.c"
#include "tick.c"
#include "reset.c"
#include "rewards.c"
#include "observe.c"
#include "bots_words.c"
#include "bots_acts.c"
#include "bots_players.c"
#include "bots_search.c"
#include "bots.c"
#include "tournament.c"
#include "hash.c"
#include "check.c"
#include "signature.c"
#include "records.c"
#include "latency.c"
