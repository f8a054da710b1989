export interface Complex {
	readonly re: number;
	readonly im: number;
}

export function complex(re: number, im: number): Complex {
	return { re, im };
}

export function plus(a: Complex, b: Complex): Complex {
	return { re: a.re + b.re, im: a.im + b.im };
}

export function minus(a: Complex, b: Complex): Complex {
	return { re: a.re - b.re, im: a.im - b.im };
}

export function times(a: Complex, b: Complex): Complex {
	return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

export function divide(a: Complex, b: Complex): Complex {
	const square = b.re * b.re + b.im * b.im;
	return scaled(times(a, conjugate(b)), 1 / square);
}

export function scaled({ re, im }: Complex, by: number): Complex {
	return { re: re * by, im: im * by };
}

export function conjugate({ re, im }: Complex): Complex {
	return { re, im: -im };
}

export function size({ re, im }: Complex): number {
	return Math.hypot(re, im);
}

/** The sum of the magnitudes of both parts: cheaper than the size, and enough to compare. */
export function sum({ re, im }: Complex): number {
	return Math.abs(re) + Math.abs(im);
}

/** The square root with the real part that is not negative. */
export function root(z: Complex): Complex {
	const length = size(z);
	const re = Math.sqrt((length + Math.abs(z.re)) / 2);
	if (re === 0) return complex(0, 0);
	const other = z.im / (2 * re);
	if (z.re >= 0) return complex(re, other);
	return complex(Math.abs(other), z.im < 0 || Object.is(z.im, -0) ? -re : re);
}
