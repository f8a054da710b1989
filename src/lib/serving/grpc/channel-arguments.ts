import type { ChannelOptions } from "@grpc/grpc-js";
import { fail } from "../../errors.js";

/** Reads `--grpc_channel_arguments`, `key=value,key=value`, of which whole numbers count as such; fails with INVALID. */
export function parseChannelArguments(text: string): ChannelOptions {
	const options: Record<string, string | number> = {};
	for (const pair of text.split(",").filter((part) => part !== "")) {
		const [, key, value] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? [];
		if (key === undefined)
			throw fail(
				"INVALID",
				`cannot read channel argument "${pair}": key=value is wanted, as grpc.max_connection_age_ms=60000`,
			);
		options[key.trim()] = /^-?\d+$/.test(value) ? Number(value) : value;
	}
	return options;
}
