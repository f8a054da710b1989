import type { NodeDef } from "../../../gen/graph_pb.js";
import { type Dataflow, type Edge, MERGES, SWITCHES } from "./edges.js";

/** What must have been chosen for a value to come: predicates, by the key of their edge, and the branch each must take. */
export type Live = ReadonlyMap<string, number>;

const ALWAYS: Live = new Map();

/** A Merge of the two ends of one conditional. */
export interface Choice {
	readonly merge: NodeDef;
	readonly predicate: Edge;
	/** What it takes if the predicate is false, and if it is true. */
	readonly values: readonly [Edge, Edge];
	/** What else must have been chosen for the conditional to run. */
	readonly rest: Live;
}

/**
 * When each node of a graph without loops runs: where TensorFlow 1 would hand on a dead tensor, a choice went the other way.
 * Has a lifetime: the structuring of one scope.
 */
export class Liveness {
	readonly #flow: Dataflow;
	readonly #nodes = new Map<NodeDef, Live>();
	readonly #choices = new Map<NodeDef, Choice>();
	readonly #predicates = new Map<string, Edge>();
	readonly #interned = new Map<string, Live>();

	/** `order`: nodes, dependencies first. */
	constructor(flow: Dataflow, order: readonly NodeDef[]) {
		this.#flow = flow;
		for (const node of order) this.#nodes.set(node, this.#liveOf(node));
	}

	of({ source, control, index }: Edge): Live {
		if (source === undefined) return ALWAYS;
		const live = this.#nodes.get(source) ?? ALWAYS;
		if (control || !SWITCHES.has(source.op)) return live;
		const predicate = this.#flow.predicate(source).key;
		return this.#intern([...live, [predicate, index]]);
	}

	/** What a Merge chooses by; `undefined` for all other nodes, and for a Merge of anything else. */
	choice(node: NodeDef): Choice | undefined {
		return this.#choices.get(node);
	}

	#liveOf(node: NodeDef): Live {
		if (SWITCHES.has(node.op)) {
			const predicate = this.#flow.predicate(node);
			this.#predicates.set(predicate.key, predicate);
		}
		if (!MERGES.has(node.op)) return this.#all(this.#flow.edges(node));
		const choice = this.#chosen(node);
		if (choice === undefined) return this.#all(this.#flow.edges(node));
		this.#choices.set(node, choice);
		return choice.rest;
	}

	#all(edges: readonly Edge[]): Live {
		const lives = new Set(edges.map((edge) => this.of(edge)));
		lives.delete(ALWAYS);
		if (lives.size <= 1) return [...lives][0] ?? ALWAYS;
		return this.#intern([...lives].flatMap((live) => [...live]));
	}

	/** Two inputs that differ in one predicate, and need the same beside. */
	#chosen(merge: NodeDef): Choice | undefined {
		const edges = this.#flow.data(merge);
		if (edges.length !== 2) return undefined;
		const [a, b] = edges.map((edge) => this.of(edge));
		for (const [key, branch] of a) {
			const predicate = this.#predicates.get(key);
			if (predicate === undefined || b.get(key) !== 1 - branch) continue;
			const rest = this.#without(a, key);
			if (rest !== this.#without(b, key)) continue;
			const [first, second] = edges;
			const values: [Edge, Edge] =
				branch === 0 ? [first, second] : [second, first];
			return { merge, predicate, values, rest };
		}
		return undefined;
	}

	#without(live: Live, key: string): Live {
		return this.#intern([...live].filter(([other]) => other !== key));
	}

	/** The same object for the same conditions. */
	#intern(entries: readonly (readonly [string, number])[]): Live {
		const live = new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
		if (live.size === 0) return ALWAYS;
		const key = [...live].map((entry) => entry.join("=")).join(" ");
		const known = this.#interned.get(key) ?? live;
		this.#interned.set(key, known);
		return known;
	}
}
