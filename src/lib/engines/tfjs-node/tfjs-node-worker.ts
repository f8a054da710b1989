import { serveModel } from "../pool/serve.js";
import { openModel } from "./model.js";

serveModel(openModel);
