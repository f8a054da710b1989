import type { LiteRow } from "../lowering.js";

export const signalRows: Readonly<Record<string, LiteRow>> = {};
