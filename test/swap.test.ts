import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PredictionService } from "../src/gen/prediction_pb.js";
import { DataType } from "../src/gen/tensor_pb.js";
import { clientOf } from "./lib/serving/grpc/client.js";

const UPSTREAM = resolve("fixtures/models/tensorflow-serving");
/** Of 2 they make 3 and 4, so that an answer tells which version it is of: odd ones are the first, even ones the second. */
const MODELS = [
	join(UPSTREAM, "saved_model_half_plus_two_cpu/00000123"),
	join(UPSTREAM, "saved_model_half_plus_three/00000123"),
];
const modelOf = (version: number) => MODELS[(version + 1) % 2];
const answerOf = (version: number) => 3 + ((version + 1) % 2);

const root = mkdtempSync(join(tmpdir(), "mlship-"));
const folder = join(root, "m");
const versionAt = (version: number) => join(folder, String(version));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("while requests of both protocols go on, versions come and go, come in pieces, and vanish with their disk, and all are answered", async () => {
	mkdirSync(folder);
	add(1);
	const server = await serve();
	const grpc = clientOf(server.grpc);
	const traffic = [
		...[1, 2].map(() => clientOn(() => overRest(server.url))),
		clientOn(() => overGrpc(grpc)),
	];
	const all = (version: number) =>
		Promise.all(traffic.map((client) => client.answeredBy(version)));
	await all(1);

	// a copy under another name is none of its business, nor one that is hidden
	cpSync(modelOf(2), join(folder, ".2"), { recursive: true });
	cpSync(modelOf(2), join(folder, "2.tmp"), { recursive: true });
	renameSync(join(folder, "2.tmp"), versionAt(2));
	await all(2);
	await server.told("unloaded m version 1");
	expect(await server.versions()).toEqual(["2 AVAILABLE"]);

	// the version before is the latest again where the last one is taken away
	rmSync(versionAt(2), { recursive: true });
	await all(1);
	await server.told("unloaded m version 2");
	expect(await server.versions()).toEqual(["1 AVAILABLE"]);

	// half a version is not served, and told; the whole of it is
	const shard = "variables/variables.data-00000-of-00001";
	cpSync(modelOf(4), versionAt(4), {
		recursive: true,
		filter: (path) => !path.endsWith(shard),
	});
	await server.told(
		/warning: cannot serve m version 4: .*variables\.data-00000-of-00001 is not there/,
	);
	expect(await server.versions()).toEqual(["4 END", "1 AVAILABLE"]);
	cpSync(join(modelOf(4), shard), join(versionAt(4), shard));
	await all(4);

	// a disk that is gone for a while
	renameSync(folder, `${folder}.away`);
	await server.told("warning: m serves on as it is");
	await all(4);
	renameSync(`${folder}.away`, folder);
	await server.told("m is watched again");
	add(5);
	await all(5);
	await server.told("unloaded m version 4");

	const seen = await Promise.all(traffic.map((client) => client.stop()));
	for (const versions of seen) expect(versions).toEqual([1, 2, 1, 4, 5]);
	grpc.close();
	expect(await server.stop()).toEqual([0, null]);
}, 120_000);

function add(version: number): void {
	cpSync(modelOf(version), versionAt(version), { recursive: true });
}

/** Starts the built command line as a user does. */
async function serve() {
	const child = spawn(process.execPath, [
		...["bin/mlship.js", "serve", folder, "--json", "--versions=1"],
		...[
			"--port=auto",
			"--rest_api_port=0",
			"--file_system_poll_wait_seconds=1",
		],
		...["--workers=1", "--threads=1"],
	]);
	const ended = once(child, "exit");
	let stderr = "";
	let heard = () => {};
	child.stderr.on("data", (data) => {
		stderr += data;
		heard();
	});
	const [told] = (await once(child.stdout, "data")) as [Buffer];
	const { url, grpc } = JSON.parse(told.toString()) as Place;
	return {
		url,
		grpc,
		/** Waits for words on stderr, behind those that were waited for before. */
		async told(words: string | RegExp) {
			for (;;) {
				const at = stderr.search(words);
				if (at >= 0) {
					stderr = stderr.slice(at + 1);
					return;
				}
				await new Promise<void>((resolve) => {
					heard = resolve;
				});
			}
		},
		async versions() {
			const response = await fetch(`${url}/v1/models/m`);
			const { model_version_status } = (await response.json()) as Status;
			return model_version_status.map(
				({ version, state }) => `${version} ${state}`,
			);
		},
		stop() {
			child.kill("SIGTERM");
			return ended;
		},
	};
}

interface Place {
	readonly url: string;
	readonly grpc: string;
}

interface Status {
	readonly model_version_status: readonly {
		readonly version: string;
		readonly state: string;
	}[];
}

interface Answer {
	readonly version: number;
	readonly y: unknown;
}

/** Asks again and again, and fails where it is not answered, or by one version in the words of another. */
function clientOn(ask: () => Promise<Answer>) {
	let goesOn = true;
	const seen: number[] = [];
	let arrived = () => {};
	const asking = (async () => {
		while (goesOn) {
			const { version, y } = await ask();
			expect([version, y]).toEqual([version, answerOf(version)]);
			if (seen.at(-1) !== version) seen.push(version);
			arrived();
		}
	})();
	return {
		/** Resolves when a version has answered, which others did not do since. */
		answeredBy: (version: number) =>
			Promise.race([
				asking,
				new Promise<void>((resolve) => {
					arrived = () => {
						if (seen.at(-1) === version) resolve();
					};
				}),
			]),
		/** The versions in the order in which they answered. */
		async stop() {
			goesOn = false;
			await asking;
			return seen;
		},
	};
}

async function overRest(url: string): Promise<Answer> {
	const response = await fetch(`${url}/v1/models/m:predict`, {
		method: "POST",
		body: '{"instances": [2.0]}',
	});
	const text = await response.text();
	if (response.status !== 200)
		throw new Error(`answered ${response.status}: ${text}`);
	const { predictions } = JSON.parse(text) as { predictions: number[] };
	const version = Number(response.headers.get("x-mlship-version"));
	return { version, y: predictions[0] };
}

async function overGrpc({
	call,
}: ReturnType<typeof clientOf>): Promise<Answer> {
	const { response, error } = await call(PredictionService.method.predict, {
		modelSpec: { name: "m" },
		inputs: {
			x: {
				dtype: DataType.DT_FLOAT,
				tensorShape: { dim: [{ size: 1n }] },
				floatVal: [2],
			},
		},
	});
	if (error !== undefined) throw new Error(`${error.code}: ${error.text}`);
	const choice = response.modelSpec?.versionChoice;
	const version =
		choice?.case === "version" ? Number(choice.value.value) : Number.NaN;
	return { version, y: response.outputs.y.floatVal[0] };
}
