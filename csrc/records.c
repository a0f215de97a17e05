/* The tables by which Python views the structs of types.h. */

#define CAM_CODE_int8_t "i1"
#define CAM_CODE_uint8_t "u1"
#define CAM_CODE_int16_t "i2"
#define CAM_CODE_uint16_t "u2"
#define CAM_CODE_int32_t "i4"
#define CAM_CODE_uint32_t "u4"
#define CAM_CODE_uint64_t "u8"

#define CAM_FIELD_ROW(type, name, unit) {#name, CAM_CODE_##type, (int32_t)offsetof(CAM_THIS, name), 0, unit},
#define CAM_ARRAY_ROW(type, name, length, unit) {#name, CAM_CODE_##type, (int32_t)offsetof(CAM_THIS, name), length, unit},
#define CAM_COUNT_ROWS(table) (int32_t)(sizeof(table) / sizeof(table[0]))

#define CAM_THIS CamHeader
static const CamFieldInfo header_fields[] = {CAM_STATE_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamFighterBody
static const CamFieldInfo fighter_fields[] = {CAM_FIGHTER_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamEntity
static const CamFieldInfo entity_fields[] = {CAM_ENTITY_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamRules
static const CamFieldInfo rules_fields[] = {CAM_RULES_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamCharacter
static const CamFieldInfo character_fields[] = {CAM_CHARACTER_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamMove
static const CamFieldInfo move_fields[] = {CAM_MOVE_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamHit
static const CamFieldInfo hit_fields[] = {CAM_HIT_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamOp
static const CamFieldInfo op_fields[] = {CAM_OP_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamEntityType
static const CamFieldInfo entity_type_fields[] = {CAM_ENTITY_TYPE_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamGame
static const CamFieldInfo game_fields[] = {CAM_GAME_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS
#define CAM_THIS CamGameResult
static const CamFieldInfo result_fields[] = {CAM_GAME_RESULT_FIELDS(CAM_FIELD_ROW, CAM_ARRAY_ROW)};
#undef CAM_THIS

/* header and fighter are the parts of a state: see CamState */
const CamRecordInfo cam_records[] = {
    {"header", sizeof(CamHeader), CAM_COUNT_ROWS(header_fields), header_fields},
    {"fighter", sizeof(CamFighterBody), CAM_COUNT_ROWS(fighter_fields), fighter_fields},
    {"entity", sizeof(CamEntity), CAM_COUNT_ROWS(entity_fields), entity_fields},
    {"rules", sizeof(CamRules), CAM_COUNT_ROWS(rules_fields), rules_fields},
    {"character", sizeof(CamCharacter), CAM_COUNT_ROWS(character_fields), character_fields},
    {"move", sizeof(CamMove), CAM_COUNT_ROWS(move_fields), move_fields},
    {"hit", sizeof(CamHit), CAM_COUNT_ROWS(hit_fields), hit_fields},
    {"op", sizeof(CamOp), CAM_COUNT_ROWS(op_fields), op_fields},
    {"entity_type", sizeof(CamEntityType), CAM_COUNT_ROWS(entity_type_fields), entity_type_fields},
    {"game", sizeof(CamGame), CAM_COUNT_ROWS(game_fields), game_fields},
    {"result", sizeof(CamGameResult), CAM_COUNT_ROWS(result_fields), result_fields},
};
const int cam_num_records = CAM_COUNT_ROWS(cam_records);
