import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one line for scripts and CI: `N passed, N failed, N skipped`. Names what was skipped. */
export default class Tally implements Reporter {
	onTestRunEnd(
		modules: readonly TestModule[],
		errors: readonly unknown[],
	): void {
		const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
		for (const module of modules) {
			for (const test of module.children.allTests()) {
				const { state } = test.result();
				counts[state]++;
				if (state === "skipped")
					process.stdout.write(`skipped: ${test.fullName}\n`);
			}
			// a file that does not even load has no tests to fail
			if (module.errors().length > 0) counts.failed++;
		}
		const failed = counts.failed + counts.pending + errors.length;
		process.stdout.write(
			`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`,
		);
	}
}
