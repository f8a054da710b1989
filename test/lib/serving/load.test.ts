import { describe, expect, test } from "vitest";
import { fail } from "../../../src/lib/errors.js";
import { loadModel, type OpenSession } from "../../../src/lib/serving/load.js";
import { predict } from "../../../src/lib/serving/predict.js";
import type { Tensors } from "../../../src/lib/tensor/tensor.js";
import { floats } from "../../one-node.js";
import {
	fakeEngine,
	HALF_PLUS_TWO,
	type HeldSession,
	heldSession,
	upstreamModel,
} from "./fake.js";

const DIR = `${HALF_PLUS_TWO}/00000123`;

describe("loadModel()", () => {
	test("lists the signatures that can be called", async () => {
		const version = await loadModel(DIR, {}, fakeEngine);
		// tensorflow/serving, saved_model_half_plus_two.py
		expect([...version.signatures.keys()]).toEqual([
			"classify_x2_to_y3",
			"classify_x_to_y",
			"regress_x2_to_y3",
			"regress_x_to_y",
			"regress_x_to_y2",
			"serving_default",
		]);
	});

	test("opens the default signature at once and the others when they are used", async () => {
		const opened: string[] = [];
		const version = await loadModel(DIR, {}, counting(opened));
		expect(opened).toEqual(["serving_default"]);
		await version.use("regress_x_to_y", async () => undefined);
		await version.use("serving_default", async () => undefined);
		expect(opened).toEqual(["serving_default", "regress_x_to_y"]);
	});

	test("opens a signature once for uses that come together", async () => {
		const opened: string[] = [];
		const version = await loadModel(DIR, {}, counting(opened));
		const use = () => version.use("regress_x_to_y", async (session) => session);
		const sessions = await Promise.all([use(), use(), use()]);
		expect(opened).toEqual(["serving_default", "regress_x_to_y"]);
		expect(new Set(sessions).size).toBe(1);
	});

	test("fails with what keeps the default signature from opening, if nothing else opens", async () => {
		await expect(
			loadModel(
				DIR,
				{},
				refusing(() => true),
			),
		).rejects.toMatchObject({
			code: "UNSUPPORTED",
			message: "no op for serving_default",
		});
	});

	test("is content with another signature where the default one cannot run, and tries that no more", async () => {
		const tried: string[] = [];
		const version = await loadModel(
			DIR,
			{},
			refusing((key) => tried.push(key) > 0 && key === "serving_default"),
		);
		expect([...version.refused.keys()]).toEqual(["serving_default"]);
		expect(tried).toEqual(["serving_default", "classify_x2_to_y3"]);
		const use = () => version.use("serving_default", async () => undefined);
		await expect(use()).rejects.toMatchObject({ code: "UNSUPPORTED" });
		await expect(use()).rejects.toMatchObject({ code: "UNSUPPORTED" });
		expect(tried).toEqual(["serving_default", "classify_x2_to_y3"]);
	});

	test("tries again where a signature failed for a reason that may pass", async () => {
		let attempts = 0;
		const version = await loadModel(DIR, {}, async (source, options) => {
			if (source.signature.key === "regress_x_to_y" && attempts++ === 0)
				throw fail("NOT_READY", "the disk is away");
			return fakeEngine(source, options);
		});
		const use = () => version.use("regress_x_to_y", async () => "done");
		await expect(use()).rejects.toMatchObject({ code: "NOT_READY" });
		await expect(use()).resolves.toBe("done");
	});

	// TensorFlow Serving's bundle of before there were SavedModels
	test("fails for a checkpoint without a SavedModel, saying what is there", async () => {
		await expect(
			loadModel(upstreamModel("bad_half_plus_two/00000123"), {}, fakeEngine),
		).rejects.toMatchObject({
			code: "NOT_FOUND",
			message: expect.stringContaining("checkpoint"),
		});
	});

	test("fails with the tag sets that exist where the wanted one does not", async () => {
		await expect(
			loadModel(DIR, { tags: ["train"] }, fakeEngine),
		).rejects.toMatchObject({
			code: "NOT_FOUND",
			message: expect.stringMatching(/"train".*it has "serve"$/),
		});
	});
});

describe("LoadedVersion.use()", () => {
	test("fails with the nearest keys for an unknown signature", async () => {
		const version = await loadModel(DIR, {}, fakeEngine);
		await expect(
			version.use("regress_x_to_z", async () => undefined),
		).rejects.toMatchObject({
			code: "NOT_FOUND",
			message: expect.stringContaining('nearest are "regress_x_to_y"'),
		});
	});

	test("fails once the version is being closed", async () => {
		const version = await loadModel(DIR, {}, fakeEngine);
		await version.close();
		await expect(
			version.use("serving_default", async () => undefined),
		).rejects.toMatchObject({ code: "NOT_READY" });
	});
});

describe("LoadedVersion.close()", () => {
	test("waits for what is running, then closes every session", async () => {
		const sessions: HeldSession[] = [];
		const version = await loadModel(DIR, {}, async () => {
			sessions.push(heldSession());
			return sessions[sessions.length - 1];
		});
		const run = (key: string) => version.use(key, (session) => session.run({}));
		const runs = [run("serving_default"), run("regress_x_to_y")];
		const events: string[] = [];
		for (const running of runs) running.then(() => events.push("answered"));
		const closing = version.close().then(() => events.push("closed"));
		await new Promise(setImmediate);
		expect(sessions.map(({ isClosed }) => isClosed)).toEqual([false, false]);
		for (const session of sessions) session.release();
		await closing;
		expect(events).toEqual(["answered", "answered", "closed"]);
		expect(sessions.map(({ isClosed }) => isClosed)).toEqual([true, true]);
	});
});

// upstream's test model (tensorflow/serving, saved_model_counter.py): signatures that read, raise and reset one counter
describe("a version whose signatures change a variable", () => {
	const COUNTER =
		"fixtures/models/tensorflow-serving/saved_model_counter/00000123";

	async function counter(workers: number) {
		const version = await loadModel(COUNTER, { workers, threads: 1 });
		const call = async (key: string, inputs: Tensors = {}) =>
			Number((await predict(version, key, inputs)).output.data[0]);
		return { version, call };
	}

	test.each([0, 1, 2])(
		"shows all of them one value, on %i workers",
		async (workers) => {
			const { version, call } = await counter(workers);
			expect(await call("incr_counter_by", { delta: floats([], [5]) })).toBe(5);
			const raised = Array.from({ length: 20 }, () => call("incr_counter"));
			// no answer is given twice, and none is left out
			const answers = await Promise.all(raised);
			expect(answers).toEqual(answers.map((_, i) => 6 + i));
			expect(await call("get_counter")).toBe(25);
			expect(await call("reset_counter")).toBe(0);
			expect(await call("incr_counter")).toBe(1);
			await version.close();
		},
	);

	test("starts from the checkpoint however far another load of it has come", async () => {
		const [one, other] = [await counter(1), await counter(1)];
		await one.call("incr_counter");
		expect(await one.call("get_counter")).toBe(1);
		expect(await other.call("get_counter")).toBe(0);
		await Promise.all([one.version.close(), other.version.close()]);
	});
});

function counting(opened: string[]): OpenSession {
	return async (source, options) => {
		opened.push(source.signature.key);
		return fakeEngine(source, options);
	};
}

function refusing(isRefused: (key: string) => boolean): OpenSession {
	return async (source, options) => {
		if (isRefused(source.signature.key))
			throw fail("UNSUPPORTED", `no op for ${source.signature.key}`);
		return fakeEngine(source, options);
	};
}
