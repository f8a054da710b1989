import type { quantizedOps } from "../ops/quantized.js";
import type { HostFamily } from "./kernel.js";
import { joining, relu } from "./quantized/activation.js";
import { dequantize } from "./quantized/dequantize.js";
import { avgPool, maxPool } from "./quantized/pooling.js";
import { conv2d, matMul, multiply } from "./quantized/products.js";
import { quantize } from "./quantized/quantize.js";
import {
	requantizationRange,
	requantize,
	shrinkRange,
} from "./quantized/requantize.js";
import { add, biasAdd } from "./quantized/sums.js";
import {
	uniformDequantize,
	uniformQuantize,
	uniformRequantize,
} from "./quantized/uniform.js";

export const quantizedKernels: HostFamily<typeof quantizedOps> = {
	QuantizeV2: quantize,
	Dequantize: dequantize,
	Requantize: requantize,
	QuantizeDownAndShrinkRange: shrinkRange,
	RequantizationRange: requantizationRange,
	UniformQuantize: uniformQuantize,
	UniformDequantize: uniformDequantize,
	UniformRequantize: uniformRequantize,
	QuantizedMatMul: matMul,
	QuantizedConv2D: conv2d,
	QuantizedBiasAdd: biasAdd,
	QuantizedAdd: add,
	QuantizedMul: multiply,
	QuantizedRelu: relu(Infinity),
	QuantizedRelu6: relu(6),
	QuantizedMaxPool: maxPool,
	QuantizedAvgPool: avgPool,
	QuantizedConcat: joining(true),
	QuantizedConcatV2: joining(false),
};
