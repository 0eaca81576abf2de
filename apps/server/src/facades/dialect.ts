import type { FastifyRequest } from 'fastify';
import type { Problem } from '../http/problem.js';

/** A refusal in the words of a dialect. */
export type Refusal = Readonly<{ status: number; headers?: Readonly<Record<string, string>>; body: object }>;

/** The API of another system, as its clients know it, spoken by this service. */
export type Dialect = Readonly<{
  /** Also the member of `metadata` in which it keeps what only it knows. */
  name: string;
  /** What the paths of its routes begin with: whole segments, no other dialect's and not ours. */
  prefixes: readonly string[];
  /** Query parameters in which its clients may send the token, in the order in which they are looked at. */
  tokenParameters?: readonly string[];
  /**
   * The project that a route is about, from its parameters; undefined where it is about none. `named` answers which project has
   * a `stableNumber`, for dialects that name it so.
   */
  projectOf(
    params: Readonly<Record<string, string>>,
    named: (number: number) => Promise<string | undefined>,
  ): string | undefined | Promise<string | undefined>;
  /** Whether a body is JSON also where its sender says that it is text, or nothing. */
  readsTextAsJson?: boolean;
  /** Whether commands may be said in the query as well as in the body. */
  takesCommandsByQuery?: boolean;
  /** Whether integers in bodies have 64 bits: long ones are read as texts. */
  hasLongIntegers?: boolean;
  /** Everything that a request can end in but an answer, under its prefixes as well where there is no route. */
  refusal(problem: Problem, request: FastifyRequest): Refusal;
  /** Headers of all its answers. */
  headers?(request: FastifyRequest): Readonly<Record<string, string>>;
}>;

/** Thrown where a dialect refuses with a status or words of its own that no problem of ours stands for. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(readonly refusal: Refusal) {
    super(`Refused with ${refusal.status}`);
  }
}
