import type {
	ModelListing,
	VersionListing,
} from "../../../lib/repository/listing.js";
import { DEFAULT_SIGNATURE } from "../../../lib/savedmodel/signature.js";
import type { SignatureSummary } from "../../../lib/savedmodel/summary.js";
import { showShape } from "../../../lib/tensor/tensor.js";
import { type Cell, columns } from "../columns.js";
import { showBytes } from "../quantity.js";
import type { Style } from "../style.js";
import { showAge } from "./time.js";

/** A table a model, the latest version first. */
export function showListings(
	listings: readonly ModelListing[],
	now: Date,
	style: Style,
): string {
	return listings.map((listing) => showListing(listing, now, style)).join("\n");
}

const TITLES = [
	"version",
	"traffic",
	"labels",
	"age",
	"size",
	"written by",
	"signature",
	"state",
];

function showListing(listing: ModelListing, now: Date, style: Style): string {
	const { name, dir, versions, isImplicit, header, lost } = listing;
	const rows = [...versions].reverse().map((version): Cell[] => [
		{ text: String(version.version), style: style.name, align: "right" },
		{
			text: version.traffic > 0 ? `${version.traffic} %` : "-",
			align: "right",
		},
		{ text: version.labels.join(", ") || "-" },
		{ text: version.since === undefined ? "-" : showAge(version.since, now) },
		{ text: showBytes(version.byteLength), align: "right" },
		{ text: version.producer || "-" },
		{ text: showSignature(version.signatures) },
		version.trouble === undefined
			? { text: "ready" }
			: { text: `not ready: ${version.trouble}`, style: style.error },
	]);
	const titles = TITLES.map((text): Cell => ({ text, style: style.faint }));
	const notes = [
		...(isImplicit
			? ["the latest version answers: nobody has promoted or split yet"]
			: []),
		...(header === undefined
			? []
			: [`values of the header ${header} stay with a version each`]),
		...lost.map((what) => `not there: ${what}`),
	];
	return [
		`${style.title(name)}  ${style.faint(dir)}`,
		...columns([titles, ...rows], "  "),
		...notes.map((note) => `  ${style.faint(note)}`),
		"",
	].join("\n");
}

/** `image float32 [?,28,28,1] → scores float32 [?,10]`, of several signatures the usual one. */
function showSignature(signatures: readonly SignatureSummary[]): string {
	const usual =
		signatures.find(({ key }) => key === DEFAULT_SIGNATURE) ?? signatures[0];
	if (usual === undefined) return "-";
	const more = signatures.length > 1 ? ` (+${signatures.length - 1})` : "";
	return `${showPorts(usual.inputs)} → ${showPorts(usual.outputs)}${more}`;
}

function showPorts(ports: SignatureSummary["inputs"]): string {
	const [first, ...others] = ports;
	if (first === undefined) return "nothing";
	const more = others.length > 0 ? ` +${others.length}` : "";
	return `${first.name} ${first.dtype} ${showShape(first.shape)}${more}`;
}

export function listingJson(listing: ModelListing): Record<string, unknown> {
	const { name, dir, isImplicit, header, lost, versions } = listing;
	return {
		name,
		dir,
		traffic: isImplicit ? "latest" : "split",
		...(header !== undefined && { splitBy: `header ${header}` }),
		versions: versions.map(versionJson),
		lost,
	};
}

function versionJson(listing: VersionListing): Record<string, unknown> {
	const { version, dir, labels, traffic, byteLength, producer } = listing;
	const { signatures, since, trouble, hasManifest } = listing;
	return {
		version: String(version),
		dir,
		labels,
		traffic,
		bytes: byteLength,
		producer,
		signatures: Object.fromEntries(
			signatures.map(({ key, inputs, outputs }) => [
				key,
				{ inputs: inputs.map(portJson), outputs: outputs.map(portJson) },
			]),
		),
		since: since?.toISOString() ?? null,
		manifest: hasManifest,
		ready: trouble === undefined,
		...(trouble !== undefined && { reason: trouble }),
	};
}

function portJson({ name, dtype, shape }: SignatureSummary["inputs"][number]) {
	return { name, dtype, shape: shape ?? null };
}
