-- What wrk sends: bodies of a fixed size that cannot be compressed, each a payload of a session of its own.
--   wrk ... -s bench/load.lua URL -- <write key> <body bytes>

local head, body

local function uuid()
  return string.format("%08x-%04x-4%03x-8%03x-%06x%06x",
    math.random(0, 0xffffffff), math.random(0, 0xffff), math.random(0, 0xfff), math.random(0, 0xfff),
    math.random(0, 0xffffff), math.random(0, 0xffffff))
end

function init(args)
  math.randomseed(os.time())
  local bytes = {}
  for index = 1, tonumber(args[2]) do
    bytes[index] = string.char(math.random(0, 255))
  end
  body = table.concat(bytes)
  head = "/v1/replay/" .. args[1] .. "/"
  wrk.headers["Content-Encoding"] = "gzip"
  wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
end

function request()
  return wrk.format("POST", head .. uuid() .. "/" .. uuid() .. "?seq=0&page=" .. uuid(), nil, body)
end

-- One line of JSON; durations in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\n{"requests": %d, "refused": %d, "broken": %d, "us": %d, "p50": %d, "p99": %d}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
