import { serveModel } from "../pool/serve.js";
import { type FileSource, openFile } from "./file.js";
import { type ModelSource, openModel } from "./model.js";
import { loadRuntime } from "./runtime.js";

// it is there when the model comes; that it cannot be loaded is said then
void loadRuntime().catch(() => undefined);
serveModel((source: ModelSource | FileSource) =>
	"program" in source ? openModel(source) : openFile(source),
);
