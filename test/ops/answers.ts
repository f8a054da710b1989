import type { Session } from "../../src/lib/engines/engine.js";
import { VariableStore } from "../../src/lib/engines/state.js";
import { asMlshipError } from "../../src/lib/errors.js";
import type { Tensors } from "../../src/lib/tensor/tensor.js";
import type { Case } from "../cases.js";
import { difference, type Tolerance } from "../close.js";
import type { OpenedModel } from "../corpus.js";

/** What is wrong with each signature's answers, by its name; signatures that answer as TensorFlow does are not in it. */
export type Problems = ReadonlyMap<string, string>;

/**
 * Cases that share a fresh load, each in the order of the file: those of one sequence, else those of one signature, and
 * those that TensorFlow took out of one queue.
 */
export function freshLoads(cases: readonly Case[]): readonly Case[][] {
	const groups = new Map<string, Case[]>();
	for (const item of cases) {
		const key =
			item.sequence === undefined
				? (QUEUED.exec(item.signature)?.[0] ?? `signature ${item.signature}`)
				: `sequence ${item.sequence}`;
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [item]);
		else group.push(item);
	}
	return [...groups.values()];
}

/** Their functions give the queue one name. */
const QUEUED = /^QueueDequeue/;

/** Runs cases on a fresh load; a signature that fails once is done with. */
export async function answerCases(
	model: OpenedModel,
	cases: readonly Case[],
): Promise<Problems> {
	const variables = new VariableStore();
	const sessions = new Map<string, Session>();
	const problems = new Map<string, string>();
	for (const item of cases) {
		const { signature } = item;
		if (problems.has(signature)) continue;
		try {
			const session =
				sessions.get(signature) ??
				(await model.load(signature, "onnx", variables));
			sessions.set(signature, session);
			const found = await answerCase(session, item);
			if (found !== undefined) problems.set(signature, found);
		} catch (error) {
			problems.set(signature, plainly(asMlshipError(error).message));
		}
	}
	await Promise.all([...sessions.values()].map((session) => session.close()));
	return problems;
}

async function answerCase(
	session: Session,
	item: Case,
): Promise<string | undefined> {
	return problemOf(await session.run(item.inputs), item);
}

/** What is wrong with the answers to a case; `undefined` if nothing. */
export function problemOf(
	actual: Tensors,
	{ signature, outputs }: Pick<Case, "signature" | "outputs">,
): string | undefined {
	const differences = Object.entries(outputs).flatMap(([name, expected]) => {
		const found = difference(actual[name], expected, looser(signature));
		return found === undefined ? [] : [`output "${name}": ${found}`];
	});
	return differences.length === 0 ? undefined : differences.join("; ");
}

function looser(signature: string): Tolerance | undefined {
	return LOOSER.find(([names]) => names.test(signature))?.[1];
}

const LOOSER: readonly (readonly [RegExp, Tolerance])[] = [
	// JPEG leaves the last bits of its cosine transform to the decoder
	[/^Decode(AndCrop)?Jpeg__/, { atol: 2, whole: true }],
	// float32 that comes out of half arithmetic, which may round less often elsewhere
	[/__mixed_precision/, { rtol: 1e-2 }],
];

/** Operations with their reasons; the signature stands beside it, and nodes have names that TensorFlow drew by lot. */
function plainly(message: string): string {
	return message
		.replace(/^cannot run signature "[^"]*": engine "onnx" cannot do /, "no ")
		.replace(/\((?:once|\d+ times), first at node "[^"]*": /g, "(")
		.replace(/ \(node "[^"]*"/g, " (node");
}
