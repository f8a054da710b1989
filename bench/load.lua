-- wrk: posts the file $BODY again and again, and reports one line of JSON
local file = assert(io.open(os.getenv("BODY"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/json"
file:close()

function done(summary, latency)
	local errors = summary.errors
	io.write(string.format(
		'{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"errors":%d}\n',
		summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
		errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
