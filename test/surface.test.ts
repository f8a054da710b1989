import { expect, test } from "vitest";
import * as mlship from "../src/lib/index.js";

test("the library exports these names, and no others by accident", () => {
	expect(Object.keys(mlship).sort()).toMatchInlineSnapshot(`
		[
		  "DTYPES",
		  "ENGINES",
		  "ENGINE_NAMES",
		  "ERROR_CODES",
		  "Host",
		  "MlshipError",
		  "TARGETS",
		  "bindVariables",
		  "buildProgram",
		  "decodePredictRequest",
		  "defaultScale",
		  "encodePredictResponse",
		  "findMetaGraph",
		  "findModels",
		  "findSignature",
		  "isComplete",
		  "listSignatures",
		  "loadModel",
		  "loadProgram",
		  "openBundle",
		  "openRestServer",
		  "pictureLayout",
		  "planConversion",
		  "predict",
		  "readNpy",
		  "readNpz",
		  "readPicture",
		  "readSavedModel",
		  "summarize",
		  "tensor",
		  "writeConversion",
		  "writeNpy",
		  "writeNpz",
		]
	`);
});
