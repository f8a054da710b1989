import { serveModel } from "../pool/serve.js";
import { openModel } from "./model.js";
import { loadRuntime } from "./runtime.js";

// it is there when the model comes; that it cannot be loaded is said then
void loadRuntime().catch(() => undefined);
serveModel(openModel);
