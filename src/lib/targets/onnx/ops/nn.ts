import type { nnOps } from "../../../ops/nn.js";
import { type LoweringTable, unsupported } from "../lowering.js";
import { convolutionLowerings } from "./nn/convolution.js";
import { normalizationLowerings } from "./nn/normalization.js";
import { poolingLowerings } from "./nn/pooling.js";

const wholeSequence = unsupported(
	"ONNX's LSTM does not give the gates of each step",
);
const gradient = unsupported("ONNX Runtime has no gradients of pooling");
const search = unsupported("it searches through sequences of unequal length");

export const nnLowerings: LoweringTable<typeof nnOps> = {
	...convolutionLowerings,
	...poolingLowerings,
	...normalizationLowerings,
	BlockLSTM: wholeSequence,
	BlockLSTMV2: wholeSequence,
	CTCGreedyDecoder: search,
	CTCBeamSearchDecoder: search,
	CTCLoss: search,
	MaxPoolGrad: gradient,
	MaxPool3DGrad: gradient,
	AvgPoolGrad: gradient,
	AvgPool3DGrad: gradient,
};
