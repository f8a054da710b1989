import { fail } from "../../errors.js";
import { bool, text } from "./attrs.js";
import { isBranch, isLoop } from "./ops/control.js";
import type { Topology, WebFunction, WebNode } from "./topology.js";

/**
 * The same graph with TensorFlow 1's control flow (Switch, Merge, Enter, Exit, NextIteration, LoopCond) in the place of branches
 * and loops that name functions, as tensorflowjs_converter writes it. Fails with UNSUPPORTED where a loop's condition does not
 * look at what goes round.
 */
export function withLoweredFlow(topology: Topology): Topology {
	const { library } = topology;
	if (library.function.length === 0) return topology;
	const flow = new Flow(library.function, topology.node);
	flow.add(topology.node);
	return { ...topology, node: flow.nodes, library: { function: [] } };
}

/** From a name in a function to the value that stands for it. */
type Names = ReadonlyMap<string, string>;

/** Graphs on their way into one. Has a lifetime: one model. */
class Flow {
	readonly nodes: WebNode[] = [];
	readonly #functions: ReadonlyMap<string, WebFunction>;
	readonly #taken: Set<string>;

	constructor(functions: readonly WebFunction[], nodes: readonly WebNode[]) {
		this.#functions = new Map(
			functions.map((one) => [one.signature.name, one]),
		);
		this.#taken = new Set(nodes.map(({ name }) => name));
	}

	/**
	 * Nodes that have their final names and inputs. What has no input of the branch or round that it stands in waits for the
	 * `anchor` of that, where it has to.
	 */
	add(nodes: readonly WebNode[], anchor?: string): void {
		for (const node of nodes) {
			if (isBranch(node)) this.#branch(node);
			else if (isLoop(node)) this.#loop(node, anchor);
			else this.nodes.push(node);
		}
	}

	#reserve(wanted: string): string {
		let name = wanted;
		for (let i = 1; this.#taken.has(name); i++) name = `${wanted}_${i}`;
		this.#taken.add(name);
		return name;
	}

	#emit(wanted: string, op: string, input: readonly string[], attr = {}) {
		const name = this.#reserve(wanted);
		this.nodes.push({ name, op, input, attr });
		return name;
	}

	#functionOf({ name, attr }: WebNode, key: string): WebFunction {
		const found = this.#functions.get(attr[key]?.func?.name ?? "");
		if (found === undefined) throw fail("BUG", `"${name}" names no function`);
		return found;
	}

	/** What is taken is known by the tensors that Switch lets through; all that they do not reach waits at the end. */
	#branch(node: WebNode): void {
		const [condition, ...args] = node.input ?? [];
		const switches = args.map((arg) =>
			this.#emit(`${node.name}/switch`, "Switch", [arg, condition]),
		);
		const chosen = this.#emit(`${node.name}/switch`, "Switch", [
			condition,
			condition,
		]);
		const sides = (["then_branch", "else_branch"] as const).map((key, side) => {
			const taken = side === 0 ? 1 : 0;
			const body = this.#functionOf(node, key);
			const given = switches.map((name) => portOf(name, taken));
			const anchor = this.#emit(`${node.name}/anchor`, "Identity", [
				portOf(chosen, taken),
			]);
			return this.#inline(body, given, anchor).map((value, i) =>
				portOf(
					this.#emit(`${node.name}/taken_${i}`, "Switch", [value, condition]),
					taken,
				),
			);
		});
		this.#outputs(
			node.name,
			sides[0].map((value, i) =>
				this.#emit(`${node.name}/merge`, "Merge", [value, sides[1][i]]),
			),
		);
	}

	#loop(node: WebNode, anchor: string | undefined): void {
		const { name, input = [] } = node;
		const frame = { frame_name: text(name.toLowerCase()) };
		const merges = input.map((arg, i) => {
			const inputs = anchor === undefined ? [arg] : [arg, `^${anchor}`];
			const enter = this.#emit(`${name}/enter`, "Enter", inputs, {
				...frame,
				is_constant: bool(false),
			});
			const next = this.#reserve(`${name}/next_${i}`);
			return {
				merge: this.#emit(`${name}/merge`, "Merge", [enter, next]),
				next,
			};
		});
		const round = merges.map(({ merge }) => merge);
		const [condition] = this.#inline(
			this.#functionOf(node, "cond"),
			round,
			round[0],
		);
		if (!this.#reaches(round, condition))
			throw fail(
				"UNSUPPORTED",
				`cannot lower the loop "${name}": its condition does not look at what goes round`,
				{ hint: "leave out --control-flow lowered" },
			);
		const goesOn = this.#emit(`${name}/cond`, "LoopCond", [condition]);
		const switches = round.map((merge) =>
			this.#emit(`${name}/switch`, "Switch", [merge, goesOn]),
		);
		const given = switches.map((value) =>
			this.#emit(`${name}/identity`, "Identity", [portOf(value, 1)]),
		);
		const made = this.#inline(this.#functionOf(node, "body"), given, given[0]);
		for (const [i, { next }] of merges.entries()) {
			// what does not come round is known before the loop begins, where no iteration may follow
			const value = this.#reaches(given, made[i])
				? made[i]
				: portOf(this.#emit(`${name}/kept`, "Switch", [made[i], goesOn]), 1);
			this.nodes.push({
				name: next,
				op: "NextIteration",
				input: [value],
				attr: {},
			});
		}
		this.#outputs(
			name,
			switches.map((value) => this.#emit(`${name}/exit`, "Exit", [value])),
		);
	}

	/** Values under the names that the node's own outputs had. */
	#outputs(name: string, values: readonly string[]): void {
		this.nodes.push({ name, op: "IdentityN", input: values, attr: {} });
	}

	/** Whether a value is computed from some of these. */
	#reaches(from: readonly string[], value: string): boolean {
		const sources = new Set(from.map(nodeOf));
		const byName = new Map(this.nodes.map((node) => [node.name, node]));
		const seen = new Set<string>();
		const open = [nodeOf(value)];
		for (let name = open.pop(); name !== undefined; name = open.pop()) {
			if (sources.has(name)) return true;
			if (seen.has(name)) continue;
			seen.add(name);
			open.push(...(byName.get(name)?.input ?? []).map(nodeOf));
		}
		return false;
	}

	/** A copy of a function's nodes; constants keep their names, by which weights are found. */
	#inline(
		{ signature, nodeDef, ret }: WebFunction,
		given: readonly string[],
		anchor: string,
	): readonly string[] {
		const names = new Map<string, string>(
			signature.inputArg.map(({ name }, i) => [name, given[i]]),
		);
		const copies: WebNode[] = [];
		for (const node of nodeDef) {
			if (node.op === "Const") {
				if (!this.#taken.has(node.name)) copies.push(node);
				this.#taken.add(node.name);
				names.set(node.name, node.name);
				continue;
			}
			const name = this.#reserve(node.name);
			names.set(node.name, name);
			copies.push({
				...node,
				name,
				...(node.input && {
					input: this.#anchored(
						node,
						node.input.map((value) => renamed(names, value)),
						anchor,
					),
				}),
			});
		}
		this.add(copies, anchor);
		return signature.outputArg.map(({ name }) =>
			renamed(names, (ret[name] ?? `${name}:0`).replace(/:0$/, "")),
		);
	}

	/** What draws numbers or makes lists has to do so in each round: it waits for what comes round. */
	#anchored(
		{ op }: WebNode,
		input: readonly string[],
		anchor: string,
	): readonly string[] {
		return AFRESH.test(op) ? [...input, `^${anchor}`] : input;
	}
}

const AFRESH = /^(Random|TruncatedNormal|EmptyTensorList|TensorListReserve)/;

function renamed(names: Names, value: string): string {
	const [, node, port = ""] = /^(.*?)(:\d+)?$/.exec(value) ?? [];
	const known = names.get(node) ?? node;
	return port === "" || port === ":0" ? known : `${known}${port}`;
}

function portOf(name: string, port: number): string {
	return port === 0 ? name : `${name}:${port}`;
}

function nodeOf(value: string): string {
	return value.replace(/^\^/, "").replace(/:\d+$/, "");
}
