import type { signalOps } from "../../../ops/signal.js";
import { unfit } from "../arithmetic.js";
import type { WebContext, WebLowering, WebTable } from "../lowering.js";
import { same } from "./rows.js";

/** TensorFlow.js 4.22 does not look at the wanted length: it must be the one that the signal has. */
function ofItsOwnLength(length: (last: number) => number): WebLowering {
	return (context) => {
		const wanted = wantedLength(context);
		const last = context.inputs[0].shape?.at(-1) ?? -1;
		if (last < 0 || wanted !== length(last))
			throw unfit("TensorFlow.js neither cuts nor pads the signal");
		return same()(context);
	};
}

function wantedLength({ constant }: WebContext): number | undefined {
	const given = constant(1);
	return given && Number((given.data as Int32Array)[0]);
}

export const signalRows: WebTable<typeof signalOps> = {
	FFT: same(),
	IFFT: same(),
	RFFT: ofItsOwnLength((samples) => samples),
	IRFFT: ofItsOwnLength((frequencies) => 2 * (frequencies - 1)),
};
