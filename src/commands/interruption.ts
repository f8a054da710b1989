import { type CommandContext, ReportedFailure } from "./context.js";

/** Ends a command at the first signal, so that what is temporary goes with the process: one that dies at once leaves it behind. */
export function untilInterrupted<T>(
	{ signal }: Pick<CommandContext, "signal">,
	work: () => Promise<T>,
): Promise<T> {
	return new Promise<T>((resolve, reject) => {
		const stop = () => reject(new ReportedFailure("NOT_READY"));
		signal.addEventListener("abort", stop, { once: true });
		work().then(resolve, reject);
	});
}
