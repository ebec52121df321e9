-- For wrk: the deliveries of a file (see load.cpp for its form), one after the other, each under an id of its own.
-- Arguments: FILE PATH. At the end one line "wrk: requests seconds p50 p99 failed", times in microseconds.

local threads = 0
local heads, rests, count, at = {}, {}, 0, 0

function setup(thread)
   thread:set("index", threads)
   threads = threads + 1
end

function init(args)
   for line in io.lines(args[1]) do
      local key, signature, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
      count = count + 1
      heads[count] = "POST " .. args[2] .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" ..
         "X-Event-Key: " .. key .. "\r\nX-Hub-Signature: " .. signature .. "\r\nContent-Length: " .. #body ..
         "\r\nX-Request-UUID: "
      rests[count] = "\r\n\r\n" .. body
   end
   local urandom = io.open("/dev/urandom", "rb")
   local a, b, c, d = urandom:read(4):byte(1, 4)
   urandom:close()
   math.randomseed(((a * 256 + b) * 256 + c) * 256 + d)
   at = math.random(count)
end

local function id()
   local random = math.random
   return string.format("%04x%04x-%04x-4%03x-8%03x-%04x%04x%04x", random(0, 65535), random(0, 65535), random(0, 65535),
      random(0, 4095), random(0, 4095), random(0, 65535), random(0, 65535), random(0, 65535))
end

function request()
   at = at % count + 1
   return heads[at] .. id() .. rests[at]
end

function done(summary, latency, requests)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format("wrk: %d %.3f %d %d %d\n", summary.requests, summary.duration / 1e6,
      latency:percentile(50), latency:percentile(99), failed))
end
