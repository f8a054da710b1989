/** `12,938`; by hand, as the first use of Intl costs more than the rest of a command. */
export function showCount(count: number): string {
	return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `3 tensors`, `1 tensor`. */
export function showNumberOf(count: number, noun: string): string {
	return `${showCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Decimal units with three digits at most: `51.8 kB`. */
export function showBytes(bytes: number): string {
	let value = bytes;
	let unit = 0;
	while (value >= 999.5 && unit < UNITS.length - 1) {
		value /= 1000;
		unit++;
	}
	const digits = unit === 0 || value >= 99.95 ? 0 : 1;
	return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
