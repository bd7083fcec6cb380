-- What every script prints for bench/load.py: the calls, and the sums of the counters that its threads name.
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

threads, counters = {}, {}

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    "RESULT calls %d %d %d %.3f %.3f",
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
  for _, name in ipairs(counters) do
    local sum = 0
    for _, thread in ipairs(threads) do sum = sum + thread:get(name) end
    print(string.format("RESULT %s %d", name, sum))
  end
end
