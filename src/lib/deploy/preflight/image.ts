import { type Finding, ok, problem, warning } from "../finding.js";
import { parseImage, registryOf, withDigest } from "../image-reference.js";
import { askRegistry, type Login } from "../registry.js";

export interface ImageState {
	/** By digest where its registry told it, else as it was given. */
	readonly image: string;
	readonly finding: Finding;
}

/**
 * Whether an image can be pulled, and by which digest. What this machine cannot find out, nodes may know: that is a warning.
 * That a registry which was named does not have it, is none.
 */
export async function checkImage(
	image: string,
	{
		login,
		hasSecret,
	}: {
		readonly login?:
			| ((registry: string) => Promise<Login | undefined>)
			| undefined;
		/** Whether pods bring credentials of their own. */
		readonly hasSecret: boolean;
	},
): Promise<ImageState> {
	const { repository, tag, digest } = parseImage(image);
	const registry = registryOf(repository);
	const answer = await askRegistry(image, await login?.(registry));
	if (answer.status === "found") {
		const exact = digest ?? answer.digest;
		return {
			image: exact === undefined ? image : withDigest(image, exact),
			finding: ok("image", `${registry} has ${image}`),
		};
	}
	const isNamed = repository.startsWith(`${registry}/`);
	const text = `${image}: ${answer.reason}`;
	const place = isNamed ? repository : `REGISTRY/${repository}`;
	const push = `mlship deploy docker --tag ${place}:${tag ?? "latest"} --push`;
	if (answer.status === "absent" && isNamed)
		return { image, finding: problem("image", "NOT_FOUND", text, push) };
	const secret =
		"kubectl create secret docker-registry NAME --docker-server=… and --pull-secret NAME, where nodes have no credentials either";
	const hint =
		answer.status === "silent"
			? undefined
			: isNamed
				? hasSecret
					? undefined
					: secret
				: push;
	return { image, finding: warning("image", text, hint) };
}
