/** Changes a repository and kills itself before the step that is named; prints how many steps there were if it lives. */

import { DISK } from "../../dist/lib/formats/disk.js";
import { addVersion } from "../../dist/lib/release/add.js";
import { sourceAt } from "../../dist/lib/release/source.js";
import { sendAll } from "../../dist/lib/repository/change.js";
import { findVersion } from "../../dist/lib/repository/list.js";
import { removeVersion } from "../../dist/lib/repository/remove.js";

const [action, dir, last, what] = process.argv.slice(2);
let steps = 0;
const disk = Object.fromEntries(
	Object.entries(DISK).map(([name, act]) => [
		name,
		(...args) => {
			steps++;
			if (steps === Number(last)) process.kill(process.pid, "SIGKILL");
			return act(...args);
		},
	]),
);
const options = { command: "a test", who: "a test", disk, waitMs: 5000 };
const works = { signatures: [], refused: new Map(), trouble: undefined };
const ACTIONS = {
	add: () =>
		addVersion(dir, sourceAt(what), { ...options, check: async () => works }),
	promote: () =>
		sendAll(dir, "promote", ({ model }) => findVersion(model, what), options),
	remove: () => removeVersion(dir, what, options),
};
await ACTIONS[action]();
process.stdout.write(String(steps));
