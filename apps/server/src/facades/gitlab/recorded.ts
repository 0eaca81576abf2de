import type { Metadata } from '#domain';
import { flagIn, keptBy, keeping } from '../kept.js';
import { gitlab } from './dialect.js';

/** How a deployment ended as its client told it, where it had ended otherwise here before. */
export type Told = 'failed' | 'canceled';

/** What GitLab has of a deployment and the log does not, under GitLab's names. */
export type Recorded = Readonly<{
  /** Whether the ref is a tag. */
  tag?: boolean;
  told?: Told;
  /** How often the same success was reported again. */
  repeats?: number;
}>;

export const record = (stands: Metadata, recorded: Recorded): Metadata => keeping(stands, gitlab, recorded);

/** What is kept; what anybody else wrote there is left out. */
export function recordedIn(metadata: Metadata): Recorded {
  const { tag, repeats } = keptBy(metadata, gitlab);
  const told = toldIn(metadata);
  return {
    ...(flagIn(tag) === undefined ? {} : { tag: flagIn(tag)! }),
    ...(told === undefined ? {} : { told }),
    ...(Number.isSafeInteger(repeats) ? { repeats: Number(repeats) } : {}),
  };
}

export function toldIn(metadata: Metadata): Told | undefined {
  const { told } = keptBy(metadata, gitlab);
  return told === 'failed' || told === 'canceled' ? told : undefined;
}
