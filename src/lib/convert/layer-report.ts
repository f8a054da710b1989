import { layerOf } from "./layer.js";

/** What smaller numbers made of a layer. */
export interface LayerRow {
	readonly layer: string;
	/** Weights that became smaller, and their bytes. */
	readonly weights: number;
	readonly before: number;
	readonly after: number;
	/** How far the weight is off that is off most, in parts of its largest number. */
	readonly weightError: number;
	/** How far the layer's numbers are off on what calibrated, in parts of the largest; absent where nothing measured it. */
	readonly error?: number;
	/** Operators that compute with floats still, and why. */
	readonly floats: readonly FloatOperator[];
}

export interface FloatOperator {
	readonly op: string;
	readonly node: string;
	readonly reason: string;
}

/** A weight that became smaller. */
export interface SmallerWeight {
	readonly name: string;
	readonly before: number;
	readonly after: number;
	readonly error: number;
}

/** A row a layer, in the order of the nodes, whose names say which layers there are. */
export function layerRows(
	nodes: readonly string[],
	weights: readonly SmallerWeight[],
	floats: readonly FloatOperator[] = [],
	errors: ReadonlyMap<string, number> = new Map(),
): readonly LayerRow[] {
	const layer = layerOf(nodes);
	const names = new Set(
		[
			...nodes,
			...weights.map(({ name }) => name),
			...floats.map(({ node }) => node),
		].map(layer),
	);
	return [...names].flatMap((name): LayerRow[] => {
		const own = weights.filter((weight) => layer(weight.name) === name);
		const kept = floats.filter(({ node }) => layer(node) === name);
		const error = errors.get(name);
		if (own.length + kept.length === 0 && error === undefined) return [];
		const sum = (of: (weight: SmallerWeight) => number) =>
			own.reduce((total, weight) => total + of(weight), 0);
		return [
			{
				layer: name,
				weights: own.length,
				before: sum(({ before }) => before),
				after: sum(({ after }) => after),
				weightError: Math.max(0, ...own.map((weight) => weight.error)),
				...(error === undefined ? {} : { error }),
				floats: kept,
			},
		];
	});
}
