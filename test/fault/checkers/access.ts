import { Findings, type Violation } from './evidence.js';

/** A request of somebody who has no token, and what he showed in the place of one. */
export type Knock = Readonly<{ shown: string; status: number }>;

/** X7: what is not a whole token, to the letter, lets nobody in. */
export const checkKnocks = (knocks: readonly Knock[]): Violation[] => {
  const found = new Findings();
  for (const { shown, status } of knocks)
    found.check(status === 401, 'X7', () => `${shown} in the place of a token was answered ${status}`);
  return found.violations;
};

/** What the token of one project was answered, and what of another project's was in it. */
export type Heard = Readonly<{ path: string; foreign: readonly string[] }>;

/** X7: nothing of another project is in what a token gets. */
export const checkReach = (heard: readonly Heard[]): Violation[] => {
  const found = new Findings();
  for (const { path, foreign } of heard)
    found.check(foreign.length === 0, 'X7', () => `${path} told another project's token of ${foreign.join()}`);
  return found.violations;
};

/** Who asked whom. */
export type Meeting = Readonly<{ who: string; origin: string; path: string }>;

/** H3: nobody is asked but who was meant, wherever that one sends people. */
export const checkPeers = (meetings: readonly Meeting[], meant: ReadonlySet<string>): Violation[] => {
  const found = new Findings();
  for (const { who, origin, path } of meetings)
    found.check(meant.has(origin), 'H3', () => `${who} asked ${origin}${path}, where it was sent`);
  return found.violations;
};

/** How many bytes came for a client while it read nothing, and how many of them it got when it read again. */
export type Backlog = Readonly<{ what: string; offered: number; kept: number }>;

/** X2: what waits for a client that does not read has a bound; the buffers of sockets take `most`. */
export const checkBacklog = ({ what, offered, kept }: Backlog, most: number): Violation[] => {
  const found = new Findings();
  found.check(kept <= most, 'X2', () => `${what} was kept ${kept} of ${offered} bytes, where ${most} may be`);
  return found.violations;
};
