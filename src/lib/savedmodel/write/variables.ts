import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AttrValue,
	AttrValueSchema,
	type NodeDef,
	NodeDefSchema,
} from "../../../gen/graph_pb.js";
import {
	CollectionDefSchema,
	SaverDef_CheckpointFormatVersion,
	SaverDefSchema,
} from "../../../gen/saved_model_pb.js";
import { TensorShapeProtoSchema } from "../../../gen/tensor_pb.js";
import { field, type Piece, varintField } from "../../formats/wire-pieces.js";
import type { Constant } from "../../tensor/constant.js";
import { DTYPES, type DType } from "../../tensor/dtype.js";
import { tensorToProto } from "../../tensor/proto.js";
import { allocate, type Tensor } from "../../tensor/tensor.js";
import { ENTRY, META_GRAPH } from "./fields.js";

/** A constant that is a weight of a network. */
export interface Weight {
	/** Whether it changes when the network is trained. */
	readonly trainable: boolean;
}

/** What a graph becomes where its weights are variables, as TensorFlow 1's saver leaves it. */
export interface WithVariables {
	/** Without the constants, with the variables and what saves and restores them. */
	readonly nodes: readonly NodeDef[];
	/** Fields of MetaGraphDef: the saver, and the collections by which Python finds the variables. */
	readonly fields: readonly Piece[];
	/** Constants that are left. */
	readonly constants: ReadonlyMap<string, Constant>;
	/** By variable. */
	readonly values: ReadonlyMap<string, Constant>;
}

/** Turns the constants of these names into resource variables that their readers read. */
export function withVariables(
	nodes: readonly NodeDef[],
	constants: ReadonlyMap<string, Constant>,
	weights: ReadonlyMap<string, Weight>,
): WithVariables {
	const values = new Map(
		[...weights.keys()].flatMap((name): [string, Constant][] => {
			const constant = constants.get(name);
			return constant === undefined ? [] : [[name, constant]];
		}),
	);
	const refer = (input: string) =>
		values.has(input.replace(/:0$/, ""))
			? `${input.replace(/:0$/, "")}${READ}`
			: input;
	const kept = nodes
		.filter(({ name }) => !values.has(name))
		.map((found) => ({ ...found, input: found.input.map(refer) }));
	return {
		nodes: [
			...[...values].flatMap(([name, value]) => variableNodes(name, value)),
			...kept,
			...saverNodes(values),
		],
		fields: [
			...field(META_GRAPH.saver, [toBinary(SaverDefSchema, SAVER)]),
			...collection("variables", [...values.keys()], weights),
			...collection(
				"trainable_variables",
				[...values.keys()].filter((name) => weights.get(name)?.trainable),
				weights,
			),
		],
		constants: new Map([...constants].filter(([name]) => !values.has(name))),
		values,
	};
}

const READ = "/Read/ReadVariableOp";
const ZEROS = "/Initializer/zeros";
const ASSIGN = "/Assign";

const SAVER = create(SaverDefSchema, {
	filenameTensorName: "save/Const:0",
	saveTensorName: "save/control_dependency:0",
	restoreOpName: "save/restore_all",
	maxToKeep: 5,
	keepCheckpointEveryNHours: 10_000,
	version: SaverDef_CheckpointFormatVersion.V2,
});

function variableNodes(name: string, { dtype, shape }: Constant): NodeDef[] {
	const type = typeAttr(dtype);
	return [
		node(name, "VarHandleOp", [], {
			dtype: type,
			shape: attr({ case: "shape", value: shapeOf(shape) }),
			shared_name: attr({ case: "s", value: Buffer.from(name) }),
		}),
		node(`${name}${READ}`, "ReadVariableOp", [name], { dtype: type }),
		// only for whoever trains it anew: restoring comes first
		constant(`${name}${ZEROS}/shape_as_tensor`, {
			dtype: "int32",
			shape: [shape.length],
			data: Int32Array.from(shape),
		}),
		constant(`${name}${ZEROS}/Const`, zeroOf(dtype)),
		node(
			`${name}${ZEROS}`,
			"Fill",
			[`${name}${ZEROS}/shape_as_tensor`, `${name}${ZEROS}/Const`],
			{ T: type },
		),
		node(`${name}${ASSIGN}`, "AssignVariableOp", [name, `${name}${ZEROS}`], {
			dtype: type,
		}),
	];
}

function zeroOf(dtype: DType): Tensor {
	return { dtype, shape: [], data: allocate(dtype, 1) };
}

/** As tf.compat.v1.train.Saver makes them (python/training/saver.py). */
function saverNodes(values: ReadonlyMap<string, Constant>): NodeDef[] {
	const names = [...values.keys()];
	const types = create(AttrValueSchema, {
		value: {
			case: "list",
			value: {
				type: [...values.values()].map(({ dtype }) => DTYPES[dtype].tf),
			},
		},
	});
	const text = (name: string, words: readonly string[]) =>
		constant(name, {
			dtype: "string",
			shape: [words.length],
			data: words.map((word) => Buffer.from(word)),
		});
	const whole = names.map(() => "");
	return [
		constant("save/filename/input", {
			dtype: "string",
			shape: [],
			data: [Buffer.from("model")],
		}),
		...["filename", "Const"].map((name, i) =>
			node(
				`save/${name}`,
				"PlaceholderWithDefault",
				[["save/filename/input", "save/filename"][i]],
				{
					dtype: typeAttr("string"),
					shape: attr({ case: "shape", value: shapeOf([]) }),
				},
			),
		),
		text("save/SaveV2/tensor_names", names),
		text("save/SaveV2/shape_and_slices", whole),
		node(
			"save/SaveV2",
			"SaveV2",
			[
				"save/Const",
				"save/SaveV2/tensor_names",
				"save/SaveV2/shape_and_slices",
				...names.map((name) => `${name}${READ}`),
			],
			{ dtypes: types },
		),
		node(
			"save/control_dependency",
			"Identity",
			["save/Const", "^save/SaveV2"],
			{ T: typeAttr("string") },
		),
		text("save/RestoreV2/tensor_names", names),
		text("save/RestoreV2/shape_and_slices", whole),
		node(
			"save/RestoreV2",
			"RestoreV2",
			[
				"save/Const",
				"save/RestoreV2/tensor_names",
				"save/RestoreV2/shape_and_slices",
			],
			{ dtypes: types },
		),
		...[...values].map(([name, { dtype }], i) =>
			node(
				`save/AssignVariableOp_${i}`,
				"AssignVariableOp",
				[name, i === 0 ? "save/RestoreV2" : `save/RestoreV2:${i}`],
				{ dtype: typeAttr(dtype) },
			),
		),
		node(
			"save/restore_all",
			"NoOp",
			names.map((_, i) => `^save/AssignVariableOp_${i}`),
			{},
		),
	];
}

/** Field numbers of variable.proto, VariableDef. */
const VARIABLE = {
	name: 1,
	initializer: 2,
	snapshot: 3,
	isResource: 5,
	initialValue: 6,
	trainable: 7,
};

function collection(
	key: string,
	names: readonly string[],
	weights: ReadonlyMap<string, Weight>,
): Piece[] {
	const value = names.map((name) => {
		const text = (number: number, words: string) =>
			field(number, [Buffer.from(words)]);
		const trainable = weights.get(name)?.trainable === true;
		return Buffer.concat([
			...text(VARIABLE.name, `${name}:0`),
			...text(VARIABLE.initializer, `${name}${ASSIGN}`),
			...text(VARIABLE.snapshot, `${name}${READ}:0`),
			...varintField(VARIABLE.isResource, 1),
			...text(VARIABLE.initialValue, `${name}${ZEROS}:0`),
			...varintField(VARIABLE.trainable, trainable ? 1 : 0),
		] as Uint8Array[]);
	});
	const collection = create(CollectionDefSchema, {
		kind: { case: "bytesList", value: { value } },
	});
	return field(META_GRAPH.collections, [
		...field(ENTRY.key, [Buffer.from(key)]),
		...field(ENTRY.value, [toBinary(CollectionDefSchema, collection)]),
	]);
}

function node(
	name: string,
	op: string,
	input: readonly string[],
	attrs: Readonly<Record<string, AttrValue>>,
): NodeDef {
	return create(NodeDefSchema, { name, op, input: [...input], attr: attrs });
}

function constant(name: string, tensor: Tensor): NodeDef {
	return node(name, "Const", [], {
		dtype: typeAttr(tensor.dtype),
		value: attr({ case: "tensor", value: tensorToProto(tensor) }),
	});
}

function attr(value: AttrValue["value"]): AttrValue {
	return create(AttrValueSchema, { value });
}

function typeAttr(dtype: DType): AttrValue {
	return attr({ case: "type", value: DTYPES[dtype].tf });
}

function shapeOf(shape: readonly number[]) {
	return create(TensorShapeProtoSchema, {
		dim: shape.map((size) => ({ size: BigInt(size) })),
	});
}
