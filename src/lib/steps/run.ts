import { fail, MlshipError } from "../errors.js";
import type { Node, ValueName } from "../graph/ir.js";
import { hostRow } from "../host/index.js";
import type { HostRun } from "../host/kernel.js";
import {
	asHostValue,
	elementsOf,
	type HostValue,
	tensorOf,
} from "../host/value.js";
import {
	apartFrom,
	bufferOf,
	type Tensor,
	type Tensors,
} from "../tensor/tensor.js";
import type { Plan, ProgramPlan, Step } from "./plan.js";

/** A region in its runtime. */
export interface OpenRegion {
	readonly inputs: readonly ValueName[];
	readonly outputs: readonly ValueName[];
	/** Takes and gives tensors in the order of `inputs` and `outputs`. */
	run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
	close(): Promise<void>;
}

/** A program whose regions are open, in this thread: a run blocks it. */
export interface Model {
	run(inputs: Tensors): Promise<Tensors>;
	close(): Promise<void>;
}

export async function openPlan<Region>(
	plan: ProgramPlan<Region>,
	openRegion: (region: Region) => Promise<OpenRegion>,
	resources = new Map<string, object>(),
): Promise<Model> {
	// only what is open is kept: what it was made from holds the weights
	const open: OpenRegion[] = [];
	const opened = async (part: Plan<Region>): Promise<Plan<OpenRegion>> => {
		const steps: Step<OpenRegion>[] = [];
		for (const step of part.steps) {
			if (step.kind === "host") {
				steps.push(step);
				continue;
			}
			const region = await openRegion(step.region);
			open.push(region);
			steps.push({ ...step, region });
		}
		return { ...part, steps };
	};
	const close = async () => {
		await Promise.all(open.map((region) => region.close()));
	};
	try {
		const main = await opened(plan.main);
		const bodies = new Map<string, Plan<OpenRegion>>();
		for (const [name, body] of Object.entries(plan.bodies))
			bodies.set(name, await opened(body));
		const run = hostRun(bodies, resources);
		await runPlan(
			await opened(plan.initializer),
			[],
			hostRun(bodies, onlyNew(resources)),
		);
		const constants = new Set(
			[plan.main, ...Object.values(plan.bodies)].flatMap((part) =>
				part.constants.map(({ tensor }) => bufferOf(tensor)),
			),
		);
		return {
			// whoever gets the answers may give their buffers away
			run: async (inputs) =>
				apartFrom(constants, await runNamed(main, inputs, run)),
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

/** Resources that hide those which are there already: another program has filled them, and they may have changed since. */
function onlyNew(resources: Map<string, object>): Resources {
	const filled = new Set(resources.keys());
	const hidden = new Map<string, object>();
	const place = (key: string) => (filled.has(key) ? hidden : resources);
	return {
		get: (key) => place(key).get(key),
		set: (key, value) => place(key).set(key, value),
	};
}

interface Resources {
	get(key: string): object | undefined;
	set(key: string, value: object): unknown;
}

/** What host steps may use: bodies, and resources that live as long as the model, or longer where models share them. */
function hostRun(
	bodies: ReadonlyMap<string, Plan<OpenRegion>>,
	resources: Resources,
): HostRun {
	const run: HostRun = {
		call: (name, inputs) => {
			const body = bodies.get(name);
			if (body === undefined)
				throw fail("BUG", `a step runs body "${name}", which was not planned`);
			return runPlan(body, inputs, run);
		},
		resource: <T extends object>(key: string, make: () => T): T => {
			const known = resources.get(key) ?? make();
			resources.set(key, known);
			return known as T;
		},
	};
	return run;
}

async function runNamed(
	plan: Plan<OpenRegion>,
	given: Tensors,
	run: HostRun,
): Promise<Tensors> {
	const outputs = await runPlan(
		plan,
		plan.inputs.map(({ name }) => given[name]),
		run,
	);
	return Object.fromEntries(
		plan.outputs.map(({ name }, i) => [name, tensorOf(outputs[i])]),
	);
}

async function runPlan(
	plan: Plan<OpenRegion>,
	inputs: readonly HostValue[],
	run: HostRun,
): Promise<readonly HostValue[]> {
	const values = new Map<ValueName, HostValue>();
	for (const { value, tensor } of plan.constants) values.set(value, tensor);
	for (const [i, { value }] of plan.inputs.entries())
		values.set(value, inputs[i]);
	for (const step of plan.steps) {
		if (step.kind === "host") {
			const made = runNode(step.node, values, run);
			store(
				values,
				step.node.outputs,
				made instanceof Promise ? await made : made,
			);
		} else {
			const { region, small } = step;
			const fed = region.inputs.map((value) => tensorOf(found(values, value)));
			if (small === undefined || !isLittle(fed) || !compute(small, values))
				store(values, region.outputs, await region.run(fed));
		}
		for (const value of step.releases) values.delete(value);
	}
	return plan.outputs.map(({ value }) => found(values, value));
}

/** Up to so many numbers, calling a runtime takes longer than computing with them here. */
const LITTLE_ELEMENTS = 16_384;

function isLittle(tensors: readonly Tensor[]): boolean {
	const elements = tensors.reduce((sum, { data }) => sum + data.length, 0);
	return elements <= LITTLE_ELEMENTS;
}

/** Computes nodes whose rows are arithmetic; false where one has no rule for these element types. */
function compute(
	nodes: readonly Node[],
	values: Map<ValueName, HostValue>,
): boolean {
	for (const node of nodes) {
		const inputs = node.inputs.map((value) => tensorOf(found(values, value)));
		const row = hostRow(
			node,
			inputs.map(({ dtype }) => dtype),
		);
		if (typeof row !== "function") return false;
		try {
			const made = row(node, inputs);
			if (made === undefined) return false;
			store(values, node.outputs, made.map(asHostValue));
		} catch (error) {
			throw located(error, node);
		}
	}
	return true;
}

function runNode(
	node: Node,
	values: ReadonlyMap<ValueName, HostValue>,
	run: HostRun,
): readonly HostValue[] | Promise<readonly HostValue[]> {
	const inputs = node.inputs.map((value) => found(values, value));
	const row = hostRow(
		node,
		inputs.map(({ dtype }) => dtype),
	);
	if (row === undefined)
		throw fail("BUG", `the host has no row for ${node.op}`);
	try {
		const made =
			typeof row === "function"
				? row(node, inputs.map(elementsOf))?.map(asHostValue)
				: row.step(node, inputs, run);
		if (made === undefined)
			throw fail(
				"UNSUPPORTED",
				`cannot compute ${node.op} on ${inputs.map(({ dtype }) => dtype).join(" and ")}`,
			);
		return made instanceof Promise
			? made.catch((error: unknown) => Promise.reject(located(error, node)))
			: made;
	} catch (error) {
		throw located(error, node);
	}
}

/** An error that says which node it comes from. */
function located(error: unknown, { name, op }: Node): unknown {
	if (!(error instanceof MlshipError) || error.at !== undefined) return error;
	return fail(error.code, `${error.message} (node "${name}", ${op})`, {
		cause: error,
		at: { node: name, op },
	});
}

function store(
	values: Map<ValueName, HostValue>,
	names: readonly ValueName[],
	made: readonly HostValue[],
): void {
	for (const [i, name] of names.entries()) values.set(name, made[i]);
}

function found(
	values: ReadonlyMap<ValueName, HostValue>,
	name: ValueName,
): HostValue {
	const value = values.get(name);
	if (value === undefined)
		throw fail("BUG", `a step uses value "${name}", which no step made`);
	return value;
}
