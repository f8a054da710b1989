import type { NodeDef } from "../../../gen/graph_pb.js";
import { DataType } from "../../../gen/tensor_pb.js";
import {
	type Argument,
	constantDef,
	functionAttr,
	nodeDef,
	shapesAttr,
	typeAttr,
	typesAttr,
	withInputs,
} from "./definitions.js";
import { type Dataflow, type Edge, MERGES, SWITCHES } from "./edges.js";
import { groupBy } from "./grouping.js";
import { type Choice, Liveness } from "./liveness.js";
import { type Place, Region } from "./region.js";

/** Merges whose values one If node gives. */
interface Branching {
	readonly predicate: Edge;
	readonly choices: readonly Choice[];
}

/** Replaces the Merges that are in no branch themselves by the outputs of If nodes. */
export function structureBranches(
	flow: Dataflow,
	roots: readonly string[],
): void {
	nameValueIndices(flow, roots);
	const order = flow.ancestors(roots);
	const liveness = new Liveness(flow, order);
	const needed = neededWithEffects(flow, roots, order);
	const choices = order
		.filter((node) => needed.has(node))
		.flatMap((node) => liveness.choice(node) ?? [])
		.filter(({ rest }) => rest.size === 0);
	const ifs = branchings(flow, order, choices).map((branching) =>
		ifNodes(flow, branching, liveness, needed),
	);
	flow.replace(ifs.flat());
}

/**
 * What is needed, and the Merges that end a branch with an effect, though nobody may look at their values: they alone say
 * which branch runs.
 */
function neededWithEffects(
	flow: Dataflow,
	roots: readonly string[],
	order: readonly NodeDef[],
): ReadonlySet<NodeDef> {
	const after = new Set<NodeDef>();
	for (const node of order)
		if (
			flow.library.hasEffect(node) ||
			flow.edges(node).some(({ source }) => source && after.has(source))
		)
			after.add(node);
	const merges = [...after].filter(({ op }) => MERGES.has(op));
	return new Set(flow.needed([...roots, ...merges.map(({ name }) => name)]));
}

/**
 * Merges that wait for the same predicate share an If, unless one of them waits for another: then they come from two
 * conditionals after one another.
 */
function branchings(
	flow: Dataflow,
	order: readonly NodeDef[],
	choices: readonly Choice[],
): Branching[] {
	const byPredicate = groupBy(choices, ({ predicate }) => predicate.key);
	return [...byPredicate.values()].flatMap((group) => {
		const levels = levelsOf(
			flow,
			order,
			new Set(group.map(({ merge }) => merge)),
		);
		const byLevel = groupBy(group, ({ merge }) => levels.get(merge));
		return [...byLevel.values()].map((members) => ({
			predicate: members[0].predicate,
			choices: members,
		}));
	});
}

/** How many of `merges` lie one behind the other up to a node. */
function levelsOf(
	flow: Dataflow,
	order: readonly NodeDef[],
	merges: ReadonlySet<NodeDef>,
): ReadonlyMap<NodeDef, number> {
	const levels = new Map<NodeDef, number>();
	if (merges.size === 1) return levels;
	for (const node of order) {
		let level = 0;
		for (const { source } of flow.edges(node))
			if (source !== undefined)
				level = Math.max(level, levels.get(source) ?? 0);
		levels.set(node, merges.has(node) ? level + 1 : level);
	}
	return levels;
}

/** The If node, and for each Merge what passes its value on. */
function ifNodes(
	flow: Dataflow,
	{ predicate, choices }: Branching,
	liveness: Liveness,
	needed: ReadonlySet<NodeDef>,
): NodeDef[] {
	const name = flow.freeName(`${choices[0].merge.name}/If`);
	const taken = ([0, 1] as const).map((branch) => {
		const place = placeIn(flow, liveness, needed, predicate, branch);
		const region = new Region(flow, needed, place);
		region.include(choices.map(({ values }) => values[branch]));
		return region;
	});
	const given = new Map(taken.flatMap((region) => [...region.given]));
	const args = new Map(
		[...given].map(([key, edge], i): [string, Argument] => [
			key,
			{ ...flow.typeOf(edge), name: flow.freeName(`given_${i}`) },
		]),
	);
	const results = choices.map(({ merge }, i) => ({
		...flow.typeOf(flow.edge(merge.name)),
		name: `result_${i}`,
	}));
	const [otherwise, then] = taken.map((region, branch) => {
		const part = `${flow.scope.prefix}${name}/${branch === 1 ? "then" : "else"}`;
		const returned = results.map((result, i) => ({
			...result,
			edge: choices[i].values[branch],
		}));
		flow.library.functions.set(part, region.definition(part, args, returned));
		return part;
	});
	const isStateful = taken
		.flatMap(({ nodes }) => [...nodes])
		.some((node) => needed.has(node) && flow.library.hasEffect(node));
	const node = nodeDef(
		name,
		isStateful ? "If" : "StatelessIf",
		[
			predicate.text,
			...[...given.values()].map(({ text }) => text),
			...new Set(taken.flatMap(({ before }) => [...before])),
		],
		{
			Tcond: typeAttr(DataType.DT_BOOL),
			Tin: typesAttr([...args.values()]),
			Tout: typesAttr(results),
			then_branch: functionAttr(then),
			else_branch: functionAttr(otherwise),
			output_shapes: shapesAttr(results),
		},
	);
	const values = choices.map(({ merge }, i) =>
		nodeDef(merge.name, "Identity", [`${name}:${i}`], {
			T: typeAttr(results[i].type),
		}),
	);
	return [node, ...values];
}

/** What runs only if the predicate chose this branch is inside; constants are too, so that the branch knows them. */
function placeIn(
	flow: Dataflow,
	liveness: Liveness,
	needed: ReadonlySet<NodeDef>,
	predicate: Edge,
	branch: 0 | 1,
): (edge: Edge) => Place {
	return (edge) => {
		const { source, control } = edge;
		if (source === undefined) return { kind: "argument", key: edge.key, edge };
		const isOwn =
			SWITCHES.has(source.op) && flow.predicate(source).key === predicate.key;
		if (isOwn && control) return { kind: "nowhere" };
		if (isOwn) {
			const [passed] = flow.data(source);
			return { kind: "argument", key: passed.key, edge: passed };
		}
		if (liveness.of(edge).get(predicate.key) === branch)
			return { kind: "inside", edge };
		if (control)
			return needed.has(source)
				? { kind: "before", edge }
				: { kind: "nowhere" };
		return source.op === "Const"
			? { kind: "inside", edge }
			: { kind: "argument", key: edge.key, edge };
	};
}

/**
 * A Merge's second output says which input it took. Where somebody asks, a Merge of its own answers, so that all Merges have
 * one value.
 */
function nameValueIndices(flow: Dataflow, roots: readonly string[]): void {
	const order = flow.ancestors(roots);
	const isIndex = ({ source, control, index }: Edge) =>
		source !== undefined && MERGES.has(source.op) && !control && index === 1;
	const asking = order.filter((node) => flow.edges(node).some(isIndex));
	if (asking.length === 0) return;
	const liveness = new Liveness(flow, order);
	const asked = asking.flatMap((node) =>
		flow.edges(node).flatMap((edge) => (isIndex(edge) ? [edge.source] : [])),
	);
	const answers = [...new Set(asked)].flatMap((merge) =>
		merge === undefined ? [] : indexNodes(flow, liveness, merge),
	);
	const changed = asking.map((node) =>
		withInputs(
			node,
			flow
				.edges(node)
				.map((edge) =>
					isIndex(edge) ? `${edge.source?.name}/value_index` : edge.text,
				),
		),
	);
	flow.replace([...answers, ...changed]);
}

function indexNodes(
	flow: Dataflow,
	liveness: Liveness,
	merge: NodeDef,
): NodeDef[] {
	const choice = liveness.choice(merge);
	if (choice === undefined)
		throw flow.refusal(merge, "its inputs are not the two ends of one choice");
	const name = `${merge.name}/value_index`;
	const type = { T: typeAttr(DataType.DT_INT32) };
	const inputs = flow.data(merge).map((edge) => choice.values.indexOf(edge));
	return [
		...inputs.flatMap((branch, i) => [
			constantDef(`${name}/${i}`, i),
			nodeDef(
				`${name}/switch_${i}`,
				"Switch",
				[`${name}/${i}`, choice.predicate.text],
				type,
			),
			nodeDef(
				`${name}/taken_${i}`,
				"Identity",
				[`${name}/switch_${i}:${branch}`],
				type,
			),
		]),
		nodeDef(
			name,
			"Merge",
			inputs.map((_, i) => `${name}/taken_${i}`),
			type,
		),
	];
}
