import type { LiteRow } from "../lowering.js";

export const controlRows: Readonly<Record<string, LiteRow>> = {};
