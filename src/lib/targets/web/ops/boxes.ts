import type { WebContext, WebLowering, WebValue } from "../lowering.js";

/** TensorFlow.js counts nothing that it pads, and pads to no more than there are boxes. */
export const suppressionV4: WebLowering = (context) => {
	const { emit, input } = context;
	const chosen = emit(
		"NonMaxSuppressionV3",
		[0, 1, 2, 3, 4].map((i) => input(i)),
	);
	return [padded(context, chosen, chosen), emit("Size", [chosen])];
};

/** TensorFlow.js returns no count. */
export const suppressionV5: WebLowering = (context) => {
	const { emit, emitMany, input } = context;
	const [chosen, scores] = emitMany(
		"NonMaxSuppressionV5",
		[0, 1, 2, 3, 4, 5].map((i) => input(i)),
		2,
	);
	return [
		padded(context, chosen, chosen),
		padded(context, scores, chosen),
		emit("Size", [chosen]),
	];
};

/** A vector with zeros behind it, as many as fewer boxes were chosen than were wanted. */
function padded(
	{ node, emit, input, ints }: WebContext,
	vector: WebValue,
	chosen: WebValue,
): WebValue {
	if (node.attrs.pad_to_max_output_size !== true) return vector;
	const missing = emit("Sub", [input(2), emit("Size", [chosen])]);
	const both = emit("ConcatV2", [
		ints([0]),
		emit("Reshape", [missing, ints([1])]),
		ints([0]),
	]);
	return emit("Pad", [vector, emit("Reshape", [both, ints([1, 2])])]);
}
