import type { NodeDef } from "../../gen/graph_pb.js";
import type { MetaGraphDef, TensorInfo } from "../../gen/saved_model_pb.js";
import { opDef } from "../../lib/ops/opdef.js";
import { type SavedModelFile, tagsOf } from "../../lib/savedmodel/read.js";
import { byBytes } from "../../lib/savedmodel/signature.js";
import { dataTypeName } from "../../lib/tensor/dtype.js";
import { compatFunctions } from "./compat-functions.js";
import { stringRepr } from "./python.js";

/** `saved_model_cli show --dir D --all` (python/tools/saved_model_cli.py, TensorFlow 2.21); its set of ops sorted. */
export function compatAll({ metaGraphs }: SavedModelFile): string {
	return (
		[...metaGraphs]
			.sort((a, b) => byTags(tagsOf(a), tagsOf(b)))
			.map(showMetaGraph)
			.join("") + showFunctions(metaGraphs)
	);
}

/** `show --dir D`. */
export function compatTagSets({ metaGraphs }: SavedModelFile): string {
	return lines([
		"The given SavedModel contains the following tag-sets:",
		...metaGraphs
			.map(tagsOf)
			.sort(byTags)
			.map((tags) => stringRepr([...tags].sort(byBytes).join(", "))),
	]);
}

/** `show --dir D --tag_set T`. */
export function compatKeys({ signatureDef }: MetaGraphDef): string {
	return lines([
		"The given SavedModel MetaGraphDef contains SignatureDefs with the following keys:",
		...Object.keys(signatureDef)
			.sort(byBytes)
			.map((key) => `SignatureDef key: "${key}"`),
	]);
}

/** `show --dir D --tag_set T --signature_def S`. */
export function compatSignature(metaGraph: MetaGraphDef, key: string): string {
	return lines(signatureLines(metaGraph, key));
}

/** `show --dir D --tag_set T --list_ops`, without the keys that follow. */
export function compatOps(metaGraph: MetaGraphDef): string {
	const tags = tagsOf(metaGraph).map(stringRepr).join(", ");
	const ops = usedOps(metaGraph).map(stringRepr).join(", ");
	return lines([
		`The MetaGraph with tag set [${tags}] contains the following ops: ${ops === "" ? "set()" : `{${ops}}`}`,
	]);
}

function showMetaGraph(metaGraph: MetaGraphDef): string {
	const blocks = Object.keys(metaGraph.signatureDef)
		.sort(byBytes)
		.map((key) =>
			lines([
				"",
				`signature_def['${key}']:`,
				...signatureLines(metaGraph, key).map((line) => `  ${line}`),
			]),
		);
	return (
		lines([
			"",
			`MetaGraphDef with tag-set: '${tagsOf(metaGraph).join(", ")}' contains the following SignatureDefs:`,
		]) +
		blocks.join("") +
		compatOps(metaGraph)
	);
}

function signatureLines({ signatureDef }: MetaGraphDef, key: string): string[] {
	const { inputs, outputs, methodName } = signatureDef[key];
	return [
		"The given SavedModel SignatureDef contains the following input(s):",
		...portLines("inputs", inputs),
		"The given SavedModel SignatureDef contains the following output(s):",
		...portLines("outputs", outputs),
		`Method name is: ${methodName}`,
	];
}

function portLines(
	side: string,
	infos: Readonly<Record<string, TensorInfo>>,
): string[] {
	return Object.entries(infos)
		.sort(([a], [b]) => byBytes(a, b))
		.flatMap(([name, { dtype, tensorShape, encoding }]) => [
			`  ${side}['${name}'] tensor_info:`,
			`      dtype: ${dataTypeName(dtype)}`,
			`      shape: ${tensorShape?.unknownRank ? "unknown_rank" : `(${(tensorShape?.dim ?? []).map(({ size }) => size).join(", ")})`}`,
			`      name: ${encoding.case === "name" ? encoding.value : ""}`,
		]);
}

/** Of the main graph and of functions that calls reach, but not of bodies of control flow (framework/meta_graph.py). */
function usedOps({ graphDef }: MetaGraphDef): string[] {
	const library = new Map(
		graphDef?.library?.function.map((f) => [f.signature?.name ?? "", f]),
	);
	const used = new Set<string>();
	const waiting: string[] = [];
	const mark = (op: string): void => {
		if (!used.has(op) && library.has(op)) waiting.push(op);
		used.add(op);
	};
	const markNode = ({ op, attr }: NodeDef): void => {
		mark(op);
		const called = attr.f?.value;
		if (CALLS.has(op)) mark(called?.case === "func" ? called.value.name : "");
	};
	graphDef?.node.forEach(markNode);
	for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
		library.get(name)?.nodeDef.forEach(markNode);
	return [...used].filter((op) => !library.has(op)).sort(byBytes);
}

const CALLS = new Set(["PartitionedCall", "StatefulPartitionedCall"]);

/** Upstream loads the model for this, so what it cannot load it cannot list. */
function showFunctions(metaGraphs: readonly MetaGraphDef[]): string {
	if (metaGraphs.every(({ objectGraphDef }) => objectGraphDef === undefined))
		return "";
	const [{ objectGraphDef, graphDef }] = metaGraphs;
	const heading = "\nConcrete Functions:";
	if (metaGraphs.length > 1 || objectGraphDef === undefined)
		return `${heading} N/A (could not be listed due to unknown reasons)\n`;
	const functions = graphDef?.library?.function ?? [];
	const names = new Set(functions.map(({ signature }) => signature?.name));
	const isCustom = ({ op }: NodeDef): boolean =>
		!names.has(op) && opDef(op) === undefined;
	if (functions.some(({ nodeDef }) => nodeDef.some(isCustom)))
		return `${heading} N/A (could not be listed due to the existence of custom ops in the SavedModel)\n`;
	return heading + compatFunctions(objectGraphDef, graphDef?.library);
}

/** As Python compares lists. */
function byTags(a: readonly string[], b: readonly string[]): number {
	for (let i = 0; i < Math.min(a.length, b.length); i++) {
		const order = byBytes(a[i], b[i]);
		if (order !== 0) return order;
	}
	return a.length - b.length;
}

function lines(texts: readonly string[]): string {
	return texts.map((text) => `${text}\n`).join("");
}
