import { create, toBinary } from "@bufbuild/protobuf";
import { ExampleSchema } from "../../../../src/gen/example_pb.js";
import { Host } from "../../../../src/lib/serving/host.js";
import { loadModel } from "../../../../src/lib/serving/load.js";
import { upstreamModel } from "../fake.js";

export const MODEL = "default";

/** TensorFlow Serving's model that adds two to a half, on the real engine, as its own tests serve it. */
export async function halfPlusTwoHost(): Promise<Host> {
	const host = new Host((dir) => loadModel(dir));
	await host.addVersion(MODEL, {
		version: 123n,
		dir: upstreamModel("saved_model_half_plus_two_cpu/00000123"),
	});
	return host;
}

export function specOf(signature: string, model = MODEL) {
	return { model, signature };
}

/** A `tf.Example` of float features. */
export function exampleOf(
	features: Readonly<Record<string, number>>,
): Uint8Array {
	const feature = Object.fromEntries(
		Object.entries(features).map(([name, value]) => [
			name,
			{ kind: { case: "floatList" as const, value: { value: [value] } } },
		]),
	);
	return toBinary(
		ExampleSchema,
		create(ExampleSchema, { features: { feature } }),
	);
}
