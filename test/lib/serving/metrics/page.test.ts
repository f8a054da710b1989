import { Counter, Histogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import {
	type Counted,
	pageOf,
} from "../../../../src/lib/serving/metrics/page.js";
import { samplesOf } from "./samples.js";

const pageFor = async (metric: Counter | Histogram) =>
	pageOf([(await metric.get()) as Counted]);

// the cases of prometheus_exporter_test.cc, under the names that the exporter makes of theirs
test("a counter is written as TensorFlow Serving writes it", async () => {
	const total = new Counter({
		name: ":test:path:total",
		help: "A test counter.",
		labelNames: ["name"],
		registers: [new Registry()],
	});
	total.inc({ name: "abc" }, 1);
	total.inc({ name: "abc" }, 1);
	total.inc({ name: "def" }, 5);
	expect(await pageFor(total)).toBe(
		'# TYPE :test:path:total counter\n:test:path:total{name="abc"} 2\n:test:path:total{name="def"} 5\n',
	);
});

test("a distribution is written as TensorFlow Serving writes it", async () => {
	const histogram = new Histogram({
		name: ":test:path:histogram",
		help: "A test sampler.",
		labelNames: ["status"],
		buckets: [1, 3, 9, 1_274_820],
		registers: [new Registry()],
	});
	for (const value of [2, 20, 2_000_000])
		histogram.observe({ status: "good" }, value);
	expect(await pageFor(histogram)).toBe(
		`# TYPE :test:path:histogram histogram
:test:path:histogram_bucket{status="good",le="1"} 0
:test:path:histogram_bucket{status="good",le="3"} 1
:test:path:histogram_bucket{status="good",le="9"} 1
:test:path:histogram_bucket{status="good",le="1.27482e+06"} 2
:test:path:histogram_bucket{status="good",le="+Inf"} 3
:test:path:histogram_sum{status="good"} 2000022
:test:path:histogram_count{status="good"} 3
`,
	);
});

test("what would end a label or a line is escaped", async () => {
	const total = new Counter({
		name: "mine_total",
		help: "what it is",
		labelNames: ["model"],
		registers: [new Registry()],
	});
	const model = 'a"b\\n\nc\\"';
	total.inc({ model });
	const page = await pageFor(total);
	expect(page).toMatch(/^# HELP mine_total what it is\n# TYPE /);
	expect(samplesOf(page)).toEqual([
		{ name: "mine_total", labels: { model }, value: 1 },
	]);
});
