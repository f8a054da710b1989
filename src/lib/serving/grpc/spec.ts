import { create } from "@bufbuild/protobuf";
import {
	ModelSpecSchema,
	type ModelSpec as SpecMessage,
} from "../../../gen/prediction_pb.js";
import { fail } from "../../errors.js";
import type { ModelSpec } from "../calls.js";
import type { Host, VersionChoice } from "../host.js";
import type { CallContext } from "./service.js";

/** Which model a message asks for; fails with INVALID where it does not say (server_core.cc). */
export function specOf(message: SpecMessage | undefined): ModelSpec {
	const spec = namedSpec(message);
	if (spec.model !== "") return spec;
	throw fail("INVALID", "ModelSpec has no name specified.");
}

/** The same with what a model's requests are split by. */
export function routedSpec(
	message: SpecMessage | undefined,
	host: Host,
	{ header, trace }: CallContext,
): ModelSpec {
	const spec = specOf(message);
	if (trace !== undefined) trace.model = spec.model;
	return { ...spec, key: host.routingKey(spec.model, header) };
}

/** The same, of whatever name. */
export function namedSpec(message: SpecMessage | undefined): ModelSpec {
	if (message === undefined) throw fail("INVALID", "Missing ModelSpec");
	const { name, signatureName, versionChoice } = message;
	return {
		model: name,
		choice: choiceOf(versionChoice),
		signature: signatureName,
	};
}

function choiceOf({
	case: kind,
	value,
}: SpecMessage["versionChoice"]): VersionChoice | undefined {
	if (kind === undefined) return undefined;
	return kind === "version" ? { version: value.value } : { label: value };
}

/** What answered: a label is never told (util.cc, MakeModelSpec). */
export function answeredSpec(
	model: string,
	version: bigint,
	signatureName?: string,
): SpecMessage {
	return create(ModelSpecSchema, {
		name: model,
		versionChoice: { case: "version", value: { value: version } },
		...(signatureName && { signatureName }),
	});
}
