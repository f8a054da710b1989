import type { HistoryEntry } from "../../../lib/repository/history.js";
import { type Cell, columns } from "../columns.js";
import type { Style } from "../style.js";
import { showEntry } from "./change.js";
import { showTime } from "./time.js";

export interface ShownHistory {
	readonly name: string;
	/** The latest first. */
	readonly history: readonly HistoryEntry[];
}

export function showHistory(
	models: readonly ShownHistory[],
	style: Style,
): string {
	return models
		.map(({ name, history }) => {
			const rows = history.map((entry): Cell[] => [
				{ text: showTime(entry.time), style: style.faint },
				{ text: oneLine(entry.who), style: style.name },
				{ text: showEntry(entry) },
				{ text: oneLine(reasons(entry)) },
			]);
			const lines =
				rows.length === 0
					? [`  ${style.faint("nothing was changed by mlship yet")}`]
					: columns(rows, "  ");
			return [style.title(name), ...lines, ""].join("\n");
		})
		.join("\n");
}

function reasons({ message, forced }: HistoryEntry): string {
	const insisted = forced === undefined ? [] : [`forced, though ${forced}`];
	return [...(message === undefined ? [] : [message]), ...insisted].join("; ");
}

/** Terminals take characters of control in a message for commands. */
function oneLine(text: string): string {
	return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
