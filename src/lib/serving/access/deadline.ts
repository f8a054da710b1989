import { fail } from "../../errors.js";

/**
 * Gives work a signal that aborts after some milliseconds, with TIMEOUT in TensorFlow Serving's words, or with another
 * signal; that other one alone where there is no deadline, that is for 0 or less.
 */
export async function withDeadline<T>(
	milliseconds: number,
	work: (signal: AbortSignal | undefined) => Promise<T>,
	other?: AbortSignal,
): Promise<T> {
	if (milliseconds <= 0) return work(other);
	const deadline = new AbortController();
	const follow = () => deadline.abort(other?.reason);
	const timer = setTimeout(
		() => deadline.abort(fail("TIMEOUT", "Timed out waiting for notification")),
		Math.min(milliseconds, MAX_DELAY),
	);
	other?.addEventListener("abort", follow, { once: true });
	try {
		return await work(deadline.signal);
	} finally {
		clearTimeout(timer);
		other?.removeEventListener("abort", follow);
	}
}

/** The longest delay of a timer of Node. */
const MAX_DELAY = 2 ** 31 - 1;
