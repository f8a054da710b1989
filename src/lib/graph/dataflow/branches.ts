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
import { groupChoices } from "./grouping.js";
import { type Choice, Liveness } from "./liveness.js";
import { type Place, Region } from "./region.js";

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
	const ifs = groupChoices(flow, order, choices).map((group) =>
		branchesOf(flow, group, liveness, needed),
	);
	checkEffects(flow, ifs);
	flow.replace(ifs.flatMap((branching) => ifNodes(flow, branching)));
}

/** Choices that one If node makes. */
interface Branching {
	readonly choices: readonly Choice[];
	/** What runs if the predicate is false, and if it is true. */
	readonly regions: readonly Region[];
}

/** Two Ifs may compute the same, but not do the same. */
function checkEffects(flow: Dataflow, ifs: readonly Branching[]): void {
	const seen = new Set<NodeDef>();
	const effects = ifs.flatMap(({ regions }) =>
		regions.flatMap((region) => region.effects()),
	);
	for (const node of effects) {
		if (seen.has(node))
			throw flow.refusal(node, "two conditionals would run it");
		seen.add(node);
	}
}

function branchesOf(
	flow: Dataflow,
	choices: readonly Choice[],
	liveness: Liveness,
	needed: ReadonlySet<NodeDef>,
): Branching {
	const regions = ([0, 1] as const).map((branch) => {
		const [{ predicate }] = choices;
		const place = placeIn(flow, liveness, needed, predicate, branch);
		const region = new Region(flow, needed, place);
		region.include(choices.map(({ values }) => values[branch]));
		return region;
	});
	return { choices, regions };
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

/** The If node, and for each Merge what passes its value on. */
function ifNodes(flow: Dataflow, { choices, regions }: Branching): NodeDef[] {
	const [{ predicate, merge: first }] = choices;
	const name = flow.freeName(`${first.name}/If`);
	const given = new Map(regions.flatMap((region) => [...region.given]));
	const args = new Map(
		[...given].map(([key, edge], i): [string, Argument] => [
			key,
			{ ...flow.typeOf(edge), name: flow.freeName(`given_${i}`) },
		]),
	);
	const results = choices.map(({ merge }, i) => ({
		...flow.typeOf(flow.edge(merge.name)),
		isRef: false,
		name: `result_${i}`,
	}));
	const [otherwise, then] = regions.map((region, branch) => {
		const part = `${flow.scope.prefix}${name}/${branch === 1 ? "then" : "else"}`;
		const returned = results.map((result, i) => ({
			...result,
			edge: choices[i].values[branch],
		}));
		flow.library.functions.set(part, region.definition(part, args, returned));
		return part;
	});
	const isStateful = regions.some((region) => region.effects().length > 0);
	const node = nodeDef(
		name,
		isStateful ? "If" : "StatelessIf",
		[
			predicate.text,
			...[...given.values()].map(({ text }) => text),
			...new Set(regions.flatMap(({ before }) => [...before])),
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
