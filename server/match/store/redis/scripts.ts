/*
 * What the store does in Redis, each verb as one script: nobody sees half of it. A space has five keys of one hash tag,
 * so that scripts stay in one slot of a cluster:
 *
 *   e  hash    key → "version value"
 *   k  zset    keys in the order of their bytes, all of score 0
 *   t  zset    keys that end → when, ms since 1970 by the clock of Redis
 *   v  string  the last version
 *   c  channel of changes: "version" and a JSON array of [key, value or null] after a space
 */

/** The keys of a space, in the order in which scripts take them. */
export function keysOf(space: string): string[] {
	return ["e", "k", "t", "v", "c"].map((kind) => `hs:{${space}}:${kind}`);
}

/** Where changes of a space are told. */
export function channelOf(space: string): string {
	return keysOf(space)[4] as string;
}

/**
 * Versions follow the clock in microseconds, so that they go on above all that were given when a replica takes over
 * that lacks the last second, or a file of the store was cut: those it forgot are not given again.
 */
const COMMON = `
local E, K, T, V, C = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function standing(key)
  local ends = redis.call("ZSCORE", T, key)
  if ends and tonumber(ends) <= now then return false end
  return redis.call("HGET", E, key)
end
local function nextVersion()
  local last = tonumber(redis.call("GET", V) or "0")
  local version = string.format("%.0f", math.max(last + 1, time[1] * 1000000 + time[2]))
  redis.call("SET", V, version)
  return version
end
local function remove(key)
  redis.call("ZREM", K, key)
  redis.call("ZREM", T, key)
  return redis.call("HDEL", E, key) == 1
end
local function sweep()
  for _ = 1, 1000 do
    local over = redis.call("ZRANGEBYSCORE", T, "-inf", now, "LIMIT", 0, 256)
    if #over == 0 then return end
    local told = {}
    for i, key in ipairs(over) do
      remove(key)
      told[i] = { key, cjson.null }
    end
    redis.call("SPUBLISH", C, nextVersion() .. " " .. cjson.encode(told))
  end
end
`;

/** ARGV: key. Gives "version value", or nil. */
const GET = `${COMMON}
return standing(ARGV[1])
`;

/** ARGV: prefix. Gives the last version, then key and "version value" of each entry, by key. */
const LIST = `${COMMON}
local answer = { redis.call("GET", V) or "0" }
local from, to = "-", "+"
if ARGV[1] ~= "" then from, to = "[" .. ARGV[1], "(" .. ARGV[1] .. "\\255" end
for _, key in ipairs(redis.call("ZRANGEBYLEX", K, from, to)) do
  local entry = standing(key)
  if entry then
    answer[#answer + 1] = key
    answer[#answer + 1] = entry
  end
end
return answer
`;

/**
 * ARGV: most entries, then for each change its key, the expected version or "", what to do ("put", "remove", "check"),
 * the value, and the ms to live or "". Gives {"version", V}, {"conflict", key} or {"full"}.
 */
const COMMIT = `${COMMON}
for i = 2, #ARGV, 5 do
  if ARGV[i + 1] ~= "" then
    local entry = standing(ARGV[i])
    local version = entry and string.match(entry, "^%d+") or "0"
    if version ~= ARGV[i + 1] then return { "conflict", ARGV[i] } end
  end
end
local function countAfter()
  local count = redis.call("HLEN", E)
  for i = 2, #ARGV, 5 do
    local exists = redis.call("HEXISTS", E, ARGV[i]) == 1
    if ARGV[i + 2] == "put" and not exists then count = count + 1 end
    if ARGV[i + 2] == "remove" and exists then count = count - 1 end
  end
  return count
end
local most = tonumber(ARGV[1])
if countAfter() > most then
  sweep()
  if countAfter() > most then return { "full" } end
end
local version = nextVersion()
local told = {}
for i = 2, #ARGV, 5 do
  local key, what, value, ttl = ARGV[i], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  if what == "put" then
    redis.call("HSET", E, key, version .. " " .. value)
    redis.call("ZADD", K, 0, key)
    if ttl == "" then redis.call("ZREM", T, key)
    else redis.call("ZADD", T, string.format("%.0f", now + ttl), key) end
    told[#told + 1] = { key, value }
  elseif what == "remove" then
    if remove(key) then told[#told + 1] = { key, cjson.null } end
  end
end
if #told > 0 then redis.call("SPUBLISH", C, version .. " " .. cjson.encode(told)) end
return { "version", version }
`;

const SWEEP = `${COMMON}
sweep()
`;

export const SCRIPTS = { get: GET, list: LIST, commit: COMMIT, sweep: SWEEP } as const;
