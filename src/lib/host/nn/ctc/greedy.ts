import { boolAttr, intAttr } from "../../../graph/attrs.js";
import { rounded } from "../../elementwise.js";
import type { HostKernel } from "../../kernel.js";
import { decodedTensors, sequencesOf } from "./decoded.js";

/** `CTCGreedyDecoder` (kernels/ctc_decoder_ops.cc): the best class of each step, blanks and perhaps repetitions left out. */
export const ctcGreedyDecoder: HostKernel = (node, [inputs, lengthTensor]) => {
	const sequences = sequencesOf(inputs, lengthTensor);
	const { scores, batch, classes, lengths } = sequences;
	const given = intAttr(node, "blank_index");
	const blank = given < 0 ? given + classes : given;
	const isMerged = boolAttr(node, "merge_repeated");
	const totals = new Float64Array(batch);
	const rows = Array.from({ length: batch }, (_, row) => {
		const labels: number[] = [];
		let before = -1;
		for (let t = 0; t < lengths[row]; t++) {
			const at = sequences.start(t, row);
			let best = 0;
			for (let k = 1; k < classes; k++)
				if (scores[at + k] > scores[at + best]) best = k;
			totals[row] -= scores[at + best];
			if (best !== blank && !(isMerged && best === before)) labels.push(best);
			before = best;
		}
		return labels;
	});
	return [
		...decodedTensors(rows),
		{
			dtype: inputs.dtype,
			shape: [batch, 1],
			data: rounded(inputs.dtype, totals),
		},
	];
};
