import type { WebContext, WebValue } from "../../lowering.js";

/** A complex value of the graph as its two parts. */
export interface Complex {
	readonly re: WebValue;
	readonly im: WebValue;
}

/** Arithmetic of complex numbers in the nodes that TensorFlow.js has for real ones. Has a lifetime: one node's lowering. */
export class ComplexNumbers {
	readonly #emit: WebContext["emit"];
	readonly #scalar: WebContext["scalar"];

	constructor({ emit, scalar }: Pick<WebContext, "emit" | "scalar">) {
		this.#emit = emit;
		this.#scalar = scalar;
	}

	of(value: WebValue): Complex {
		return {
			re: this.#emit("Real", [value]),
			im: this.#emit("Imag", [value]),
		};
	}

	join({ re, im }: Complex): WebValue {
		return this.#emit("Complex", [re, im]);
	}

	/** A function of real numbers, as TensorFlow.js names it. */
	real(op: string, ...operands: readonly WebValue[]): WebValue {
		return this.#emit(op, operands);
	}

	number(value: number): WebValue {
		return this.#scalar(value, "float32");
	}

	constant(re: number, im = 0): Complex {
		return { re: this.number(re), im: this.number(im) };
	}

	add(x: Complex, y: Complex): Complex {
		return {
			re: this.real("AddV2", x.re, y.re),
			im: this.real("AddV2", x.im, y.im),
		};
	}

	sub(x: Complex, y: Complex): Complex {
		return {
			re: this.real("Sub", x.re, y.re),
			im: this.real("Sub", x.im, y.im),
		};
	}

	mul(x: Complex, y: Complex): Complex {
		const product = (a: WebValue, b: WebValue) => this.real("Mul", a, b);
		return {
			re: this.real("Sub", product(x.re, y.re), product(x.im, y.im)),
			im: this.real("AddV2", product(x.re, y.im), product(x.im, y.re)),
		};
	}

	/** Multiplied by a real number. */
	scale({ re, im }: Complex, factor: WebValue): Complex {
		return {
			re: this.real("Mul", re, factor),
			im: this.real("Mul", im, factor),
		};
	}

	neg({ re, im }: Complex): Complex {
		return { re: this.real("Neg", re), im: this.real("Neg", im) };
	}

	/** Multiplied by i. */
	turned({ re, im }: Complex): Complex {
		return { re: this.real("Neg", im), im: re };
	}

	/** Divided by i. */
	turnedBack({ re, im }: Complex): Complex {
		return { re: im, im: this.real("Neg", re) };
	}

	size(z: Complex): WebValue {
		return this.real("ComplexAbs", this.join(z));
	}

	inverse(z: Complex): Complex {
		const size = this.size(z);
		const unit = {
			re: this.real("RealDiv", z.re, size),
			im: this.real("Neg", this.real("RealDiv", z.im, size)),
		};
		return {
			re: this.real("RealDiv", unit.re, size),
			im: this.real("RealDiv", unit.im, size),
		};
	}

	div(x: Complex, y: Complex): Complex {
		return this.mul(x, this.inverse(y));
	}

	exp({ re, im }: Complex): Complex {
		const size = this.real("Exp", re);
		return {
			re: this.real("Mul", size, this.real("Cos", im)),
			im: this.real("Mul", size, this.real("Sin", im)),
		};
	}

	log(z: Complex): Complex {
		return {
			re: this.real("Log", this.size(z)),
			im: this.real("Atan2", z.im, z.re),
		};
	}

	/** The root on the right, without the difference of numbers that are almost alike. */
	sqrt(z: Complex): Complex {
		const { re, im } = z;
		const large = this.real(
			"Sqrt",
			this.real(
				"Mul",
				this.real("AddV2", this.size(z), this.real("Abs", re)),
				this.number(0.5),
			),
		);
		const small = this.real("DivNoNan", im, this.real("AddV2", large, large));
		const isRight = this.real("GreaterEqual", re, this.number(0));
		const isUp = this.real("GreaterEqual", im, this.number(0));
		const choose = (yes: WebValue, no: WebValue) =>
			this.real("SelectV2", isRight, yes, no);
		return {
			re: choose(large, this.real("Abs", small)),
			im: choose(
				small,
				this.real("SelectV2", isUp, large, this.real("Neg", large)),
			),
		};
	}
}
