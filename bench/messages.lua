-- Messages to one conversation after the other of those in the environment, one again and again if it is the only one.
require("result")

local paths, turn = {}, 0
for sid in os.getenv("BENCH_CONVERSATIONS"):gmatch("[^,]+") do
  paths[#paths + 1] = "/conversations/v1/Conversations/" .. sid .. "/Messages"
end

function request()
  turn = turn % #paths + 1
  return wrk.format("POST", paths[turn], nil, "Author=customer&Body=Hello%2C%20is%20anybody%20there%3F")
end
