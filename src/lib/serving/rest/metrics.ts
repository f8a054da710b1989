import type { Compat } from "../../tensor/json/source.js";
import { type Answer, textAnswer } from "./answer.js";

/** Where Prometheus finds metrics. */
export interface MetricsPage {
	/** As `monitoring_config_file` has it: TensorFlow Serving's place. */
	readonly configuredPath?: string | undefined;
	/** Our own place. */
	readonly path?: string | undefined;
	text(): Promise<string>;
}

/** The page, where a path is one of its places; undefined elsewhere. */
export async function answerPage(
	page: MetricsPage | undefined,
	path: string,
	compat: Compat,
): Promise<Answer | undefined> {
	if (page === undefined) return undefined;
	const { configuredPath: configured } = page;
	if (isPage(page, path)) {
		const answer = textAnswer(await page.text());
		return compat === "strict" ? answer : { ...answer, type: TEXT_FORMAT };
	}
	// upstream finds the page by the path alone, and then looks at all that was asked for (http_server.cc)
	const isQueried =
		configured !== undefined && path.startsWith(`${configured}?`);
	return isQueried
		? textAnswer(`Unexpected path: ${path}. Should be ${configured}`, 400)
		: undefined;
}

/** Whether a path is one of the page's places. */
export function isPage(page: MetricsPage | undefined, path: string): boolean {
	return (
		page !== undefined && (path === page.configuredPath || path === page.path)
	);
}

/** Prometheus' own type; TensorFlow Serving says `text/plain`. */
const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";
