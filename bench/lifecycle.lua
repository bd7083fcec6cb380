-- Whole life cycles: create, read the worker's pending reservation, accept it, post a message, close.
-- As many threads as connections, so that a thread's state is its connection's; each has a worker (a seat) of its own.
require("result")

counters = {"cycles", "looks"}
cycles, looks = 0, 0  -- whole life cycles; reads that found no reservation yet

local step, sids, pause_ms = 1, {}, 0
local sid_digits = ("%x"):rep(32)
local workspace = os.getenv("BENCH_WORKSPACE")
local workers, first_seat = {}, tonumber(os.getenv("BENCH_FIRST_SEAT"))
for sid in os.getenv("BENCH_WORKERS"):gmatch("[^,]+") do workers[#workers + 1] = sid end

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("seat", first_seat + #threads)
end

local function reservations()
  return "/taskrouter/v1/Workspaces/" .. workspace .. "/Workers/" .. workers[seat] .. "/Reservations"
end

local function channel()
  return "/flex-api/v1/Interactions/" .. sids.KD .. "/Channels/" .. sids.UO
end

local steps = {
  function() return "POST", "/flex-api/v1/Interactions", (os.getenv("BENCH_BODY"):gsub("SEAT", seat)) end,
  function() return "GET", reservations() .. "?ReservationStatus=pending" end,
  function() return "POST", reservations() .. "/" .. sids.WR, "ReservationStatus=accepted" end,
  function() return "POST", "/conversations/v1/Conversations/" .. sids.CH .. "/Messages", "Author=customer&Body=Hello" end,
  function() return "POST", channel(), "Status=closed&Routing=%7B%22status%22%3A%22closed%22%7D" end,
}

-- wrk calls this once more than it sends, so that nothing may change here.
function request()
  local method, path, body = steps[step]()
  return wrk.format(method, path, nil, body)
end

-- What an answer must hold for the next step: its SIDs, or the words that say that it was done.
local function learn(body, ...)
  for _, prefix in ipairs({...}) do
    sids[prefix] = body:match(prefix .. sid_digits)
    if not sids[prefix] then return false end
  end
  return true
end

local learned = {
  function(body) return learn(body, "KD", "UO", "CH") end,
  function(body) return learn(body, "WR") end,
  function(body) return body:find('"reservation_status":"accepted"', 1, true) end,
  function(body) return learn(body, "IM") end,
  function(body) return body:find('"status":"closed"', 1, true) end,
}

-- Who looks too early looks again after a while.
function delay() return pause_ms end

function response(status, headers, body)
  pause_ms = 0
  if status >= 400 then
    step = 1  -- wrk counts it, and the run fails
  elseif learned[step](body) then
    if step == 5 then cycles = cycles + 1 end
    step = step % 5 + 1
  elseif step == 2 then
    looks, pause_ms = looks + 1, 10
  else
    io.stderr:write("step ", step, " was answered with ", body, "\n")
    os.exit(1)
  end
end
