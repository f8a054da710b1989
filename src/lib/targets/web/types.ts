import type { Port, Program } from "../../graph/ir.js";
import { showShape } from "../../tensor/tensor.js";

/** A declaration file for a graph model: what its signature takes and gives, for TypeScript. */
export function typesOf({ signature, inputs, outputs }: Program): string {
	const ports = [...inputs, ...outputs];
	const imported = [...new Set(ports.map(typeName))].sort().join(", ");
	return `// Signature ${JSON.stringify(signature)}, for tf.loadGraphModel("model.json"). Made by mlship.
import type { ${imported} } ${FROM_CORE}

/** What \`execute\`, \`executeAsync\` and \`predict\` take. */
export interface Inputs {
${members(inputs)}
}

/** What the model gives, by name. */
export interface Outputs {
${members(outputs)}
}

/** Names of outputs: \`model.execute(inputs, names)\` returns them in the order in which they are asked for. */
export type OutputName = keyof Outputs;
`;
}

/** Which has the types of tensors. */
const FROM_CORE = 'from "@tensorflow/tfjs-core";';

function members(ports: readonly Port[]): string {
	return ports
		.map(
			(port) =>
				`\t/** ${port.dtype} ${showShape(port.shape)} */\n\treadonly ${JSON.stringify(port.name)}: ${typeName(port)};`,
		)
		.join("\n");
}

/** TensorFlow.js has types of ranks up to 6. */
function typeName({ shape }: Port): string {
	if (shape === undefined || shape.length > 6) return "Tensor";
	return shape.length === 0 ? "Scalar" : `Tensor${shape.length}D`;
}
