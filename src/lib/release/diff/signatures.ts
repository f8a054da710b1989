import { DEFAULT_SIGNATURE } from "../../savedmodel/signature.js";
import type {
	PortSummary,
	SignatureSummary,
} from "../../savedmodel/summary.js";
import { type Shape, showShape } from "../../tensor/tensor.js";

/** What is another one in a signature. */
export interface SignatureChange {
	readonly signature: string;
	readonly told: string;
	/** A request that the first version answers would be refused, or its answer read wrongly. */
	readonly isBreaking: boolean;
}

/** What callers of one version would see of another, by signature; what is the same is left out. */
export function compareSignatures(
	from: readonly SignatureSummary[],
	to: readonly SignatureSummary[],
): SignatureChange[] {
	const before = byName(from, ({ key }) => key);
	const after = byName(to, ({ key }) => key);
	const gone = from
		.filter(({ key }) => !after.has(key))
		.map(({ key }) => ({
			signature: key,
			told: "is not there any more",
			isBreaking: true,
		}));
	const others = to.flatMap((signature) => {
		const old = before.get(signature.key);
		const { key } = signature;
		if (old === undefined)
			return [{ signature: key, told: "is new", isBreaking: false }];
		return changesOf(old, signature).map((change) => ({
			signature: key,
			...change,
		}));
	});
	return [...gone, ...others].sort(
		(a, b) =>
			Number(b.signature === DEFAULT_SIGNATURE) -
			Number(a.signature === DEFAULT_SIGNATURE),
	);
}

type Change = Omit<SignatureChange, "signature">;

const breaking = (told: string): Change => ({ told, isBreaking: true });
const harmless = (told: string): Change => ({ told, isBreaking: false });

function changesOf(from: SignatureSummary, to: SignatureSummary): Change[] {
	return [
		...methodChanges(from.methodName, to.methodName),
		...inputChanges(from.inputs, to.inputs),
		...outputChanges(from.outputs, to.outputs),
	];
}

/** classify and regress are asked by examples, which a signature for predict does not take (prediction_service.proto). */
function methodChanges(from: string, to: string): Change[] {
	if (from === to) return [];
	const isByExample = /\/(classify|regress)$/.test(from);
	const told = `its method was "${from}" and is "${to}"`;
	return [isByExample ? breaking(told) : harmless(told)];
}

function inputChanges(
	from: readonly PortSummary[],
	to: readonly PortSummary[],
): Change[] {
	const changes = portChanges("input", from, to, {
		isNew: ({ name, hasDefault }) =>
			hasDefault
				? harmless(`input "${name}" is new and may be left out`)
				: breaking(`input "${name}" is new and wanted`),
		changed: inputChange,
	});
	if (from.length === 1 && to.length > 1)
		changes.push(
			breaking("rows may not be written without the input's name any more"),
		);
	return changes;
}

/** What is gone, new and other, by names. */
function portChanges(
	kind: "input" | "output",
	from: readonly PortSummary[],
	to: readonly PortSummary[],
	told: {
		readonly isNew: (port: PortSummary) => Change;
		readonly changed: (from: PortSummary, to: PortSummary) => Change[];
	},
): Change[] {
	const before = byName(from, ({ name }) => name);
	const after = byName(to, ({ name }) => name);
	const gone = from
		.filter(({ name }) => !after.has(name))
		.map(({ name }) => breaking(`${kind} "${name}" is not there any more`));
	const others = to.flatMap((port) => {
		const old = before.get(port.name);
		return old === undefined ? told.isNew(port) : told.changed(old, port);
	});
	return [...gone, ...others];
}

/** What went in before has to go in still. */
function inputChange(from: PortSummary, to: PortSummary): Change[] {
	const changes = typeChanges("input", from, to);
	if (!isSameShape(from.shape, to.shape)) {
		const told = `input "${to.name}" took ${showShape(from.shape)} and takes ${showShape(to.shape)}`;
		changes.push(
			covers(to.shape, from.shape) ? harmless(told) : breaking(told),
		);
	}
	if (from.hasDefault && !to.hasDefault)
		changes.push(breaking(`input "${to.name}" may not be left out any more`));
	return changes;
}

function outputChanges(
	from: readonly PortSummary[],
	to: readonly PortSummary[],
): Change[] {
	const changes = portChanges("output", from, to, {
		isNew: ({ name }) => harmless(`output "${name}" is new`),
		changed: outputChange,
	});
	// json_tensor.cc: a single output is written without its name
	if ((from.length === 1) !== (to.length === 1) && from.length > 0)
		changes.push(
			breaking(
				`answers are written ${to.length === 1 ? "without" : "with"} the names of outputs now`,
			),
		);
	return changes;
}

/** What comes out has to be what callers know: a size that was fixed stays so. */
function outputChange(from: PortSummary, to: PortSummary): Change[] {
	const changes = typeChanges("output", from, to);
	if (!isSameShape(from.shape, to.shape)) {
		const told = `output "${to.name}" gave ${showShape(from.shape)} and gives ${showShape(to.shape)}`;
		changes.push(
			covers(from.shape, to.shape) ? harmless(told) : breaking(told),
		);
	}
	return changes;
}

function typeChanges(
	side: string,
	from: PortSummary,
	to: PortSummary,
): Change[] {
	const changes: Change[] = [];
	if (from.dtype !== to.dtype)
		changes.push(
			breaking(`${side} "${to.name}" was ${from.dtype} and is ${to.dtype}`),
		);
	if (from.kind !== to.kind)
		changes.push(
			breaking(`${side} "${to.name}" was ${from.kind} and is ${to.kind}`),
		);
	return changes;
}

function isSameShape(a: Shape, b: Shape): boolean {
	return a?.join() === b?.join();
}

/** Whether every shape that `narrow` allows is one that `wide` allows. */
function covers(wide: Shape, narrow: Shape): boolean {
	if (wide === undefined) return true;
	if (narrow === undefined || wide.length !== narrow.length) return false;
	return wide.every((size, axis) => size < 0 || size === narrow[axis]);
}

function byName<T>(
	items: readonly T[],
	nameOf: (item: T) => string,
): ReadonlyMap<string, T> {
	return new Map(items.map((item) => [nameOf(item), item]));
}
