import { boolAttr } from "../../../../graph/attrs.js";
import { heldConstant } from "../../../../tensor/constant.js";
import type { DType } from "../../../../tensor/dtype.js";
import { numberTensor } from "../../../../tensor/numbers.js";
import type { OnnxGraph, OnnxNode } from "../../graph.js";
import type { LowerContext, Lowering, OnnxValue } from "../../lowering.js";
import { middleAxis } from "../../middle-axis.js";
import { cutTo, neverEmpty } from "../../never-empty.js";
import { runtimeAxes } from "./axes.js";

export const cumulativeSum: Lowering = (context) => {
	const { node, emit, input } = context;
	return emit("CumSum", [input(0), runtimeAxes(context)], {
		exclusive: Number(boolAttr(node, "exclusive")),
		reverse: Number(boolAttr(node, "reverse")),
	});
};

export const cumulativeProduct = cumulative(1, (step) => [
	step("Mul", ["total", "element"], "next"),
]);

/** ln(e^a + e^b) = m + ln(e^(a - m) + e^(b - m)) where m is the larger, or 0 if both are ln 0. */
export const cumulativeLogSum = cumulative(-Infinity, (step) => [
	step("Max", ["total", "element"], "larger"),
	step("IsInf", ["larger"], "isInfinite"),
	step("Where", ["isInfinite", "zero", "larger"], "offset"),
	step("Sub", ["total", "offset"], "a"),
	step("Sub", ["element", "offset"], "b"),
	step("Exp", ["a"], "powerA"),
	step("Exp", ["b"], "powerB"),
	step("Add", ["powerA", "powerB"], "sum"),
	step("Log", ["sum"], "log"),
	step("Add", ["log", "offset"], "next"),
]);

type Step = (op: string, inputs: readonly string[], output: string) => OnnxNode;

/**
 * Goes along an axis in ONNX's Scan with `total` carried on; `steps` make `next` of it and of `element`, and may use
 * `zero`.
 */
function cumulative(
	start: number,
	steps: (step: Step) => readonly OnnxNode[],
): Lowering {
	return (context) => {
		const { cast, emit, emitMany, input, node } = context;
		const middle = middleAxis(context, input(0), runtimeAxes(context));
		const { dtype } = middle.value;
		const scanned = SCANNED_AS[dtype] ?? dtype;
		const first = context.scalar(scanned, start);
		// one more that changes nothing: ONNX Runtime does not go along an axis without elements
		const { value, sizes } = neverEmpty(
			context,
			cast(middle.value, scanned),
			3,
			first,
			1,
		);
		const from = emit("Expand", [first, shapeWithoutMiddle(context, value)]);
		const direction = [Number(boolAttr(node, "reverse"))];
		const [, along] = emitMany("Scan", [from, value], [scanned, scanned], {
			body: {
				graph: body(node.name, scanned, boolAttr(node, "exclusive"), steps),
			},
			num_scan_inputs: 1,
			scan_input_axes: [1],
			scan_output_axes: [1],
			scan_input_directions: direction,
			scan_output_directions: direction,
		});
		const taken = cutTo(context, along, sizes, 3);
		return middle.restored(cast(taken, dtype), middle.size);
	};
}

/** ONNX Runtime loops over no float16. */
const SCANNED_AS: Readonly<Partial<Record<DType, DType>>> = {
	float16: "float32",
};

function shapeWithoutMiddle({ emit, ints }: LowerContext, x: OnnxValue) {
	const sizes = emit("Shape", [x], {}, { dtype: "int64" });
	return emit("Gather", [sizes, ints([0, 2])]);
}

function body(
	scope: string,
	dtype: DType,
	isExclusive: boolean,
	steps: (step: Step) => readonly OnnxNode[],
): OnnxGraph {
	const name = (local: string) => `${scope}/scan/${local}`;
	const step: Step = (op, inputs, output) => ({
		op,
		domain: "",
		name: name(`${op}_${output}`),
		inputs: inputs.map(name),
		outputs: [name(output)],
		attrs: {},
	});
	const port = (local: string) => ({
		name: name(local),
		dtype,
		shape: [-1, -1],
	});
	return {
		name: name("body"),
		inputs: [port("total"), port("element")],
		outputs: [port("carried"), port("result")],
		nodes: [
			...steps(step),
			step("Identity", ["next"], "carried"),
			step("Identity", [isExclusive ? "total" : "next"], "result"),
		],
		initializers: [
			{ name: name("zero"), constant: heldConstant(numberTensor(dtype, 0)) },
		],
	};
}
