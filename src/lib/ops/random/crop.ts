import { type InferRule, type OpEntry, primitive } from "../define.js";

/** Where a crop begins, how large it is, and its corners as shares of the image. */
const crop: InferRule = ({ inputs: [{ dtype }] }) => [
	{ dtype, shape: [3] },
	{ dtype, shape: [3] },
	{ dtype: "float32", shape: [1, 1, 4] },
];

/** Parts of images, drawn at random. */
export const cropOps = {
	SampleDistortedBoundingBox: primitive(crop),
	SampleDistortedBoundingBoxV2: primitive(crop),
	StatelessSampleDistortedBoundingBox: primitive(crop),
} as const satisfies Record<string, OpEntry>;
