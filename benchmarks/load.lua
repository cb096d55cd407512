-- wrk's part: wrk -s load.lua URL -- REQUESTS SECONDS PAUSE_MS
--
-- REQUESTS has a line for each request: method, path, body. They are sent in turn, for so many seconds; then nothing is
-- sent any more, so that each request has its answer before wrk ends and all of them are counted. PAUSE_MS is the mean
-- of the pauses that a connection makes before each request.

local ffi = require("ffi")
ffi.cdef("struct moment { long seconds; long nanoseconds; }; int clock_gettime(int, struct moment *);")
local moment = ffi.new("struct moment")
local MONOTONIC = 1

local function now()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

local requests, turn, ending, pause, seconds = {}, 0, nil, 0, 0

function init(args)
  seconds, pause = tonumber(args[2]), tonumber(args[3])
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
    local headers = { ["Host"] = wrk.headers["Host"] }
    if body ~= "" then headers["Content-Type"] = "application/json" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function delay()
  ending = ending or now() + seconds
  if now() > ending then return 3600000 end
  if pause > 0 then return math.random(0, 2 * pause) end
  return 0
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "failed": %d, "p50": %.0f, "p99": %.0f}\n',
    summary.requests, failed, latency:percentile(50), latency:percentile(99)
  ))
end
