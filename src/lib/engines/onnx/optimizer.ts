import { type ModelInFolder, saveOptimized } from "./optimized.js";
import { loadRuntime } from "./runtime.js";

// the script of a process: what its parent reads of it is the files that it leaves

// it is there when the models come; that it cannot be loaded ends the process then
void loadRuntime().catch(() => undefined);
process.once("message", async (models: readonly ModelInFolder[]) => {
	for (const model of models) await saveOptimized(model);
	process.disconnect();
});
