import type { generatorOps } from "../../ops/random/generator.js";
import type { HostFamily } from "../kernel.js";
import { skippedState } from "./generator.js";

export const generatorRows: HostFamily<typeof generatorOps> = {
	RngSkip: (_, [state, , delta]) => {
		const [numbers] = delta.data as BigInt64Array | Int32Array;
		const { dtype, shape, data } = state;
		return [
			{
				dtype,
				shape,
				data: skippedState(data as BigInt64Array, BigInt(numbers)),
			},
		];
	},
};
