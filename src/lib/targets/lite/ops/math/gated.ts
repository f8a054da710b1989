import type { ValueName } from "../../../../graph/ir.js";
import type { LiteContext, LiteValue } from "../../lowering.js";
import { unary } from "../rows.js";

/**
 * A product that is an activation with an operator of its own: x · relu6(x + 3) / 6, or x · (1 + erf(x / √2)) / 2 and what is
 * computed with tanh instead. What else led to it is used no more. `undefined` for other products.
 */
export function gatedProduct(context: LiteContext): LiteValue | undefined {
	const [a, b] = context.node.inputs;
	if (context.inputs[0].dtype !== "float32") return undefined;
	const match = new Matcher(context);
	for (const [x, gate] of [
		[a, b],
		[b, a],
	]) {
		if (match.hardSigmoid(gate) === x)
			return unary(context, "HARD_SWISH", match.input(x), [
				"HardSwishOptions",
				{},
			]);
		const found =
			match.normalGate(x, gate) ?? match.normalGate(match.half(x), gate);
		if (found !== undefined)
			return unary(context, "GELU", match.input(found.x), [
				"GeluOptions",
				{ approximate: found.approximate },
			]);
	}
	return undefined;
}

interface NormalGate {
	readonly x: ValueName;
	readonly approximate: boolean;
}

/** What a value is computed as. Has a lifetime: one product. */
class Matcher {
	readonly #context: LiteContext;

	constructor(context: LiteContext) {
		this.#context = context;
	}

	input(value: ValueName): LiteValue {
		return this.#context.valueOf(value);
	}

	/** v of 0.5 · v */
	half(value: ValueName | undefined): ValueName | undefined {
		return this.#times(value, 0.5);
	}

	/** x of relu6(x + 3) / 6 */
	hardSigmoid(value: ValueName): ValueName | undefined {
		const clipped = this.#only("Relu6", this.#times(value, 1 / 6));
		return this.#plus(clipped, 3);
	}

	/**
	 * Whether the product of `x` and a gate is GELU: one of both has a factor 1/2, the gate is 1 + erf(x / √2) or
	 * 1 + tanh(√(2/π) · (x + 0.044715 · x³)).
	 */
	normalGate(
		x: ValueName | undefined,
		gate: ValueName,
	): NormalGate | undefined {
		if (x === undefined) return undefined;
		const isHalved = !this.#context.node.inputs.includes(x);
		const whole = isHalved ? gate : this.half(gate);
		if (whole === undefined) return undefined;
		if (this.#errorGate(whole) === x) return { x, approximate: false };
		return this.#tanhGate(whole) === x ? { x, approximate: true } : undefined;
	}

	/** x of 1 + erf(x / √2), or of 1 - erf(-x / √2) */
	#errorGate(value: ValueName): ValueName | undefined {
		const error = this.#only("Erf", this.#plus(value, 1));
		if (error !== undefined) return this.#times(error, Math.SQRT1_2);
		const node = this.#node(value, "Sub");
		if (node === undefined || this.#number(node.inputs[0]) !== 1)
			return undefined;
		const scaled = this.#times(this.#only("Erf", node.inputs[1]), Math.SQRT1_2);
		return this.#only("Neg", scaled);
	}

	#tanhGate(value: ValueName): ValueName | undefined {
		const inner = this.#times(
			this.#only("Tanh", this.#plus(value, 1)),
			Math.sqrt(2 / Math.PI),
		);
		const sum = this.#node(inner, "AddV2", "Add");
		if (sum === undefined) return undefined;
		const [a, b] = sum.inputs;
		return [
			[a, b],
			[b, a],
		].find(([x, cube]) => this.#cubed(this.#times(cube, 0.044715)) === x)?.[0];
	}

	/** x of x³ */
	#cubed(value: ValueName | undefined): ValueName | undefined {
		const power = this.#node(value, "Pow");
		return power !== undefined && this.#number(power.inputs[1]) === 3
			? power.inputs[0]
			: undefined;
	}

	/** v of v · factor or v / (1 / factor) */
	#times(value: ValueName | undefined, factor: number): ValueName | undefined {
		const quotient = this.#node(value, "RealDiv");
		if (quotient !== undefined) {
			const divisor = this.#number(quotient.inputs[1]);
			return divisor !== undefined && isNear(1 / divisor, factor)
				? quotient.inputs[0]
				: undefined;
		}
		return this.#other(value, ["Mul"], (number) => isNear(number, factor));
	}

	/** v of v + number */
	#plus(value: ValueName | undefined, number: number): ValueName | undefined {
		return this.#other(value, ["AddV2", "Add"], (found) => found === number);
	}

	/** The operand whose partner is a number that fits. */
	#other(
		value: ValueName | undefined,
		ops: readonly string[],
		fits: (number: number) => boolean,
	): ValueName | undefined {
		const node = this.#node(value, ...ops);
		if (node === undefined) return undefined;
		const place = node.inputs.findIndex((input) => {
			const number = this.#number(input);
			return number !== undefined && fits(number);
		});
		return place < 0 ? undefined : node.inputs[1 - place];
	}

	/** The operand of an operation of one. */
	#only(op: string, value: ValueName | undefined): ValueName | undefined {
		return this.#node(value, op)?.inputs[0];
	}

	#node(value: ValueName | undefined, ...ops: readonly string[]) {
		const node =
			value === undefined ? undefined : this.#context.producer(value);
		return node !== undefined && ops.includes(node.op) ? node : undefined;
	}

	#number(value: ValueName): number | undefined {
		const constant = this.#context.types.constantOf(value);
		if (constant === undefined || constant.byteLength !== 4) return undefined;
		return Number(constant.read().data[0]);
	}
}

/** As near as float32 holds them. */
function isNear(a: number, b: number): boolean {
	return Math.abs(a - b) < 1e-6 * Math.abs(b);
}
