import { logStatements } from './log-statements.js';
import { kafkaStatements } from './kafka-statements.js';
import { viewStatements } from './view-statements.js';
import { upsert } from './upsert.js';
import type { Answer, Statement, Transaction } from './tables.js';

const spaced = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** By their text: a statement of the product that is not here ends the simulation, for then this table is out of date. */
const known: ReadonlyMap<string, Statement> = new Map(
  Object.entries({ ...logStatements, ...kafkaStatements, ...viewStatements }).map(([text, statement]) => [
    spaced(text),
    statement,
  ]),
);

const byText = new Map<string, Statement>();

/** Those that nobody wrote down for the memory: with one of them a simulation says nothing. */
export const unknownStatements = new Set<string>();

/** Carries a statement out. Rows of views are written by statements made from their columns, and so are read from these. */
export const carryOut = (tx: Transaction, text: string, values: readonly unknown[]): Answer => {
  const statement = byText.get(text) ?? known.get(spaced(text)) ?? upsert(spaced(text));
  if (!statement) {
    unknownStatements.add(text);
    throw new Error(`The memory does not know this statement: ${text}`);
  }
  byText.set(text, statement);
  return statement(tx, values);
};
