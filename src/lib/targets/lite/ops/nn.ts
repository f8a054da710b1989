import type { nnOps } from "../../../ops/nn.js";
import { type LiteTable, unsupported } from "../lowering.js";
import { convolutionRows } from "./nn/convolution.js";
import { normalizationRows } from "./nn/normalization.js";
import { poolingRows } from "./nn/pooling.js";

const wholeSequence = unsupported(
	"TensorFlow Lite's LSTM does not give the gates of each step",
);
const gradient = unsupported("TensorFlow Lite has no gradients of pooling");
const search = unsupported("it searches through sequences of unequal length");

export const nnRows: LiteTable<typeof nnOps> = {
	...convolutionRows,
	...poolingRows,
	...normalizationRows,
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
