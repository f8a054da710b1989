import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { loadModel } from "../../../../src/lib/serving/load.js";
import { predict } from "../../../../src/lib/serving/predict.js";
import { floats } from "../../../one-node.js";
import { HALF_PLUS_TWO } from "../../serving/fake.js";

const folder = mkdtempSync(join(tmpdir(), "mlship-dying-"));
afterAll(() => rmSync(folder, { recursive: true }));

let workers: Worker[] = [];
const note = (worker: Worker) => workers.push(worker);
beforeEach(() => {
	workers = [];
	process.on("worker", note);
});
afterEach(() => {
	process.off("worker", note);
});

test("a model answers again where its worker thread died, unless its files are gone", async () => {
	const dir = join(folder, "1");
	cpSync(`${HALF_PLUS_TWO}/00000123`, dir, { recursive: true });
	const version = await loadModel(dir, { workers: 1, threads: 1 });
	const ask = async () => {
		const x = floats([2], [1, 6]);
		const { y } = await predict(version, "serving_default", { x });
		return [...(y.data as Float32Array)];
	};
	// half plus two
	expect(await ask()).toEqual([2.5, 5]);
	await workers[0].terminate();
	expect(await ask()).toEqual([2.5, 5]);
	expect(workers).toHaveLength(2);
	rmSync(dir, { recursive: true });
	expect(await ask()).toEqual([2.5, 5]);
	await workers[1].terminate();
	await expect(ask()).rejects.toMatchObject({
		code: "NOT_READY",
		message: expect.stringContaining(dir),
	});
	await version.close();
});
