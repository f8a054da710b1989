import type { Transform } from "./cosine.js";
import type { Component } from "./frame.js";

/** The samples of one component. */
export interface Plane {
	readonly data: Uint8ClampedArray;
	/** Samples from one row to the next. */
	readonly stride: number;
	/** Samples of the picture; what is stored behind them is padding. */
	readonly width: number;
	readonly height: number;
}

/** Grey, around which samples lie. */
const CENTER = 128;

/** Makes samples of the coefficients of a component, `rows` rows of blocks from the top. */
export function samplePlane(
	component: Component,
	transform: Transform,
	size: { readonly width: number; readonly height: number },
): Plane {
	const { coefficients, storedAcross, blocksAcross, blocksDown, steps } =
		component;
	const { size: side, fraction } = transform;
	const stride = blocksAcross * side;
	const data = new Uint8ClampedArray(stride * blocksDown * side);
	const factors = transform.factors(steps ?? new Uint16Array(64));
	const work = new Int32Array(64);
	for (let row = 0; row < blocksDown; row++)
		for (let column = 0; column < blocksAcross; column++) {
			const at = (row * storedAcross + column) * 64;
			const to = row * side * stride + column * side;
			if (isFlat(coefficients, at))
				fill(
					data,
					to,
					stride,
					side,
					transform.flat(coefficients[at] * factors[0]),
				);
			else {
				for (let i = 0; i < 64; i++)
					work[i] = Math.imul(coefficients[at + i], factors[i]);
				transform.inverse(work);
				for (let y = 0; y < side; y++) {
					const line = to + y * stride;
					for (let x = 0; x < side; x++)
						data[line + x] = (work[y * 8 + x] >> fraction) + CENTER;
				}
			}
		}
	return { data, stride, ...size };
}

function isFlat(coefficients: Int16Array, at: number): boolean {
	for (let i = at + 1; i < at + 64; i++)
		if (coefficients[i] !== 0) return false;
	return true;
}

function fill(
	data: Uint8ClampedArray,
	to: number,
	stride: number,
	side: number,
	value: number,
): void {
	for (let y = 0; y < side; y++)
		data.fill(value + CENTER, to + y * stride, to + y * stride + side);
}
