import type { Node, Port, ValueName } from "../graph/ir.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * A graph as steps, in order: regions that a runtime compiled (`Region` is what it made of one) and nodes that the host
 * computes between them. Plain data, so that it can be sent to another thread.
 */
export interface Plan<Region> {
	readonly inputs: readonly Port[];
	readonly outputs: readonly Port[];
	/** Constants that host steps and outputs use; regions hold their own. */
	readonly constants: readonly NamedTensor[];
	readonly steps: readonly Step<Region>[];
}

export interface NamedTensor {
	readonly value: ValueName;
	readonly tensor: Tensor;
}

export type Step<Region> = {
	/** Values that nobody needs after this step. */
	readonly releases: readonly ValueName[];
} & (
	| {
			readonly kind: "region";
			readonly region: Region;
			/** The same nodes for the host, which is sooner done with a few numbers than a runtime is called. */
			readonly small?: readonly Node[];
	  }
	| { readonly kind: "host"; readonly node: Node }
);

/** A program as steps, with the bodies of control flow that host steps run. */
export interface ProgramPlan<Region> {
	readonly main: Plan<Region>;
	readonly bodies: Readonly<Record<string, Plan<Region>>>;
	/** What runs once, before the first run: it fills tables. */
	readonly initializer: Plan<Region>;
}

/** The regions of all parts of a program. */
export function regionsOf<Region>(plan: ProgramPlan<Region>): Region[] {
	const parts = [plan.main, ...Object.values(plan.bodies), plan.initializer];
	return parts.flatMap(({ steps }) =>
		steps.flatMap((step) => (step.kind === "region" ? [step.region] : [])),
	);
}

/** The same plan with other regions. */
export function mapRegions<From, To>(
	{ main, bodies, initializer }: ProgramPlan<From>,
	change: (region: From) => To,
): ProgramPlan<To> {
	const mapped = (plan: Plan<From>): Plan<To> => ({
		...plan,
		steps: plan.steps.map((step) =>
			step.kind === "host" ? step : { ...step, region: change(step.region) },
		),
	});
	return {
		main: mapped(main),
		bodies: Object.fromEntries(
			Object.entries(bodies).map(([name, body]) => [name, mapped(body)]),
		),
		initializer: mapped(initializer),
	};
}
