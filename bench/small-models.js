import { DataType } from "../dist/gen/tensor_pb.js";
import { Nodes, writeModel } from "./graphs.js";

const FLOAT = { value: { case: "type", value: DataType.DT_FLOAT } };
const INT32 = { value: { case: "type", value: DataType.DT_INT32 } };

/** Takes pictures of 224×224×3 and answers the first point of each: nothing but what is around a run. */
export function writePictureModel(folder) {
	const nodes = new Nodes();
	const shape = [-1, 224, 224, 3];
	const x = nodes.input(shape);
	const point = nodes.add(
		"Slice",
		[x, nodes.ints([4], 0, 0, 0, 0), nodes.ints([4], -1, 1, 1, 3)],
		{ T: FLOAT, Index: INT32 },
	);
	writeModel(folder, {
		nodes,
		output: `${point}:0`,
		shape,
		outputShape: [-1, 1, 1, 3],
	});
}

/** Layers of a thousand by a thousand weights, four megabytes each, which a seed begins: no two models are alike. */
export function writeLargeModel(folder, megabytes, seed) {
	const nodes = new Nodes();
	const shape = [-1, WIDTH];
	let x = nodes.input(shape);
	let state = seed;
	for (let layer = 0; layer < Math.round(megabytes / 4); layer++) {
		const weights = new Float32Array(WIDTH * WIDTH);
		for (let i = 0; i < weights.length; i++) {
			state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
			weights[i] = (state / 2 ** 31 - 0.5) / WIDTH;
		}
		const bytes = new Uint8Array(weights.buffer);
		const matrix = nodes.weights([WIDTH, WIDTH], bytes);
		const product = nodes.add("MatMul", [x, matrix], { T: FLOAT });
		x = nodes.add("Relu", [product], { T: FLOAT });
	}
	writeModel(folder, { nodes, output: `${x}:0`, shape });
}

const WIDTH = 1000;
