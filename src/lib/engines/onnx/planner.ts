import { fail } from "../../errors.js";
import { bodyNames } from "../../graph/bodies.js";
import type { GraphTypes } from "../../graph/infer.js";
import type { Graph, Node } from "../../graph/ir.js";
import { hostRow } from "../../host/index.js";
import type { HostRow } from "../../host/kernel.js";
import { makePlan } from "../../steps/make.js";
import type { Plan } from "../../steps/plan.js";
import { type Piece, type Place, splitGraph } from "../../steps/split.js";
import { type Bodies, loweringObstacle } from "../../targets/onnx/lower.js";
import { makeRegion, type OnnxRegion } from "./region.js";

/** A node that cannot run, with the reason. */
export interface NodeObstacle {
	readonly node: Node;
	readonly reason: string;
}

/** Plans the graphs of one program, and notes what cannot run. Has a lifetime: one program. */
export class Planner {
	readonly #bodies: Bodies;
	readonly #obstacles = new Map<Node, string>();
	/** Bodies of control flow that host steps run. */
	readonly #called = new Set<string>();

	constructor(bodies: Bodies) {
		this.#bodies = bodies;
	}

	get obstacles(): readonly NodeObstacle[] {
		return [...this.#obstacles].map(([node, reason]) => ({ node, reason }));
	}

	/** Lowering may find out that nodes have no ONNX form in this place: then the host computes them, and the graph is cut anew. */
	plan(
		graph: Graph,
		types: GraphTypes,
		name: string,
		smallForm?: (region: Graph) => readonly Node[] | undefined,
	): Plan<OnnxRegion> {
		const refused = new Map<string, string>();
		for (;;) {
			const pieces = splitGraph(graph, types, (node) =>
				this.#placeOf(node, types, refused.get(node.name)),
			);
			const before = refused.size;
			const compile = (region: Graph) =>
				makeRegion(region, types, name, this.#bodies, (node, { message }) =>
					refused.set(node.name, message),
				);
			const plan = makePlan(graph, pieces, types, compile, smallForm);
			if (refused.size > before) continue;
			this.#noteCalls(pieces);
			return plan;
		}
	}

	/** The bodies that host steps of the graphs planned so far run, and those that these run. */
	planBodies(types: GraphTypes): Record<string, Plan<OnnxRegion>> {
		const plans: Record<string, Plan<OnnxRegion>> = {};
		// the set grows while it is walked
		for (const name of this.#called) {
			const body = this.#bodies.get(name);
			if (body === undefined)
				throw fail("BUG", `a step runs body "${name}", which is not there`);
			plans[name] = this.plan(body, types, name, (region) =>
				smallForm(region, types),
			);
		}
		return plans;
	}

	#placeOf(node: Node, types: GraphTypes, refusal: string | undefined): Place {
		const reason = refusal ?? loweringObstacle(node, types, this.#bodies);
		const canCompute = isOnHost(node, types);
		if (reason === undefined)
			return canCompute && bodyNames(node).length === 0 ? "either" : "region";
		if (!canCompute) this.#obstacles.set(node, reason);
		return "host";
	}

	#noteCalls(pieces: readonly Piece[]): void {
		for (const piece of pieces)
			if (piece.kind === "host")
				for (const name of bodyNames(piece.node)) this.#called.add(name);
	}
}

function isOnHost(node: Node, types: GraphTypes): boolean {
	return rowOf(node, types) !== undefined;
}

function rowOf(node: Node, types: GraphTypes): HostRow | undefined {
	const dtypes = [...node.inputs, ...node.outputs].map(
		(value) => types.typeOf(value).dtype,
	);
	return hostRow(node, dtypes);
}

/** A region of more nodes is quicker in a runtime, however small its tensors are. */
const FEW_NODES = 64;

/** Constants of a region that the host computes, in bytes. */
const LITTLE_BYTES = 65_536;

/** The nodes of a region in a body, which runs many times, if the host may compute them where tensors are small. */
function smallForm(
	{ nodes }: Graph,
	types: GraphTypes,
): readonly Node[] | undefined {
	const constants = new Set(
		nodes.flatMap(({ inputs }) =>
			inputs.flatMap((input) => types.constantOf(input) ?? []),
		),
	);
	const bytes = [...constants].reduce((sum, one) => sum + one.byteLength, 0);
	const isSmall =
		nodes.length <= FEW_NODES &&
		bytes <= LITTLE_BYTES &&
		nodes.every((node) => typeof rowOf(node, types) === "function");
	return isSmall ? nodes : undefined;
}
