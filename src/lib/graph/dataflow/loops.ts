import type { NodeDef } from "../../../gen/graph_pb.js";
import { DataType } from "../../../gen/tensor_pb.js";
import {
	type Argument,
	functionAttr,
	nodeDef,
	shapesAttr,
	typeAttr,
	typesAttr,
} from "./definitions.js";
import { type Dataflow, type Edge, SWITCHES } from "./edges.js";
import { findLoops, type Loop, type Variable } from "./frames.js";
import { type Place, Region } from "./region.js";

interface LoopParts {
	readonly loop: Loop;
	readonly condition: Region;
	readonly body: Region;
	/** Those of its variables that somebody needs. */
	readonly variables: readonly Variable[];
}

/** Replaces the loops that no other loop contains by While nodes. */
export function structureLoops(flow: Dataflow, roots: readonly string[]): void {
	const all = findLoops(flow);
	const needed = neededWithConditions(flow, roots, all);
	const running = all.filter(({ condition }) => needed.has(condition));
	const loops = running.map((loop): LoopParts => {
		const place = placeIn(flow, loop);
		const condition = new Region(flow, needed, place);
		condition.include(flow.data(loop.condition));
		const body = new Region(flow, needed, place);
		const isNeeded = ({ merge }: Variable) => needed.has(merge);
		const variables = loop.variables.filter(isNeeded);
		body.include(variables.map(({ next }) => next));
		const others = loop.variables.filter((variable) => !isNeeded(variable));
		body.include(
			others.map(({ next }) => next),
			false,
		);
		return { loop, condition, body, variables };
	});
	const nested = new Set(
		loops.flatMap(({ condition, body }) => [...condition.nodes, ...body.nodes]),
	);
	const outer = loops.filter(
		({ loop }) => ![...loop.enters].some((enter) => nested.has(enter)),
	);
	flow.replace(outer.flatMap((parts) => whileNodes(flow, parts, needed)));
}

/** What is needed, and what says when a loop ends that has something needed in it, be it an effect alone. */
function neededWithConditions(
	flow: Dataflow,
	roots: readonly string[],
	loops: readonly Loop[],
): ReadonlySet<NodeDef> {
	let needed = new Set(flow.needed(roots));
	for (let size = -1; size < needed.size; ) {
		size = needed.size;
		const entered = loops.filter(({ enters }) =>
			[...enters].some((enter) => needed.has(enter)),
		);
		const conditions = entered.map(({ condition }) => condition.name);
		needed = new Set(flow.needed([...roots, ...conditions]));
	}
	return needed;
}

/** The values of an iteration are arguments, by their Enter nodes; a Switch of the loop passes on what its Merge gives. */
function placeIn(flow: Dataflow, loop: Loop): (edge: Edge) => Place {
	const byMerge = new Map(
		loop.variables.map((variable) => [variable.merge, variable]),
	);
	const place = (edge: Edge): Place => {
		const { source, control, index } = edge;
		if (source === undefined) return { kind: "argument", key: edge.key, edge };
		const variable = byMerge.get(source);
		const enter =
			variable?.enter ?? (loop.enters.has(source) ? source : undefined);
		const passed = SWITCHES.has(source.op) ? flow.data(source) : [];
		const isOwn =
			source === loop.condition || passed[1]?.source === loop.condition;
		if (control && (enter !== undefined || isOwn)) return { kind: "nowhere" };
		if (variable !== undefined && index === 1)
			throw flow.refusal(
				source,
				"the loop asks whether it runs for the first time",
			);
		if (enter !== undefined)
			return { kind: "argument", key: enter.name, edge: flow.data(enter)[0] };
		if (isOwn) return place(flow.data(source)[0]);
		return { kind: "inside", edge };
	};
	return place;
}

/** The While node, and for each Exit what passes its value on. */
function whileNodes(
	flow: Dataflow,
	parts: LoopParts,
	needed: ReadonlySet<NodeDef>,
): NodeDef[] {
	const { loop } = parts;
	const name = flow.freeName(loop.frame);
	const inputs = loopInputs(flow, parts);
	const types = inputs.map(({ argument }) => argument);
	const [cond, body] = defineLoop(flow, parts, name, inputs);
	const waits = [...loop.enters].flatMap(({ input }) =>
		input.filter((text) => text.startsWith("^")),
	);
	const isStateful = [parts.condition, parts.body].some(
		(region) => region.effects().length > 0,
	);
	const loopNode = nodeDef(
		name,
		isStateful ? "While" : "StatelessWhile",
		[...inputs.map(({ first }) => first.text), ...new Set(waits)],
		{
			T: typesAttr(types),
			cond: functionAttr(cond),
			body: functionAttr(body),
			output_shapes: shapesAttr(types),
		},
	);
	const exits = loop.exits.map((exit) =>
		exitNode(flow, exit, name, parts, needed),
	);
	return [loopNode, ...exits];
}

/** Something that all iterations are given: variables first, then what does not change. */
interface LoopInput {
	readonly key: string;
	/** Its value before the first iteration. */
	readonly first: Edge;
	/** Its value after an iteration. */
	readonly next: Edge;
	readonly argument: Argument;
}

function loopInputs(flow: Dataflow, parts: LoopParts): LoopInput[] {
	const { loop, condition, body, variables } = parts;
	const changing = variables.map(({ enter, merge, next }) => ({
		key: enter.name,
		first: flow.data(enter)[0],
		next,
		type: { ...flow.typeOf(flow.edge(merge.name)), isRef: false },
	}));
	const own = new Set(changing.map(({ key }) => key));
	const enters = new Map([...loop.enters].map((enter) => [enter.name, enter]));
	const fixed = [...new Map([...condition.given, ...body.given])]
		.filter(([key]) => !own.has(key))
		.map(([key, first]) => ({
			key,
			first,
			next: enters.has(key) ? flow.edge(key) : first,
			type: flow.typeOf(first),
		}));
	return [...changing, ...fixed].map(({ type, ...input }, i) => ({
		...input,
		argument: { ...type, name: flow.freeName(`loop_${i}`) },
	}));
}

/** Puts the loop's two functions into the library and returns their names. */
function defineLoop(
	flow: Dataflow,
	{ loop, condition, body }: LoopParts,
	name: string,
	inputs: readonly LoopInput[],
): [string, string] {
	const { library, scope } = flow;
	const args = new Map(inputs.map(({ key, argument }) => [key, argument]));
	const names: [string, string] = [
		`${scope.prefix}${name}/cond`,
		`${scope.prefix}${name}/body`,
	];
	const [test] = flow.data(loop.condition);
	library.functions.set(
		names[0],
		condition.definition(names[0], args, [
			{ type: DataType.DT_BOOL, name: "continues", edge: test },
		]),
	);
	library.functions.set(
		names[1],
		body.definition(
			names[1],
			args,
			inputs.map(({ argument, next }) => ({
				...argument,
				name: `${argument.name}_next`,
				edge: next,
			})),
		),
	);
	return names;
}

/** What an Exit is now: the value of its variable when the loop has ended. */
function exitNode(
	flow: Dataflow,
	exit: NodeDef,
	loopName: string,
	{ variables }: LoopParts,
	needed: ReadonlySet<NodeDef>,
): NodeDef {
	const through = flow.data(exit)[0].source;
	const merge = through && flow.data(through)[0].source;
	const index = variables.findIndex((variable) => variable.merge === merge);
	if (index >= 0)
		return nodeDef(exit.name, "Identity", [`${loopName}:${index}`], {
			T: typeAttr(flow.typeOf(flow.edge(exit.name)).type),
		});
	if (needed.has(exit))
		throw flow.refusal(exit, "what leaves the loop is none of its variables");
	return nodeDef(exit.name, "NoOp", [`^${loopName}`]);
}
