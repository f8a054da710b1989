import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test, vi } from "vitest";
import { PredictionLogSchema } from "../../../src/gen/prediction_log_pb.js";
import { DataType } from "../../../src/gen/tensor_pb.js";
import { loadModel, type OpenSession } from "../../../src/lib/serving/load.js";
import { warmedUp } from "../../../src/lib/serving/warm-up.js";
import { recordFile } from "../../fuzz/records.js";
import { fakeEngine, HALF_PLUS_TWO } from "./fake.js";

type Log = MessageInitShape<typeof PredictionLogSchema>["logType"];

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
});

const modelSpec = {
	name: "whatever",
	versionChoice: { case: "versionLabel" as const, value: "gone" },
};
const PREDICT: Log = {
	case: "predictLog",
	value: {
		request: {
			modelSpec,
			inputs: { x: { dtype: DataType.DT_FLOAT, floatVal: [2] } },
		},
	},
};

test("a version without requests is left as it is", async () => {
	const { runs, warm } = versionWith(undefined);
	await warm();
	expect(runs).toEqual([]);
});

test.each([
	[0, 2],
	[1, 2],
	[3, 6],
])(
	"requests are run with %i iterations, whatever model they name",
	async (iterations, count) => {
		const { runs, warm } = versionWith(records(PREDICT, PREDICT));
		const version = await warm({ iterations, maxBody: 1000 });
		expect(runs).toHaveLength(count);
		expect(runs[0]).toEqual([2]);
		await expect(
			version.use("serving_default", async () => "still open"),
		).resolves.toBe("still open");
	},
);

test("the file that TensorFlow writes is read, requests of every kind in order", async () => {
	const file = readFileSync("fixtures/serving/warm_up_requests");
	const version = await loadModel(folderWith(file), { workers: 0 });
	const use = vi.spyOn(version, "use");
	await warmedUp(version, { maxBody: 1000 });
	expect(use.mock.calls.map(([signature]) => signature)).toEqual([
		"serving_default",
		"classify_x_to_y",
		"regress_x_to_y",
		"regress_x_to_y",
	]);
	await version.close();
});

test.each<[string, Uint8Array, string, RegExp]>([
	[
		"a signature that is not there",
		records(PREDICT, {
			case: "predictLog",
			value: { request: { modelSpec: { name: "m", signatureName: "nope" } } },
		}),
		"MISMATCH",
		/^cannot warm up with request 2 of .*Serving signature key "nope" not found/,
	],
	[
		"a tensor of another type",
		records({
			case: "predictLog",
			value: {
				request: {
					modelSpec,
					inputs: { x: { dtype: DataType.DT_STRING, stringVal: [] } },
				},
			},
		}),
		"INVALID",
		/^cannot warm up with request 1/,
	],
	[
		"a run of a session, which upstream refuses",
		records({ case: "sessionRunLog", value: {} }),
		"UNSUPPORTED",
		/Unsupported log_type for warmup/,
	],
	[
		"a streamed request, which upstream refuses",
		records({ case: "predictStreamedLog", value: {} }),
		"UNSUPPORTED",
		/Unsupported log_type for warmup/,
	],
	[
		// SavedModelBundleWarmupUtilTest.UnparsableRecord
		"a record of something else",
		recordFile([Buffer.from("malformed_record")]),
		"INVALID",
		/^cannot warm up with request 1 of .*Failed to parse warmup record/,
	],
	[
		"a record that is cut",
		records(PREDICT).subarray(0, -1),
		"CORRUPT",
		/Please verify your warmup data is in TFRecord format/,
	],
	[
		"a file of something else",
		Buffer.from("these are no records at all"),
		"CORRUPT",
		/Please verify your warmup data is in TFRecord format/,
	],
	[
		"more records than upstream takes",
		records(...Array<Log>(1001).fill(PREDICT)),
		"INVALID",
		/exceeds the maximum \(1000\)/,
	],
])(
	"a version with %s is closed, and says why",
	async (_, file, code, message) => {
		const { warm, opened } = versionWith(file);
		await expect(warm()).rejects.toMatchObject({
			code,
			message: expect.stringMatching(message),
		});
		const [version] = opened;
		await expect(
			version.use("serving_default", async () => "open"),
		).rejects.toMatchObject({ code: "NOT_READY" });
	},
);

function folderWith(file: Uint8Array | undefined): string {
	const dir = mkdtempSync(join(tmpdir(), "mlship-"));
	folders.push(dir);
	cpSync(`${HALF_PLUS_TWO}/00000123`, dir, { recursive: true });
	const extra = join(dir, "assets.extra");
	rmSync(extra, { recursive: true, force: true });
	mkdirSync(extra);
	if (file) writeFileSync(join(extra, "tf_serving_warmup_requests"), file);
	return dir;
}

function versionWith(file: Uint8Array | undefined) {
	const dir = folderWith(file);
	const runs: number[][] = [];
	const engine: OpenSession = async (source, options) => {
		const session = await fakeEngine(source, options);
		return {
			...session,
			run: (inputs) => {
				runs.push([...(inputs.x.data as Float32Array)]);
				return session.run(inputs);
			},
		};
	};
	const opened: Awaited<ReturnType<typeof loadModel>>[] = [];
	const warm = async (options = { iterations: 0, maxBody: 1000 }) => {
		const version = await loadModel(dir, {}, engine);
		opened.push(version);
		return warmedUp(version, options);
	};
	return { runs, warm, opened };
}

function records(...logs: Log[]): Uint8Array {
	return recordFile(
		logs.map((logType) =>
			toBinary(PredictionLogSchema, create(PredictionLogSchema, { logType })),
		),
	);
}
