import { isDynamic } from "../../engines/tfjs/backend.js";
import { openGraphModel } from "../../engines/tfjs/file.js";
import { hasTfjs, INSTALL_TFJS } from "../../engines/tfjs/packages.js";
import type { Program } from "../../graph/ir.js";
import { SHARD_NAMES, webFiles } from "../../targets/web/files.js";
import { lowerToWeb, type WebModel } from "../../targets/web/lower.js";
import { preparedForWeb } from "../../targets/web/prepare.js";
import type { Lowered, Target } from "../target.js";

export interface WebSettings {
	/** Bytes of a file of weights; 4 MB without it. */
	readonly shardBytes?: number;
}

/** A graph model of TensorFlow.js: model.json, and its weights in shards. */
export const webTarget: Target = {
	name: "web",
	main: "model.json",
	leftovers: SHARD_NAMES,
	takes: ["shardBytes"],
	lower: ([program], settings) => lowerOne(program, settings),
	missing: () => (hasTfjs() ? undefined : INSTALL_TFJS),
	open: openGraphModel,
};

function lowerOne(program: Program, { shardBytes }: WebSettings): Lowered {
	const { model, obstacles } = lowerToWeb(preparedForWeb(program));
	return {
		obstacles,
		ops: countOps(model),
		notes: isDynamic(model)
			? ["call executeAsync: what runs is known only while it runs"]
			: [],
		write: (folder, main) => {
			const { json, shards } = webFiles(model, shardBytes);
			for (const { name, parts } of shards) folder.write(name, parts);
			folder.write(main, [Buffer.from(JSON.stringify(json))]);
		},
	};
}

/** What carries weights, inputs and outputs about computes nothing. */
const PLUMBING: ReadonlySet<string> = new Set(["Const", "Placeholder"]);

function countOps({ topology }: WebModel): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	const bodies = topology.library.function.flatMap(({ nodeDef }) => nodeDef);
	for (const { op } of [...topology.node, ...bodies])
		if (!PLUMBING.has(op)) counts.set(op, (counts.get(op) ?? 0) + 1);
	return counts;
}
