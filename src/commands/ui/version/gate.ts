import type { GateReport } from "../../../lib/release/gate.js";
import { showCount } from "../quantity.js";
import type { Style } from "../style.js";
import { showChecks } from "./verify.js";

/** What a gate found, before anything is changed. */
export function showReport(
	model: string,
	report: GateReport,
	style: Style,
): string {
	const { version, current, checks, signatures, scores } = report;
	const against = current === undefined ? "" : ` against ${model}@${current}`;
	const isBroken = signatures.some(({ isBreaking }) => isBreaking);
	const rows = [
		...(current === undefined
			? []
			: [
					[
						isBroken ? { text: "FAILED", style: style.error } : { text: "ok" },
						{ text: "signature" },
						{
							text:
								signatures
									.map(({ signature, told }) => `${signature}: ${told}`)
									.join("; ") || "the same",
						},
					],
				]),
		...(scores === undefined
			? []
			: [
					[
						{ text: "" },
						{ text: scores.metric },
						{
							text: `${showScore(scores.candidate)} on ${showCount(scores.rows)} rows${scores.current === undefined ? "" : `, ${showScore(scores.current)} before`}`,
						},
					],
				]),
	];
	return showChecks(`${model}@${version}${against}`, checks, style, rows);
}

function showScore(score: number): string {
	return String(Number(score.toPrecision(4)));
}

export function reportJson(report: GateReport): Record<string, unknown> {
	const { current, checks, signatures, scores, reasons } = report;
	return {
		passed: reasons.length === 0,
		reasons,
		current: current === undefined ? null : String(current),
		checks: checks.map(({ name, state, told }) => ({ name, state, told })),
		signatures,
		...(scores !== undefined && { scores }),
	};
}
