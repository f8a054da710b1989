import type { Graph } from "../graph/ir.js";
import { rewrite } from "./pass.js";

/** Ops that return their inputs as they are: names, gradients and debugging, which serving has no use for. */
const FORWARDING: ReadonlySet<string> = new Set([
	"Identity",
	"IdentityN",
	"Snapshot",
	"StopGradient",
	"PreventGradient",
	"CheckNumerics",
	"DebugGradientIdentity",
	"OptimizationBarrier",
	"Print",
]);

/** Lets consumers use the input of a forwarding op itself. */
export const forwardIdentities = <G extends Graph>(graph: G): G =>
	rewrite(graph, (node) => {
		if (!FORWARDING.has(node.op)) return undefined;
		return {
			nodes: [],
			values: new Map(
				node.outputs.map((output, i) => [output, node.inputs[i]]),
			),
		};
	});
