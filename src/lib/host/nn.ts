import type { nnOps } from "../ops/nn.js";
import type { HostTable } from "./kernel.js";
import { blockLstm, blockLstmV2 } from "./nn/block-lstm.js";
import { denseConvolution, depthwiseConvolution } from "./nn/convolution.js";
import { ctcBeamSearchDecoder } from "./nn/ctc/beam-search.js";
import { ctcGreedyDecoder } from "./nn/ctc/greedy.js";
import { ctcLoss } from "./nn/ctc/loss.js";
import {
	avgPoolGrad,
	maxPool3dGrad,
	maxPoolGrad,
} from "./nn/pooling-gradient.js";

export const nnKernels: HostTable<typeof nnOps> = {
	Conv2D: denseConvolution,
	Conv3D: denseConvolution,
	DepthwiseConv2dNative: depthwiseConvolution,
	BlockLSTM: blockLstm,
	BlockLSTMV2: blockLstmV2,
	CTCGreedyDecoder: ctcGreedyDecoder,
	CTCBeamSearchDecoder: ctcBeamSearchDecoder,
	CTCLoss: ctcLoss,
	MaxPoolGrad: maxPoolGrad,
	MaxPool3DGrad: maxPool3dGrad,
	AvgPoolGrad: avgPoolGrad,
	AvgPool3DGrad: avgPoolGrad,
};
