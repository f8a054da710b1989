import { type Pass, rewrite } from "./pass.js";

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
]);

/** Lets consumers use the input of a forwarding op itself. */
export const forwardIdentities: Pass = (program) =>
	rewrite(program, (node) => {
		if (!FORWARDING.has(node.op)) return undefined;
		return {
			nodes: [],
			values: new Map(
				node.outputs.map((output, i) => [output, node.inputs[i]]),
			),
		};
	});
