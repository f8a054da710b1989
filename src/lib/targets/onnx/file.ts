import { create, toBinary } from "@bufbuild/protobuf";
import {
	GraphProtoSchema,
	ModelProtoSchema,
	TensorProtoSchema,
} from "../../../gen/onnx_pb.js";
import type { Constant } from "../../tensor/constant.js";
import { tensorBytes } from "../../tensor/tensor.js";
import type { OnnxAttr, OnnxGraph, OnnxNode } from "./graph.js";
import {
	externalData,
	graphProto,
	headerOf,
	type ModelVersions,
	modelProto,
	type PlaceWeight,
} from "./write.js";

/** A model as bytes of files, made while they are written: one weight at a time is in memory. */
export interface OnnxFiles {
	readonly model: Iterable<Uint8Array>;
	/** The large weights, where they are kept beside the model. */
	readonly weights?: Iterable<Uint8Array>;
}

/** Protobuf's own limit of a message: 2 GB. */
const MOST_BYTES = 2 ** 31 - 1;

/** Bytes of the weights that go into the model's own file, if it holds them. */
export function weightBytes({ initializers }: OnnxGraph): number {
	return initializers.reduce(
		(sum, { constant }) => sum + constant.byteLength,
		0,
	);
}

/** Whether a model may be one file; a tenth of what protobuf allows is left for the graph. */
export function fitsOneFile(graph: OnnxGraph): boolean {
	return weightBytes(graph) < 0.9 * MOST_BYTES;
}

/** A graph as one file. */
export function oneFile(graph: OnnxGraph, versions: ModelVersions): OnnxFiles {
	const weights: NamedWeight[] = [];
	const place: PlaceWeight = (constant, byteLength, name) => {
		weights.push({ name, constant, byteLength });
		return undefined;
	};
	const head = toBinary(
		GraphProtoSchema,
		graphProto(graph, { place, text: asItIs }),
	);
	const tensors = weights.map(tensorOf);
	const length = tensors.reduce(
		(sum, { before, byteLength }) => sum + before.byteLength + byteLength,
		head.byteLength,
	);
	return {
		model: concat(
			[
				toBinary(ModelProtoSchema, modelProto(undefined, versions)),
				field(ModelProtoSchema.field.graph.number, length),
				head,
			],
			tensors,
		),
	};
}

/** A graph whose large weights lie in a file of this name beside it. */
export function twoFiles(
	graph: OnnxGraph,
	versions: ModelVersions,
	location: string,
): OnnxFiles {
	const weights: Constant[] = [];
	let offset = 0;
	const place: PlaceWeight = (constant, byteLength) => {
		const placed = externalData(location, offset, byteLength);
		weights.push(constant);
		offset += byteLength + gapBehind(byteLength);
		return placed;
	};
	const message = modelProto(
		graphProto(graph, { place, text: asItIs }),
		versions,
	);
	return {
		model: [toBinary(ModelProtoSchema, message)],
		weights: aligned(weights),
	};
}

/** Readers take strings for UTF-8, as TensorFlow keeps text. */
const asItIs = (bytes: Uint8Array): Uint8Array => bytes;

/** Domains of operations beyond ONNX's own, in bodies too. */
export function domainsOf({ nodes }: OnnxGraph): readonly string[] {
	return [...new Set(nodes.flatMap(nodeDomains))].filter(
		(domain) => domain !== "",
	);
}

function nodeDomains({ domain, attrs }: OnnxNode): readonly string[] {
	return [domain, ...bodiesOf(attrs).flatMap(domainsOf)];
}

/** The graphs that stand in attributes of a node. */
export function bodiesOf(
	attrs: Readonly<Record<string, OnnxAttr>>,
): readonly OnnxGraph[] {
	return Object.values(attrs).flatMap((attr) =>
		typeof attr === "object" && "graph" in attr ? [attr.graph] : [],
	);
}

interface NamedWeight {
	readonly name: string;
	readonly constant: Constant;
	readonly byteLength: number;
}

interface PlacedWeight {
	/** What stands in the graph's bytes before the elements. */
	readonly before: Uint8Array;
	readonly byteLength: number;
	readonly constant: Constant;
}

/** An initializer of a graph, as its bytes follow one another in the file. */
function tensorOf({ name, constant, byteLength }: NamedWeight): PlacedWeight {
	const header = toBinary(
		TensorProtoSchema,
		create(TensorProtoSchema, { ...headerOf(constant), name }),
	);
	const elements = field(TensorProtoSchema.field.rawData.number, byteLength);
	const before = Buffer.concat([
		field(
			GraphProtoSchema.field.initializer.number,
			header.byteLength + elements.byteLength + byteLength,
		),
		header,
		elements,
	]);
	return { before, byteLength, constant };
}

/** What stands before a field of so many bytes (protobuf.dev, Encoding: wire type 2). */
function field(number: number, byteLength: number): Uint8Array {
	return Uint8Array.from([...varint(8 * number + 2), ...varint(byteLength)]);
}

function varint(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 128; rest = Math.floor(rest / 128))
		bytes.push((rest % 128) + 128);
	return [...bytes, rest];
}

function* concat(
	parts: readonly Uint8Array[],
	tensors: readonly PlacedWeight[],
): Iterable<Uint8Array> {
	yield* parts;
	for (const { before, constant } of tensors) {
		yield before;
		yield tensorBytes(constant.read());
	}
}

/** Weights begin at pages, so that they can be mapped (onnx/docs/ExternalData.md). */
const PAGE = 4096;

function gapBehind(byteLength: number): number {
	return (PAGE - (byteLength % PAGE)) % PAGE;
}

function* aligned(weights: readonly Constant[]): Iterable<Uint8Array> {
	for (const constant of weights) {
		const bytes = tensorBytes(constant.read());
		yield bytes;
		yield new Uint8Array(gapBehind(bytes.byteLength));
	}
}
