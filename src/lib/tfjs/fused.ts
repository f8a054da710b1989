import { create } from "@bufbuild/protobuf";
import {
	type AttrValue,
	AttrValueSchema,
	type NodeDef,
	NodeDefSchema,
} from "../../gen/graph_pb.js";
import { fail } from "../errors.js";
import { tensorFromNumbers } from "../tensor/numbers.js";
import { tensorToProto } from "../tensor/proto.js";

/** What a fused operation of TensorFlow.js computes before its `fused_ops`. */
const PRODUCTS: Readonly<Record<string, string>> = {
	_FusedConv2D: "Conv2D",
	FusedDepthwiseConv2dNative: "DepthwiseConv2dNative",
	_FusedMatMul: "MatMul",
};

/** What TensorFlow.js has beside TensorFlow's operations. */
const ALONE: Readonly<Record<string, (node: NodeDef) => readonly NodeDef[]>> = {
	Prelu: ({ name, input, attr }) => prelu(name, input, attr.T),
};

/** Attributes that only the fused form has. */
const FUSED_ATTRS: ReadonlySet<string> = new Set([
	"fused_ops",
	"num_args",
	"num_host_args",
	"TArgs",
	"host_args",
	"epsilon",
	"leakyrelu_alpha",
	"user_ops",
]);

/**
 * Operations that only TensorFlow.js has, as those of TensorFlow that they were made of (tfjs-converter
 * tf_saved_model_conversion_v2.py); the last one has the name. Other nodes are returned as they are. Fails with UNSUPPORTED.
 */
export function unfused(node: NodeDef): readonly NodeDef[] {
	const alone = Object.hasOwn(ALONE, node.op) ? ALONE[node.op] : undefined;
	if (alone !== undefined) return alone(node);
	const product = Object.hasOwn(PRODUCTS, node.op)
		? PRODUCTS[node.op]
		: undefined;
	if (product === undefined) return [node];
	const steps = fusedSteps(node);
	const type = node.attr.T;
	const attrs = Object.entries(node.attr).filter(
		([name]) => !FUSED_ATTRS.has(name),
	);
	const nameOf = (index: number): string =>
		index === steps.length ? node.name : `${node.name}/fused_${index}`;
	const nodes = [
		create(NodeDefSchema, {
			name: nameOf(0),
			op: product,
			input: node.input.slice(0, 2),
			attr: Object.fromEntries(attrs),
		}),
	];
	let argument = 2;
	for (const [i, step] of steps.entries()) {
		const row = Object.hasOwn(STEPS, step) ? STEPS[step] : undefined;
		if (row === undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot read node "${node.name}": ${node.op} is fused with ${step}`,
				{ at: { node: node.name, op: node.op } },
			);
		const given = node.input.slice(argument, argument + row.takes);
		argument += row.takes;
		nodes.push(
			...row.make(nameOf(i + 1), [nameOf(i), ...given], {
				type,
				alpha: node.attr.leakyrelu_alpha,
			}),
		);
	}
	const controls = node.input.filter((name) => name.startsWith("^"));
	nodes[0].input.push(...controls);
	return nodes;
}

function fusedSteps(node: NodeDef): readonly string[] {
	const { value } = node.attr.fused_ops ?? {};
	const names =
		value?.case === "list"
			? value.value.s.map((bytes) => Buffer.from(bytes).toString())
			: [];
	return names.filter((name) => name !== "NoOp" && name !== "");
}

interface StepAttrs {
	readonly type: AttrValue | undefined;
	readonly alpha: AttrValue | undefined;
}

interface Step {
	/** Arguments of its own, behind the value. */
	readonly takes: number;
	make(
		name: string,
		input: readonly string[],
		attrs: StepAttrs,
	): readonly NodeDef[];
}

/** What `fused_ops` may hold (tfjs-core fused_util.ts, applyActivation); TensorFlow's optimizer writes hard swish too. */
const STEPS: Readonly<Record<string, Step>> = {
	BiasAdd: { takes: 1, make: plain("BiasAdd") },
	Relu: { takes: 0, make: plain("Relu") },
	Relu6: { takes: 0, make: plain("Relu6") },
	Elu: { takes: 0, make: plain("Elu") },
	Sigmoid: { takes: 0, make: plain("Sigmoid") },
	Tanh: { takes: 0, make: plain("Tanh") },
	_FusedHardSwish: { takes: 0, make: hardSwish },
	LeakyRelu: {
		takes: 0,
		make: (name, input, { type, alpha }) => [
			made(name, "LeakyRelu", input, { T: type, alpha }),
		],
	},
	Prelu: {
		takes: 1,
		make: (name, input, { type }) => prelu(name, input, type),
	},
};

function plain(op: string): Step["make"] {
	return (name, input, { type }) => [made(name, op, input, { T: type })];
}

/** `x * relu6(x + 3) / 6`, with the constants as nodes. */
function hardSwish(
	name: string,
	[x]: readonly string[],
	{ type }: StepAttrs,
): readonly NodeDef[] {
	const inner = (kind: string) => `${name}/${kind}`;
	return [
		scalar(inner("three"), 3, type),
		scalar(inner("sixth"), 1 / 6, type),
		made(inner("shifted"), "AddV2", [x, inner("three")], { T: type }),
		made(inner("clipped"), "Relu6", [inner("shifted")], { T: type }),
		made(inner("product"), "Mul", [x, inner("clipped")], { T: type }),
		made(name, "Mul", [inner("product"), inner("sixth")], { T: type }),
	];
}

function scalar(
	name: string,
	value: number,
	type: AttrValue | undefined,
): NodeDef {
	const tensor = tensorToProto(tensorFromNumbers("float32", [], [value]));
	return made(name, "Const", [], {
		dtype: type,
		value: create(AttrValueSchema, {
			value: { case: "tensor", value: tensor },
		}),
	});
}

/** As Keras writes it: `relu(x) + (-alpha) * relu(-x)`. */
function prelu(
	name: string,
	[x, alpha, ...controls]: readonly string[],
	type: AttrValue | undefined,
): readonly NodeDef[] {
	const inner = (kind: string) => `${name}/${kind}`;
	const node = (at: string, op: string, ...input: string[]) =>
		made(at, op, input, { T: type });
	return [
		node(inner("positive"), "Relu", x, ...controls),
		node(inner("minus_alpha"), "Neg", alpha),
		node(inner("minus"), "Neg", x),
		node(inner("negative"), "Relu", inner("minus")),
		node(inner("scaled"), "Mul", inner("minus_alpha"), inner("negative")),
		node(name, "AddV2", inner("positive"), inner("scaled")),
	];
}

function made(
	name: string,
	op: string,
	input: readonly string[],
	attrs: Readonly<Record<string, AttrValue | undefined>>,
): NodeDef {
	const attr: Record<string, AttrValue> = {};
	for (const [key, value] of Object.entries(attrs))
		if (value !== undefined) attr[key] = value;
	return create(NodeDefSchema, { name, op, input: [...input], attr });
}
