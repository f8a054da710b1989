import type { OpEntry } from "./define.js";

/** Files of pictures: the host's alone. */
export const pictureOps = {} as const satisfies Record<string, OpEntry>;
