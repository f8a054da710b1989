import type { NodeDef } from "../../gen/graph_pb.js";
import { fail } from "../errors.js";
import type {
	Attr,
	Attrs,
	FunctionRef,
	Graph,
	Node,
	Port,
	ShapeAttr,
	ValueName,
} from "./ir.js";
import type { GraphState, VariableHandle } from "./state.js";

/** A body while its call site is closed. */
export interface Body extends Graph {
	readonly state: GraphState;
}

/** A node of control flow, with the values that it is given. */
export interface CallSite {
	readonly name: string;
	readonly node: NodeDef;
	readonly inputs: readonly ValueName[];
	readonly attrs: Attrs;
	/** How many outputs it has. */
	readonly count: number;
}

/** How an op of control flow passes values: a loop gives what it takes, a branch has other outputs than inputs. */
export interface ControlForm {
	readonly kind: "branch" | "loop";
	/** The first input that is passed on: the one before says which branch. */
	readonly first: number;
	/** The lists of element types: of the inputs passed on, of the outputs. */
	readonly inputTypes: string;
	readonly outputTypes: string;
}

const BRANCH: ControlForm = {
	kind: "branch",
	first: 1,
	inputTypes: "Tin",
	outputTypes: "Tout",
};

const LOOP: ControlForm = {
	kind: "loop",
	first: 0,
	inputTypes: "T",
	outputTypes: "T",
};

/** The ops whose attributes name bodies. */
export const CONTROL_FORMS: Readonly<Record<string, ControlForm | undefined>> =
	{
		If: BRANCH,
		StatelessIf: BRANCH,
		Case: BRANCH,
		StatelessCase: BRANCH,
		While: LOOP,
		StatelessWhile: LOOP,
	};

/** A call site without handles of variables, and with the values of variables that change. */
export interface ClosedSite {
	readonly inputs: readonly ValueName[];
	readonly attrs: Attrs;
	readonly bodies: ReadonlyMap<string, Graph>;
	/** Variables whose values are passed in behind `inputs`, in order. */
	readonly passed: readonly VariableHandle[];
	/** Variables whose values come back behind the other outputs. */
	readonly returned: readonly VariableHandle[];
	/** Outputs that are a handle passed through a loop: what stands for them. */
	readonly forwarded: ReadonlyMap<number, ValueName>;
}

export function closeBodies(
	site: CallSite,
	form: ControlForm | undefined,
	attrs: Attrs,
	bodies: ReadonlyMap<string, Body>,
	handles: ReadonlyMap<ValueName, VariableHandle>,
): ClosedSite {
	if (form === undefined)
		return {
			inputs: site.inputs,
			attrs,
			bodies,
			passed: [],
			returned: [],
			forwarded: new Map(),
		};
	const isHandle = (i: number) => handles.has(site.inputs[form.first + i]);
	const passed = passedVariables(bodies);
	const written = new Set(
		[...bodies.values()].flatMap(({ state }) => [...state.written]),
	);
	const isLoop = form.kind === "loop";
	const returned = passed.filter(({ key }) => isLoop || written.has(key));
	const conditions = new Set(
		isLoop && isFunctionRef(attrs.cond) ? [attrs.cond.function] : [],
	);
	return {
		inputs: site.inputs.filter(
			(_, i) => i < form.first || !isHandle(i - form.first),
		),
		attrs: closedAttrs(attrs, form, isHandle, passed, returned),
		bodies: new Map(
			[...bodies].map(([name, body]) => [
				name,
				closedBody(body, {
					isHandle,
					isLoop,
					isCondition: conditions.has(name),
					passed,
					returned,
				}),
			]),
		),
		passed,
		returned,
		forwarded: new Map(
			isLoop
				? site.inputs.flatMap((input, i) => (isHandle(i) ? [[i, input]] : []))
				: [],
		),
	};
}

/** Every variable that changes and that some body uses, in one order for all bodies. */
function passedVariables(
	bodies: ReadonlyMap<string, Body>,
): readonly VariableHandle[] {
	const all = new Map(
		[...bodies.values()].flatMap(({ state }) => [...state.handles]),
	);
	return [...all.values()];
}

interface Closing {
	readonly isHandle: (index: number) => boolean;
	readonly isLoop: boolean;
	readonly isCondition: boolean;
	readonly passed: readonly VariableHandle[];
	readonly returned: readonly VariableHandle[];
}

function closedBody(
	{ inputs, outputs, nodes, state }: Body,
	{ isHandle, isLoop, isCondition, passed, returned }: Closing,
): Graph {
	if (isCondition && state.written.size > 0)
		throw fail(
			"UNSUPPORTED",
			`cannot run a loop whose condition sets variables (${[...state.written].join(", ")})`,
		);
	const isKept = (_: Port, i: number) => !(isLoop && isHandle(i));
	return {
		inputs: [
			...inputs.filter((_, i) => !isHandle(i)),
			...passed.map((handle) => state.entry(handle)),
		],
		outputs: isCondition
			? outputs
			: [
					...outputs.filter(isKept),
					...returned.map((handle) => state.exit(handle)),
				],
		nodes,
	};
}

function closedAttrs(
	attrs: Attrs,
	{ kind, inputTypes, outputTypes }: ControlForm,
	isHandle: (index: number) => boolean,
	passed: readonly VariableHandle[],
	returned: readonly VariableHandle[],
): Attrs {
	const list = (name: string): readonly Attr[] => {
		const value = attrs[name];
		return Array.isArray(value) ? value : [];
	};
	const notHandle = (_: unknown, i: number) => !isHandle(i);
	const outputs = (values: readonly Attr[]) =>
		kind === "loop" ? values.filter(notHandle) : values;
	const shapes = list("output_shapes");
	const shapeOf = ({ shape }: VariableHandle): ShapeAttr => ({ dims: shape });
	return {
		...attrs,
		[inputTypes]: [
			...list(inputTypes).filter(notHandle),
			...passed.map(({ dtype }) => dtype),
		],
		[outputTypes]: [
			...outputs(list(outputTypes)),
			...returned.map(({ dtype }) => dtype),
		],
		output_shapes:
			shapes.length === 0 ? [] : [...outputs(shapes), ...returned.map(shapeOf)],
	};
}

export function isFunctionRef(value: Attr | undefined): value is FunctionRef {
	return typeof value === "object" && value !== null && "function" in value;
}

/** Whether an attribute is a function or a list of them. */
export function namesFunction(value: Attr): boolean {
	return Array.isArray(value)
		? value.some(namesFunction)
		: isFunctionRef(value);
}

/** The bodies that a node names. */
export function bodyNames({ attrs }: Pick<Node, "attrs">): readonly string[] {
	return Object.values(attrs).flatMap((attr) =>
		(Array.isArray(attr) ? attr : [attr]).flatMap((item: Attr) =>
			isFunctionRef(item) ? [item.function] : [],
		),
	);
}

/** Attributes with every function changed; `change` is told the attribute's name, with a number in lists. */
export function mapFunctions(
	attrs: Attrs,
	change: (key: string, reference: FunctionRef) => FunctionRef,
): Attrs {
	return Object.fromEntries(
		Object.entries(attrs).map(([key, value]): [string, Attr] => {
			if (isFunctionRef(value)) return [key, change(key, value)];
			if (Array.isArray(value) && value.some(isFunctionRef))
				return [
					key,
					value.map((item: FunctionRef, i) => change(`${key}${i}`, item)),
				];
			return [key, value];
		}),
	);
}
