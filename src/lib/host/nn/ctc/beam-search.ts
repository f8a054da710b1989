import { fail } from "../../../errors.js";
import { boolAttr, intAttr } from "../../../graph/attrs.js";
import { rounded } from "../../elementwise.js";
import type { HostKernel } from "../../kernel.js";
import { decodedTensors, type Sequences, sequencesOf } from "./decoded.js";
import { logSum, logSumOf } from "./log-sum.js";

/** `CTCBeamSearchDecoder` (util/ctc/ctc_beam_search.h): the likeliest label sequences; the last class is the blank. */
export const ctcBeamSearchDecoder: HostKernel = (
	node,
	[inputs, lengthTensor],
) => {
	const sequences = sequencesOf(inputs, lengthTensor);
	const { batch } = sequences;
	const width = intAttr(node, "beam_width");
	const paths = intAttr(node, "top_paths");
	const isMerged = boolAttr(node, "merge_repeated");
	const totals = new Float64Array(batch * paths);
	const found = Array.from({ length: batch }, (_, row) => {
		const beams = search(sequences, row, width);
		if (beams.length < paths)
			throw fail(
				"INVALID",
				`cannot find ${paths} paths in sequence ${row} of ${batch}: the search has ${beams.length}`,
			);
		return beams.slice(0, paths).map((beam, path) => {
			totals[row * paths + path] = beam.now.total;
			return labelsOf(beam, isMerged);
		});
	});
	const results = Array.from({ length: paths }, (_, path) =>
		decodedTensors(found.map((list) => list[path])),
	);
	return [
		...[0, 1, 2].flatMap((part) => results.map((tensors) => tensors[part])),
		{
			dtype: inputs.dtype,
			shape: [batch, paths],
			data: rounded(inputs.dtype, totals),
		},
	];
};

/** Logarithms: of all ways to a prefix, of those that end in a blank, of those that end in its last label. */
interface Chances {
	total: number;
	blank: number;
	label: number;
}

/** A prefix of labels: a node of the tree that the search grows. */
interface Beam {
	readonly label: number;
	readonly parent: Beam | undefined;
	readonly children: Map<number, Beam>;
	before: Chances;
	now: Chances;
}

function never(): Chances {
	return { total: -Infinity, blank: -Infinity, label: -Infinity };
}

function search(
	{ scores, lengths, classes, start }: Sequences,
	row: number,
	width: number,
): readonly Beam[] {
	const root = beamOf(-1, undefined);
	root.now = { total: 0, blank: 0, label: -Infinity };
	let leaves: Beam[] = [root];
	for (let t = 0; t < lengths[row]; t++) {
		const at = start(t, row);
		const norm = logSumOf(scores, at, classes);
		const branches = leaves;
		leaves = [];
		for (const beam of branches) beam.before = { ...beam.now };
		for (const beam of branches) {
			continued(beam, (label) => scores[at + label] - norm, classes - 1);
			insert(leaves, beam, width);
		}
		for (const beam of branches)
			for (let label = 0; label < classes - 1; label++) {
				if (!isCandidate(leaves, beam.before, width)) break;
				grown(leaves, beam, label, scores[at + label] - norm, width);
			}
	}
	return leaves;
}

function beamOf(label: number, parent: Beam | undefined): Beam {
	return {
		label,
		parent,
		children: new Map(),
		before: never(),
		now: never(),
	};
}

/** One more step of the same prefix: a blank, or its last label again. */
function continued(
	beam: Beam,
	chanceOf: (label: number) => number,
	blank: number,
): void {
	const { parent, now, before, label } = beam;
	if (parent !== undefined) {
		if (parent.now.total !== -Infinity)
			now.label = logSum(
				now.label,
				label === parent.label ? parent.before.blank : parent.before.total,
			);
		now.label += chanceOf(label);
	}
	now.blank = before.total + chanceOf(blank);
	now.total = logSum(now.blank, now.label);
}

/** The prefix with one more label, if that is likely enough. */
function grown(
	leaves: Beam[],
	beam: Beam,
	label: number,
	chance: number,
	width: number,
): void {
	const child = beam.children.get(label) ?? beamOf(label, beam);
	beam.children.set(label, child);
	if (child.now.total !== -Infinity) return;
	const previous = label === beam.label ? beam.before.blank : beam.before.total;
	const total = chance + previous;
	child.now = { total, blank: -Infinity, label: total };
	if (isCandidate(leaves, child.now, width)) insert(leaves, child, width);
	else {
		child.before = never();
		child.now = never();
	}
}

function isCandidate(
	leaves: readonly Beam[],
	{ total }: Chances,
	width: number,
): boolean {
	return (
		total > -Infinity &&
		(leaves.length < width || total > leaves[leaves.length - 1].now.total)
	);
}

/** Keeps the likeliest first; what falls off the end is no longer searched. */
function insert(leaves: Beam[], beam: Beam, width: number): void {
	if (leaves.length === width) {
		const last = leaves.pop();
		if (last !== undefined) last.now = never();
	}
	let at = leaves.length;
	while (at > 0 && leaves[at - 1].now.total < beam.now.total) at--;
	leaves.splice(at, 0, beam);
}

function labelsOf(beam: Beam, isMerged: boolean): number[] {
	const labels: number[] = [];
	let after = -1;
	for (let at = beam; at.parent !== undefined; at = at.parent) {
		if (!isMerged || at.label !== after) labels.push(at.label);
		after = at.label;
	}
	return labels.reverse();
}
