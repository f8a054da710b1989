import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	renameSync,
	rmSync,
	truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import {
	afterAll,
	afterEach,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import type { Tensors } from "../../../../src/lib/engines/engine.js";
import { Host } from "../../../../src/lib/serving/host.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import { Loader } from "../../../../src/lib/serving/loading/loader.js";
import { predict } from "../../../../src/lib/serving/predict.js";
import { Watch } from "../../../../src/lib/serving/watch.js";
import { floats } from "../../../one-node.js";
import { HALF_PLUS_TWO } from "../fake.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;
const COUNTER =
	"fixtures/models/tensorflow-serving/saved_model_counter/00000123";
const folder = mkdtempSync(join(tmpdir(), "mlship-"));
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

describe("Loader", () => {
	test.each([
		[0, 1],
		[2, 2],
	])("with %i at once loads %i side by side", async (atOnce, expected) => {
		const loader = new Loader(atOnce);
		let running = 0;
		let most = 0;
		const task = async () => {
			running++;
			most = Math.max(most, running);
			// those that may run have begun by then
			for (let i = 0; i < 10; i++)
				await new Promise((resolve) => {
					setImmediate(resolve);
				});
			running--;
		};
		await Promise.all([1, 2, 3, 4].map(() => loader.inTurn(task)));
		expect(most).toBe(expected);
	});
});

describe("a version that another thread loads", () => {
	test("answers like any other, signatures that were not used before too", async () => {
		const version = await load(DIR);
		const x = () => ({ x: floats([2], [1, 6]) });
		const { y } = await predict(version, "serving_default", x());
		// half plus two
		expect([...(y.data as Float32Array)]).toEqual([2.5, 5]);
		expect([...version.signatures.keys()]).toContain("regress_x_to_y");
		await version.close();
	});

	test("answers again where the thread that ran it died", async () => {
		const version = await load(DIR);
		const ask = async () => {
			const { y } = await predict(version, "serving_default", {
				x: floats([1], [6]),
			});
			return [...(y.data as Float32Array)];
		};
		expect(await ask()).toEqual([5]);
		const [, runner] = workers;
		await runner.terminate();
		expect(await ask()).toEqual([5]);
		await version.close();
	});

	test("keeps what is open while its disk is away, and opens the rest when it is back", async () => {
		const dir = join(folder, "away");
		cpSync(DIR, dir, { recursive: true });
		const version = await load(dir);
		const ask = async (key: string, input: string) => {
			const x = { [input]: floats([1, 1], [6]) };
			const [output] = Object.values(await predict(version, key, x));
			return [...(output.data as Float32Array)];
		};
		renameSync(dir, `${dir}.gone`);
		expect(await ask("serving_default", "x")).toEqual([5]);
		await expect(ask("regress_x2_to_y3", "inputs")).rejects.toMatchObject({
			code: "NOT_READY",
			message: expect.stringMatching(
				/^cannot open signature "regress_x2_to_y3": /,
			),
		});
		renameSync(`${dir}.gone`, dir);
		// x / 2 + 3
		expect(await ask("regress_x2_to_y3", "inputs")).toEqual([6]);
		await version.close();
	});

	test("fails as reading does", async () => {
		const dir = join(folder, "cut");
		cpSync(DIR, dir, { recursive: true });
		truncateSync(join(dir, "variables/variables.data-00000-of-00001"), 5);
		await expect(load(dir)).rejects.toMatchObject({
			code: "NOT_READY",
			message: expect.stringContaining("the version is not complete"),
		});
		await expect(load(join(folder, "nowhere"))).rejects.toMatchObject({
			code: "NOT_READY",
		});
		await expect(load(DIR, ["train"])).rejects.toMatchObject({
			code: "NOT_FOUND",
			at: { tags: "train" },
		});
	});
});

test("a host loses no request while versions come and go", async () => {
	const model = join(folder, "m");
	mkdirSync(model);
	const add = (version: number) =>
		cpSync(DIR, join(model, String(version)), { recursive: true });
	add(1);
	const loader = new Loader();
	const host = new Host((dir) =>
		loadModel(dir, { loader, workers: 1, threads: 1 }),
	);
	const watch = new Watch(host, { check: () => ({ complete: true }) });
	await watch.applyConfig([
		{ name: "m", basePath: model, policy: { latest: 1 }, labels: new Map() },
	]);
	let goesOn = true;
	const seen = new Set<bigint>();
	const asking = Array.from({ length: 4 }, async () => {
		for (; goesOn; ) {
			const { version, loaded } = host.find("m");
			const { y } = await predict(loaded, "serving_default", {
				x: floats([1], [6]),
			});
			expect([...(y.data as Float32Array)]).toEqual([5]);
			seen.add(version);
		}
	});
	for (const version of [2, 3]) {
		add(version);
		await watch.poll();
		await watch.poll();
		while (!seen.has(BigInt(version))) await asked();
	}
	rmSync(join(model, "3"), { recursive: true });
	await watch.poll();
	expect(host.find("m").version).toBe(2n);
	goesOn = false;
	await Promise.all(asking);
	expect([...seen]).toEqual([1n, 2n, 3n]);
	watch.close();
	await host.close();
	expect(host.names).toEqual([]);
});

function asked(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}

function load(dir: string, tags?: readonly string[]) {
	return loadModel(dir, {
		loader: new Loader(),
		workers: 1,
		threads: 1,
		...(tags && { tags }),
	});
}

test.each([0, 1])(
	"variables that a signature sets hold for the others, with %i workers",
	async (workers) => {
		const loader = new Loader();
		const version = await loadModel(COUNTER, { loader, workers, threads: 1 });
		const call = async (key: string, inputs: Tensors = {}) =>
			Number((await predict(version, key, inputs)).output.data[0]);
		// a signature that only reads is open before anything is set
		expect(await call("get_counter")).toBe(0);
		expect(await call("incr_counter_by", { delta: floats([], [5]) })).toBe(5);
		expect(await call("get_counter")).toBe(5);
		expect(await call("incr_counter")).toBe(6);
		await version.close();
	},
);
