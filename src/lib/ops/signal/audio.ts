import { intAttr } from "../../graph/attrs.js";
import type { Node } from "../../graph/ir.js";
import { type InferRule, type OpEntry, primitive } from "../define.js";

const spectrogram: InferRule = ({ node, inputs: [{ shape }] }) => {
	const [samples, channels] = shape ?? [-1, -1];
	const window = intAttr(node, "window_size");
	const frames =
		samples < 0
			? -1
			: spectrogramFrames(samples, window, intAttr(node, "stride"));
	return [
		{
			dtype: "float32",
			shape: [channels, frames, spectrogramLength(window) / 2 + 1],
		},
	];
};

/** How many windows fit into so many samples. */
export function spectrogramFrames(
	samples: number,
	window: number,
	stride: number,
): number {
	return samples < window ? 0 : 1 + Math.floor((samples - window) / stride);
}

/** The power of two that a window is transformed with. */
export function spectrogramLength(window: number): number {
	return 2 ** Math.ceil(Math.log2(Math.max(window, 1)));
}

const coefficients: InferRule = ({ node, inputs: [{ shape }] }) => [
	{
		dtype: "float32",
		shape: [
			...(shape?.slice(0, 2) ?? [-1, -1]),
			intAttr(node, "dct_coefficient_count"),
		],
	},
];

const decoded: InferRule = ({ node }) => [
	{
		dtype: "float32",
		shape: [wanted(node, "desired_samples"), wanted(node, "desired_channels")],
	},
	{ dtype: "int32", shape: [] },
];

function wanted(node: Node, attr: string): number {
	const size = intAttr(node, attr);
	return size > 0 ? size : -1;
}

/** Sound: files of samples, and what speech recognition makes of them. */
export const audioOps = {
	AudioSpectrogram: primitive(spectrogram),
	Mfcc: primitive(coefficients),
	DecodeWav: primitive(decoded),
	EncodeWav: primitive(() => [{ dtype: "string", shape: [] }]),
} as const satisfies Record<string, OpEntry>;
