import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { CommitRef } from '#domain';
import { FacadeReads } from '../facade-reads.js';
import { versionTaken } from './dialect.js';
import type { Event } from './read-event.js';
import { recordedIn } from './recorded.js';
import type { Known } from '../target-standing.js';
import { VersionsInUse } from './versions-in-use.js';

const VERSIONS = 10_000;
/** Of the deployments of a version the last few say of which commit it is. */
const LOOKED_AT = 5;
const MIN_PREFIX = 7;

/** Holds versions to the commit that they were first reported with, as Versioner does. */
@Injectable()
export class Versions {
  /** What this process was told: the views may not have it yet. */
  private readonly refs = new LRUCache<string, CommitRef>({ max: VERSIONS });

  private readonly inUse: VersionsInUse;

  constructor(@Inject(FacadeReads) private readonly reads: FacadeReads) {
    this.inUse = new VersionsInUse((product, id, limit) => reads.versionsAfter(product, id, limit));
  }

  /** The commit that the version of an event was first reported with, as far as anybody reported it. */
  async refOf(event: Event): Promise<CommitRef | undefined> {
    const { product, version } = event;
    const ref = this.refs.get(keyOf(event));
    if (ref || this.inUse.lacks(product, version)) return ref;
    return this.find(product, version);
  }

  note(event: Event): void {
    const [ref] = event.commitRefs;
    if (ref && !this.refs.has(keyOf(event))) this.refs.set(keyOf(event), ref);
  }

  /** Of what other clients reported nothing is taken: to them a version may be a branch. */
  private async find(product: string, version: string): Promise<CommitRef | undefined> {
    const found = await this.reads.lastOfVersion(product, version, LOOKED_AT);
    const reported = found.findLast(({ deployment: { metadata, commitRefs } }) => {
      const { scm_sha: commit } = recordedIn(metadata);
      return commit !== undefined && commitRefs.length > 0;
    });
    return reported?.deployment.commitRefs[0];
  }
}

/** The event with the commit of its version, where it names none itself. Throws where the version is that of another. */
export function ofVersion(event: Event, ref: CommitRef | undefined): Event {
  if (!ref) return event;
  holdTo(event, ref.commit);
  return event.commitRefs.length > 0 ? event : { ...event, commitRefs: [ref] };
}

/** Throws where the deployment that an event is about is known to be of another commit. */
export const holdToKnown = (event: Event, { metadata }: Known): void => holdTo(event, recordedIn(metadata).scm_sha);

/** Whether that is so. */
export const isOfOther = (event: Event, { metadata }: Known): boolean => isOther(event, recordedIn(metadata).scm_sha);

function holdTo(event: Event, known: string | undefined): void {
  if (isOther(event, known)) throw versionTaken(event.version);
}

const isOther = ({ recorded: { scm_sha: commit } }: Event, known: string | undefined): boolean =>
  commit !== undefined && known !== undefined && !isSameCommit(known, commit);

const keyOf = ({ product, version }: Event): string => `${product}\n${version}`;

/** One may be the beginning of the other. */
function isSameCommit(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length);
  if (length < MIN_PREFIX) return one === other;
  return one.slice(0, length).toLowerCase() === other.slice(0, length).toLowerCase();
}
