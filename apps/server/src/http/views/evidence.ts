import { Inject, Injectable } from '@nestjs/common';
import { toldOf, type Evidence } from '#contracts';
import { streamOf, type Target } from '#domain';
import type { StoredEvent } from '#event-store';
import { StreamReader } from './stream-reader.js';

/** So many events are told of one deployment: the one that created it, the one that set its clocks, and the newest. They can be large. */
const TOLD = 50;

type Gathered = { events: StoredEvent[]; count: number; readonly clockVersion: number | null };

/** What of a target's stream made it what it is. */
@Injectable()
export class EvidenceReader {
  constructor(@Inject(StreamReader) private readonly streams: StreamReader) {}

  /** What an explanation of the target needs, up to its version. */
  async of(target: Target): Promise<Evidence> {
    const [events, settingsSet, stopped] = await Promise.all([
      this.ofDeployments(target),
      this.streams.at(streamOf(target.project, target.key), Math.max(target.settingsVersion, 1)),
      this.stopped(target),
    ]);
    return { events, settingsSet, stopped };
  }

  private async ofDeployments(target: Target): Promise<Map<number, Gathered>> {
    const told = Object.values(toldOf(target)).flat();
    const gathered = new Map<number, Gathered>(
      told.map(({ number, clockVersion }) => [number, { events: [], count: 0, clockVersion }]),
    );
    if (told.length === 0) return gathered;
    const stream = streamOf(target.project, target.key);
    const after = Math.min(...told.map(({ created }) => created.version)) - 1;
    const filter = { members: { number: [...gathered.keys()] } };
    for await (const { events } of this.streams.scan(stream, filter, { after, upTo: target.version }))
      for (const event of events) gather(gathered.get(numberOf(event))!, event);
    if (target.current) await this.addReplaced(stream, gathered.get(target.current.number)!);
    return gathered;
  }

  /** What the current one took the place of ended just before. */
  private async addReplaced(stream: string, current: Gathered): Promise<void> {
    const place = current.events.findLastIndex(({ type }) => type === 'DeploymentFinished');
    const before = place < 0 ? undefined : await this.streams.at(stream, current.events[place]!.version - 1);
    if (before?.type !== 'DeploymentSuperseded') return;
    current.events.splice(place, 0, before);
    current.count += 1;
  }

  /** While nothing is current: the event that ended what was. */
  private async stopped({ project, key, version, current }: Target): Promise<StoredEvent | undefined> {
    if (current) return undefined;
    const ends = { types: ['DeploymentRetired', 'DeploymentFailed'], members: { from: ['current'] } };
    return this.streams.last(streamOf(project, key), ends, version);
  }
}

const numberOf = ({ data }: StoredEvent): number => (JSON.parse(data) as { number: number }).number;

const gather = (own: Gathered, event: StoredEvent): void => {
  own.count += 1;
  own.events.push(event);
  if (own.events.length > TOLD) own.events.splice(own.events[1]!.version === own.clockVersion ? 2 : 1, 1);
};
