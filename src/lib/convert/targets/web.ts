import { readFileSync } from "node:fs";
import { lackedByWasm, needsAsync } from "../../engines/tfjs/backend.js";
import { openGraphModel } from "../../engines/tfjs/file.js";
import {
	browserFiles,
	hasTfjs,
	INSTALL_TFJS,
	TFJS_ADDRESS,
} from "../../engines/tfjs/packages.js";
import type { Program } from "../../graph/ir.js";
import type { ControlFlow } from "../../targets/web/control-flow.js";
import { demoPage } from "../../targets/web/demo.js";
import { SHARD_NAMES, webFiles } from "../../targets/web/files.js";
import { lowerToWeb, type WebModel } from "../../targets/web/lower.js";
import { preparedForWeb } from "../../targets/web/prepare.js";
import {
	QUANTIZED_PARTS,
	type QuantizedType,
} from "../../targets/web/quantize.js";
import { narrowStorage } from "../../targets/web/storage.js";
import type { WebNode } from "../../targets/web/topology.js";
import { typesOf } from "../../targets/web/types.js";
import { elementCount } from "../../tensor/tensor.js";
import type { OutputFolder } from "../output.js";
import { type QuantizeRule, quantizedWeights } from "../quantize.js";
import type { Lowered, Obstructing, Target } from "../target.js";

export interface WebSettings {
	/** Bytes of a file of weights; 4 MB without it. */
	readonly shardBytes?: number;
	/** A page that loads and runs the model. */
	readonly demo?: boolean;
	/** Whether what WebAssembly does not run is in the way. */
	readonly wasmSafe?: boolean;
	/** Branches and loops as functions, or as nodes of TensorFlow 1. */
	readonly controlFlow?: ControlFlow;
	/** `float16`, `uint16` or `uint8`. */
	readonly quantize?: readonly QuantizeRule[];
}

/** A graph model of TensorFlow.js: model.json, and its weights in shards. */
export const webTarget: Target = {
	name: "web",
	engine: "tfjs",
	main: "model.json",
	leftovers: SHARD_NAMES,
	takes: ["shardBytes", "quantize", "demo", "wasmSafe", "controlFlow"],
	lower: ([program], settings) => lowerOne(program, settings),
	missing: () => (hasTfjs() ? undefined : INSTALL_TFJS),
	open: openGraphModel,
};

function lowerOne(
	program: Program,
	{
		shardBytes,
		quantize = [],
		demo = false,
		wasmSafe = false,
		controlFlow = "functional",
	}: WebSettings,
): Lowered {
	const { model, obstacles, narrowed } = lowerToWeb(preparedForWeb(program), {
		narrows: true,
		lowersFlow: controlFlow === "lowered",
	});
	const weights = model.weights
		.filter(({ dtype }) => dtype === "float32")
		.map(({ name, constant: { shape } }) => ({
			name,
			byteLength: 4 * elementCount(shape),
		}));
	const { types, rows } = quantizedWeights(quantize, weights, QUANTIZED_PARTS);
	const tolerance = Math.max(
		...[...types.values()].map((type) => COARSE[type]),
	);
	return {
		obstacles: [
			...obstacles,
			...(wasmSafe ? lackedByWasm(model).map(unsafe) : []),
		],
		...(types.size === 0 ? {} : { quantized: rows, tolerance }),
		ops: countOps(model),
		notes: [
			...[...narrowed]
				.filter((dtype) => dtype !== "string")
				.map(
					(dtype) =>
						`${dtype} is computed in ${narrowStorage(dtype)}: TensorFlow.js has nothing wider`,
				),
			...(needsAsync(model)
				? ["call executeAsync: what runs is known only while it runs"]
				: []),
		],
		write: (folder, main) => {
			const { json, shards } = webFiles(model, {
				shardBytes,
				quantized: types,
			});
			for (const { name, parts } of shards) folder.write(name, parts);
			folder.write("model.d.ts", [Buffer.from(typesOf(program))]);
			if (demo) writeDemo(folder, program, model);
			folder.write(main, [Buffer.from(JSON.stringify(json()))]);
		},
	};
}

function unsafe({ name, op }: WebNode): Obstructing {
	return {
		node: { name, op, inputs: [], outputs: [], attrs: {} },
		reason: "the WebAssembly backend of TensorFlow.js does not run it",
	};
}

/** The page has TensorFlow.js beside it where it is installed, and gets it from elsewhere where it is not. */
function writeDemo(
	folder: OutputFolder,
	program: Program,
	model: WebModel,
): void {
	const files = browserFiles();
	const scripts = files
		?.map(({ name }) => name)
		.filter((name) => name.endsWith(".js"));
	const page = demoPage(program, {
		scripts: scripts ?? [TFJS_ADDRESS],
		isAsync: needsAsync(model),
	});
	for (const { name, path } of files ?? [])
		folder.write(name, [readFileSync(path)]);
	folder.write("index.html", [Buffer.from(page)]);
}

/** How far outputs may be off, in parts of their largest number. */
const COARSE: Readonly<Record<QuantizedType, number>> = {
	float16: 1e-2,
	uint16: 1e-2,
	uint8: 1e-1,
};

/** What carries weights, inputs and outputs about computes nothing. */
const PLUMBING: ReadonlySet<string> = new Set(["Const", "Placeholder"]);

function countOps({ topology }: WebModel): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	const bodies = topology.library.function.flatMap(({ nodeDef }) => nodeDef);
	for (const { op } of [...topology.node, ...bodies])
		if (!PLUMBING.has(op)) counts.set(op, (counts.get(op) ?? 0) + 1);
	return counts;
}
