import type { FunctionDef, NodeDef } from "../../../gen/graph_pb.js";
import {
	type Argument,
	functionDef,
	nodeDef,
	type Returned,
	withInputs,
} from "./definitions.js";
import type { Dataflow, Edge } from "./edges.js";

/**
 * Where an edge within a region leads:
 * - inside: to a node of the region, by this edge
 * - argument: to a value that the region is given; one a key, and `edge` gives it outside
 * - before: to a node that runs before all of the region
 * - nowhere: to what holds for all of the region (that its branch was taken)
 */
export type Place =
	| { readonly kind: "inside"; readonly edge: Edge }
	| { readonly kind: "argument"; readonly key: string; readonly edge: Edge }
	| { readonly kind: "before"; readonly edge: Edge }
	| { readonly kind: "nowhere" };

/** A part of a graph that becomes a function. Has a lifetime: the structuring of one scope. */
export class Region {
	readonly nodes = new Set<NodeDef>();
	/** What the function must be given, by key: what nodes that are needed use of it. */
	readonly given = new Map<string, Edge>();
	/** Control edges to what runs before. */
	readonly before = new Set<string>();
	/** Nodes that the function runs for what they wait for, and not for their values. */
	readonly #awaited = new Set<string>();
	readonly #flow: Dataflow;
	readonly #needed: ReadonlySet<NodeDef>;
	readonly #place: (edge: Edge) => Place;

	constructor(
		flow: Dataflow,
		needed: ReadonlySet<NodeDef>,
		place: (edge: Edge) => Place,
	) {
		this.#flow = flow;
		this.#needed = needed;
		this.#place = place;
	}

	/** Adds what these edges lead to, and all behind that; `isNeeded` says whether somebody needs these edges' values. */
	include(edges: readonly Edge[], isNeeded = true): void {
		const pending: NodeDef[] = [];
		const visit = (edge: Edge, isUsed: boolean) => {
			const place = this.#place(edge);
			if (place.kind === "before") this.before.add(place.edge.text);
			if (place.kind === "argument" && isUsed)
				this.given.set(place.key, place.edge);
			if (place.kind !== "inside" || place.edge.source === undefined) return;
			if (this.nodes.has(place.edge.source)) return;
			this.nodes.add(place.edge.source);
			pending.push(place.edge.source);
		};
		for (const edge of edges) {
			visit(edge, isNeeded);
			const place = this.#place(edge);
			if (!isNeeded && place.kind === "inside")
				this.#awaited.add(place.edge.source?.name ?? "");
		}
		for (let node = pending.pop(); node !== undefined; node = pending.pop())
			for (const edge of this.#flow.edges(node))
				visit(edge, this.#needed.has(node));
	}

	/** Its nodes that do something beside returning values. */
	effects(): NodeDef[] {
		return [...this.nodes].filter(
			(node) => this.#needed.has(node) && this.#flow.library.hasEffect(node),
		);
	}

	/**
	 * The function: `args` by their keys. What only nodes use that nothing needs (the checks of an assertion) is not given, and
	 * stands in the function as a node without outputs.
	 */
	definition(
		name: string,
		args: ReadonlyMap<string, Argument>,
		returned: readonly (Argument & { readonly edge: Edge })[],
	): FunctionDef {
		const names = new Map<string, string>();
		const nameOf = (key: string) => {
			const known = args.get(key)?.name ?? names.get(key);
			if (known !== undefined) return known;
			const made = this.#flow.freeName(`unused_${names.size}`);
			names.set(key, made);
			return made;
		};
		const rewritten = (edge: Edge): string[] => {
			const place = this.#place(edge);
			if (place.kind === "inside") return [place.edge.text];
			return place.kind === "argument" ? [nameOf(place.key)] : [];
		};
		const nodes = [...this.nodes].map((node) =>
			withInputs(node, this.#flow.edges(node).flatMap(rewritten)),
		);
		const outputs = returned.map(
			({ edge, ...output }): Returned => ({
				...output,
				text: rewritten(edge)[0],
			}),
		);
		const unused = [...names.values()].map((unusedName) =>
			nodeDef(unusedName, "NoOp", []),
		);
		return functionDef(
			name,
			[...args.values()],
			[...nodes, ...unused],
			outputs,
			[...this.#awaited],
		);
	}
}
