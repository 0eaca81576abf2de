import type { Answer, Row } from './tables.js';

export const rows = (found: Row[]): Answer => ({ rows: found, rowCount: found.length });
export const changed = (count: number): Answer => ({ rows: [], rowCount: count });
