import type { ValueName } from "../../../graph/ir.js";
import type { BodyView } from "./body.js";
import type { Activated } from "./cell.js";

/**
 * A sigmoid of straight lines: `relu6(x + 3) / 6` in Keras 3, `clip(0.2·x + 0.5, 0, 1)` in Keras 2
 * (keras/src/backend/tensorflow/nn.py; keras/backend.py).
 */
export function hardSigmoid(
	view: BodyView,
	value: ValueName,
): Activated | undefined {
	return ofSixths(view, value) ?? ofFifths(view, value);
}

function ofSixths(view: BodyView, value: ValueName): Activated | undefined {
	const [bounded, divisor] = view.inputsOf(value, "RealDiv") ?? [];
	if (bounded === undefined || !isNumber(view, divisor, 6)) return undefined;
	const [shifted] = view.inputsOf(bounded, "Relu6") ?? [];
	const source = shifted && besides(view, view.added(shifted), 3);
	return source === undefined
		? undefined
		: { source, activation: "HardSigmoid" };
}

function ofFifths(view: BodyView, value: ValueName): Activated | undefined {
	const below = besides(view, view.inputsOf(value, "Maximum"), 0);
	const line = below && besides(view, view.inputsOf(below, "Minimum"), 1);
	const scaled = line && besides(view, view.added(line), 0.5);
	const source = scaled && besides(view, view.inputsOf(scaled, "Mul"), 0.2);
	return source === undefined
		? undefined
		: { source, activation: "SteepHardSigmoid" };
}

/** The operand beside a number. */
function besides(
	view: BodyView,
	operands: readonly ValueName[] | undefined,
	wanted: number,
): ValueName | undefined {
	const place = operands?.findIndex((value) => isNumber(view, value, wanted));
	return place === undefined || place < 0 ? undefined : operands?.[1 - place];
}

function isNumber(view: BodyView, value: ValueName, wanted: number): boolean {
	const constant = view.constant(value);
	return (
		constant?.shape.length === 0 && constant.data[0] === Math.fround(wanted)
	);
}
