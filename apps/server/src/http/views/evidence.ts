import { Inject, Injectable } from '@nestjs/common';
import { toldOf, type Evidence } from '#contracts';
import { streamOf, type Target } from '#domain';
import type { StoredEvent } from '#event-store';
import { StreamReader } from './stream-reader.js';

/** So many events are told of one deployment: the one that created it, and the newest. Events can be large. */
const TOLD = 50;

type Gathered = { events: StoredEvent[]; count: number };

/** What of a target's stream made it what it is. */
@Injectable()
export class EvidenceReader {
  constructor(@Inject(StreamReader) private readonly streams: StreamReader) {}

  /** What an explanation of the target needs, up to its version. */
  async of(target: Target): Promise<Evidence> {
    const [events, settingsSet, stopped] = await Promise.all([
      this.ofDeployments(target),
      this.at(target, Math.max(target.settingsVersion, 1)),
      this.stopped(target),
    ]);
    return { events, settingsSet, stopped };
  }

  private async ofDeployments(target: Target): Promise<Map<number, Gathered>> {
    const told = Object.values(toldOf(target)).flat();
    const numbers = told.map(({ number }) => number);
    const gathered = new Map<number, Gathered>(numbers.map((number) => [number, { events: [], count: 0 }]));
    if (told.length === 0) return gathered;
    const filter = {
      members: { number: numbers, ...(target.current ? { supersededBy: [target.current.number] } : {}) },
    };
    // What took the place of another stands just behind it.
    const after = Math.min(...told.map(({ created }) => created.version)) - 2;
    const range = { after: Math.max(0, after), upTo: target.version };
    for await (const { events } of this.streams.scan(streamOf(target.project, target.key), filter, range)) {
      for (const event of events) gather(gathered, event, target.current?.number);
    }
    return gathered;
  }

  private async at({ project, key }: Target, version: number): Promise<StoredEvent | undefined> {
    return this.streams.last(streamOf(project, key), {}, version);
  }

  /** While nothing is current: the event that ended what was. */
  private async stopped({ project, key, version, current }: Target): Promise<StoredEvent | undefined> {
    if (current) return undefined;
    const ends = { types: ['DeploymentRetired', 'DeploymentFailed'], members: { from: ['current'] } };
    return this.streams.last(streamOf(project, key), ends, version);
  }
}

/** An event belongs to its deployment, and to the one that took that one's place. */
const gather = (gathered: Map<number, Gathered>, event: StoredEvent, current: number | undefined): void => {
  const { number, supersededBy } = JSON.parse(event.data) as { number: number; supersededBy?: number };
  const own = gathered.get(number) ?? (supersededBy === current ? gathered.get(current!) : undefined);
  if (!own) return;
  own.count += 1;
  own.events.push(event);
  if (own.events.length > TOLD) own.events.splice(1, 1);
};
