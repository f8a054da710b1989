import type { Counted, Labels } from "./page.js";
import type { MetricRow } from "./table.js";

/** Values counted by the limits of a distribution: no more than a few additions, as it happens with each request. */
export class Bins {
	readonly #limits: readonly number[];
	/** Of values up to each limit and above the one before, and beyond the last. */
	readonly #counts: Float64Array;
	#sum = 0;

	constructor({ buckets = [] }: MetricRow) {
		this.#limits = buckets;
		this.#counts = new Float64Array(buckets.length + 1);
	}

	add(value: number): void {
		const limits = this.#limits;
		let i = 0;
		while (i < limits.length && value > limits[i]) i++;
		this.#counts[i]++;
		this.#sum += value;
	}

	get isEmpty(): boolean {
		return this.#counts.every((count) => count === 0);
	}

	/** As Prometheus has it: each count includes those of lower limits. */
	values(name: string, labels: Labels): Counted["values"] {
		const values: Counted["values"][number][] = [];
		let count = 0;
		for (let i = 0; i < this.#counts.length; i++) {
			count += this.#counts[i];
			const le = this.#limits[i] ?? "+Inf";
			const metricName = `${name}_bucket`;
			values.push({ metricName, labels: { ...labels, le }, value: count });
		}
		values.push({ metricName: `${name}_sum`, labels, value: this.#sum });
		values.push({ metricName: `${name}_count`, labels, value: count });
		return values;
	}
}

/** A distribution by the labels of its parts, of which those without any value are left out. */
export function binsOf(
	row: MetricRow,
	cells: Iterable<{ readonly labels: Labels; readonly of: Bins }>,
): Counted {
	const values = [...cells].flatMap(({ labels, of }) =>
		of.isEmpty ? [] : of.values(row.name, labels),
	);
	return { ...row, help: row.about, values };
}
