import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readMonitoringFile } from "../../../../src/lib/serving/config/monitoring.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-"));
const FILE = join(folder, "monitoring.txt");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string) {
	writeFileSync(FILE, text);
	return readMonitoringFile(FILE).prometheusPath;
}

test("reads TensorFlow Serving's monitoring_config.txt", () => {
	const file = "fixtures/models/tensorflow-serving/monitoring_config.txt";
	expect(readMonitoringFile(file)).toEqual({
		prometheusPath: "/monitoring/prometheus/metrics",
	});
});

test.each([
	["", undefined],
	["prometheus_config {}", undefined],
	['prometheus_config { enable: false path: "/m" }', undefined],
	["prometheus_config { enable: true }", "/monitoring/prometheus/metrics"],
	['prometheus_config { enable: true path: "/metrics" }', "/metrics"],
])("reads %j as %j", (text, path) => {
	expect(read(text)).toBe(path);
});

test.each([
	['prometheus_config { enable: true path: "metrics" }', '"metrics"'],
	['prometheus_config { enable: true path: "/a b" }', '"/a b"'],
	["prometheus { }", "tensorflow.serving.MonitoringConfig: 1:1"],
])("fails with INVALID for %s", (text, words) => {
	expect(() => read(text)).toThrow(
		expect.objectContaining({
			code: "INVALID",
			message: expect.stringContaining(words),
		}),
	);
});
