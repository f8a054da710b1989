import type { OutputError } from "../../lib/convert/verify/compare.js";
import type { ResultVerification } from "../../lib/convert/verify/result.js";
import type { Verification } from "../../lib/convert/verify/verify.js";
import { showShape } from "../../lib/tensor/tensor.js";
import { type Cell, columns } from "./columns.js";
import { showNumberOf } from "./quantity.js";
import type { Style } from "./style.js";

/** How two models compare, for people. */
export function showVerification(
	verification: ResultVerification,
	shown: { readonly source: string; readonly result: string },
	style: Style,
): string {
	const { signatures, form } = verification;
	const lines = [
		`${style.title(shown.source)}, ${signatures.join(", ")}, and ${style.name(shown.result)}, ${/^[aeiou]/i.test(form) ? "an" : "a"} ${form}`,
		...comparisonLines(verification, style),
	];
	return `${lines.join("\n")}\n`;
}

/** On what, by whom, and each output with how far it is off. */
export function comparisonLines(
	{ outputs, data, runs, engine, isIndependent, tolerance }: Verification,
	style: Style,
): string[] {
	const isSame = outputs.every(({ isClose }) => isClose);
	const on = data === "random" ? "random inputs" : data;
	const times = runs > 1 ? `, ${runs} runs` : "";
	return [
		`${isSame ? "verified" : "compared"} on ${on}${times}, tolerance ${tolerance}, the source by engine ${engine}`,
		...columns(outputs.map(errorRow), "  "),
		...(isIndependent ? [] : [`${style.hint("note:")} ${DEPENDENT}`]),
	];
}

const DEPENDENT =
	"the same engine answered for both; another one that is installed would be asked instead (docs/convert.md)";

/** As `--json` gives it. */
export function verificationJson({
	form,
	signatures,
	...verification
}: ResultVerification): Record<string, unknown> {
	return { result: { form }, signatures, verification };
}

function errorRow({
	name,
	dtype,
	shape,
	absolute,
	relative,
	different,
	isClose,
}: OutputError): Cell[] {
	const isSame = isClose && absolute === 0 && different === 0;
	return [
		{ text: name },
		{ text: `${dtype} ${showShape(shape)}` },
		...(isSame
			? [{ text: "the same" }, { text: "" }]
			: different > 0
				? [
						{ text: `${showNumberOf(different, "other element")}` },
						{ text: "" },
					]
				: [
						{ text: `max error ${absolute.toPrecision(2)}` },
						{ text: `relative ${relative.toPrecision(2)}` },
					]),
		{ text: isClose ? "" : "differs" },
	];
}
