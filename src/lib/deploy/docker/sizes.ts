import type { BuildContext } from "./context.js";
import type { Daemon } from "./daemon.js";
import { type ImageLayer, layerBytes } from "./layer.js";

/** What an image, or a layer of it, costs. */
export interface LayerSize {
	readonly title: string;
	readonly bytes: number;
}

export interface ImageSizes {
	/** Of what it is built on; undefined where nobody knows it yet. */
	readonly base: number | undefined;
	/** Above the base, in order. */
	readonly layers: readonly LayerSize[];
}

/** As the files are, before anything is built. */
export function plannedSizes({ layers }: BuildContext): ImageSizes {
	return {
		base: undefined,
		layers: layers.map((layer) => ({
			title: layer.title,
			bytes: layerBytes(layer),
		})),
	};
}

/** As the daemon has them; what it does not tell is as planned. */
export async function builtSizes(
	{ api }: Daemon,
	image: string,
	context: BuildContext,
): Promise<ImageSizes> {
	const history = (await api.getImage(image).history()) as {
		readonly CreatedBy: string;
		readonly Size: number;
	}[];
	const wanted = copies(context.dockerfile);
	// the newest first
	const found = history.findIndex(
		(_, i) => history.slice(0, i + 1).filter(isCopy).length === wanted,
	);
	const ours = history.slice(0, found + 1);
	const sizes = ours.filter(isCopy).reverse();
	if (sizes.length !== wanted) return plannedSizes(context);
	const titles = titlesOf(context);
	return {
		base: sum(history.slice(found + 1).map(({ Size }) => Size)),
		layers: sizes.map(({ Size }, i) => ({ title: titles[i], bytes: Size })),
	};
}

/** COPY lines of the last stage. */
function copies(dockerfile: string): number {
	const stage = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
	return [...stage.matchAll(/^COPY /gm)].length;
}

function isCopy({ CreatedBy }: { readonly CreatedBy: string }): boolean {
	return /\bCOPY\b/.test(CreatedBy);
}

/** The server's list of packages comes from the first stage. */
function titlesOf({ layers, dockerfile }: BuildContext): string[] {
	const isServer = ({ folder }: ImageLayer) => folder.startsWith("server/");
	const titles = (some: readonly ImageLayer[]) =>
		some.map(({ title }) => title);
	return [
		...titles(layers.filter(isServer)),
		...(/^COPY --from/m.test(dockerfile) ? ["list of packages"] : []),
		...titles(layers.filter((layer) => !isServer(layer))),
	];
}

export function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
