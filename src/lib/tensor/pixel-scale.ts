import { fail } from "../errors.js";
import type { PixelScale } from "./image.js";

/** `0..1`, `-1..1`, `0..255`, or any other two numbers; fails with INVALID. */
export function parseScale(text: string): PixelScale {
	const [from, to, more] = text.split("..").map((part) => Number(part || NaN));
	if (!Number.isFinite(from) || !Number.isFinite(to) || more !== undefined)
		throw fail(
			"INVALID",
			`cannot scale pixels to "${text}": two numbers are wanted, as 0..1, -1..1 or 0..255`,
		);
	return { from, to };
}
