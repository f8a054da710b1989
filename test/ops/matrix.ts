import {
	ENTERS,
	EXITS,
	MERGES,
	NEXT_ITERATIONS,
	SWITCHES,
} from "../../src/lib/graph/dataflow/edges.js";
import { RESOURCE_ROWS } from "../../src/lib/graph/resources.js";
import { complexKernels } from "../../src/lib/host/complex.js";
import { HOST_OPS } from "../../src/lib/host/index.js";
import { OPS } from "../../src/lib/ops/index.js";
import { opDef } from "../../src/lib/ops/opdef.js";
import { LOWERINGS } from "../../src/lib/targets/onnx/ops/index.js";
import { WEB_LOWERINGS } from "../../src/lib/targets/web/ops/index.js";

/** What becomes of an operation, target by target: a word of the legend, or why not. */
export interface MatrixRow {
	readonly name: string;
	readonly onnx: string;
	readonly host: string;
	readonly web: string;
	/** Whether engine `onnx` runs it. */
	readonly runs: boolean;
}

/** Every operation in our tables, and those of TensorFlow's registry that a converter knows, sorted. */
export function matrixRows(
	known: Readonly<Record<string, readonly string[]>>,
): MatrixRow[] {
	const names = [
		// TensorFlow's own: a few that passes make are not
		...Object.keys(OPS).filter((name) => opDef(name) !== undefined),
		...READ_AWAY,
		...Object.keys(known).filter((name) => opDef(name) !== undefined),
	];
	return [...new Set(names)]
		.sort()
		.map((name) => rowOf(name, known[name]?.includes("tfjs") ?? false));
}

/** What a graph loses while it is read: calls, variables, and the edges of TensorFlow 1's control flow. */
const READ_AWAY: ReadonlySet<string> = new Set([
	...Object.keys(RESOURCE_ROWS),
	...ENTERS,
	...EXITS,
	...SWITCHES,
	...MERGES,
	...NEXT_ITERATIONS,
	"LoopCond",
	"NoOp",
	"BatchFunction",
	"PartitionedCall",
	"StatefulPartitionedCall",
	// serving does neither
	"Assert",
	"Print",
	"PrintV2",
]);

const ON_HOST: ReadonlySet<string> = new Set([
	...HOST_OPS,
	...Object.keys(complexKernels),
]);

function rowOf(name: string, inTfjs: boolean): MatrixRow {
	const entry = OPS[name];
	if (entry === undefined) return outside(name);
	if (entry.kind === "composite") return sameEverywhere(name, "parts");
	const lowering = LOWERINGS[name];
	const isOnHost = ON_HOST.has(name);
	const isLowered = lowering !== undefined && !("unsupported" in lowering);
	return {
		name,
		onnx: isLowered
			? RUNS
			: (lowering?.unsupported ?? "the host computes it exactly"),
		host: isOnHost ? RUNS : "ONNX Runtime computes it",
		web: webCell(name, inTfjs),
		runs: isLowered || isOnHost,
	};
}

const RUNS = "✓";

function webCell(name: string, inTfjs: boolean): string {
	const row = WEB_LOWERINGS[name];
	if (row === undefined)
		return inTfjs
			? "no rule for TensorFlow.js's form of it yet"
			: "TensorFlow.js lacks it";
	return "unsupported" in row ? row.unsupported : RUNS;
}

function outside(name: string): MatrixRow {
	if (READ_AWAY.has(name)) return sameEverywhere(name, "graph");
	return {
		...sameEverywhere(name, "mlship does not know it yet"),
		runs: false,
	};
}

function sameEverywhere(name: string, text: string): MatrixRow {
	return { name, onnx: text, host: text, web: text, runs: true };
}
