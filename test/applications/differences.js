/** The greatest difference, as a part of how far TensorFlow's answers lie from one another. */
export function differences({ shape, data }, answers) {
	if (shape.join() !== answers.shape.join())
		throw new Error(`answers [${shape}], TensorFlow [${answers.shape}]`);
	let [low, high, worst] = [Infinity, -Infinity, 0];
	for (const [i, wanted] of answers.data.entries()) {
		low = Math.min(low, wanted);
		high = Math.max(high, wanted);
		// a NaN must not get lost: every comparison with it is false
		const off = Math.abs(data[i] - wanted);
		if (!(off <= worst)) worst = off;
	}
	return worst / (high - low);
}
