import type { ErrorObject } from 'ajv';

export type Unlike = Readonly<{ where: string; why: string | readonly ErrorObject[]; text: string }>;

export const NONE: readonly string[] = [];
const SHOWN = 2_000;

/** The JSON texts in a stream: each line of NDJSON, the data of each server-sent event. */
export const lineValues = (type: string, text: string): string[] =>
  type === 'text/event-stream'
    ? text.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length)] : []))
    : text.split('\n').filter((line) => line !== '');

/** What is told of an answer that is not as documented. */
export const unlike = ({ where, why, text }: Unlike): Error =>
  new Error(
    `${where} is not as the contract has it: ${typeof why === 'string' ? why : wordsOf(why)}\n${text.slice(0, SHOWN)}`,
  );

/** Of alternatives, those that a value came closest to are of interest: their faults lie deepest. */
const wordsOf = (errors: readonly ErrorObject[]): string => {
  const depth = Math.max(...errors.map(({ instancePath }) => instancePath.split('/').length));
  return errors
    .filter(({ instancePath }) => instancePath.split('/').length === depth)
    .map(({ instancePath, message, params }) => `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`)
    .join('; ');
};
