import { Inject, Injectable } from '@nestjs/common';
import { presentEvent } from '#contracts';
import { streamOf, targetEventTypes, type Actor, type TargetEventData } from '#domain';
import { Names } from '../../http/names.js';
import { StreamReader } from '../../http/views/stream-reader.js';

/** What was done to targets, newest first. */
@Injectable()
export class SpaceAuditLog {
  constructor(
    @Inject(StreamReader) private readonly streams: StreamReader,
    @Inject(Names) private readonly names: Names,
  ) {}

  async entries(project: string, key: string): Promise<object[]> {
    const entries: object[] = [];
    let before: TargetEventData | undefined;
    for await (const { events } of this.streams.scan(
      streamOf(project, key),
      { types: targetEventTypes },
      { after: 0 },
    )) {
      const people = await this.names.inEvents(events);
      for (const event of events) {
        const { type, actor, occurredAt, data } = presentEvent('', event, people);
        const after = data as TargetEventData;
        entries.push({
          className: 'DeployTargetAuditLogEntry',
          created: `${occurredAt.slice(0, 23)}Z`,
          author: principalOf(actor),
          text: texts[type as keyof typeof texts],
          changes: type === 'TargetChanged' && before ? changesBetween(before, after) : [],
        });
        before = after;
      }
    }
    return entries.reverse();
  }
}

const texts = {
  TargetCreated: 'Deployment target created',
  TargetChanged: 'Deployment target changed',
  TargetDeleted: 'Deployment target deleted',
};

const principalOf = ({ id, name }: Actor) => ({ className: 'CPrincipal', name: name ?? id, details: null });

const minutes = ({ enabled, afterMinutes }: TargetEventData['settings']['hanging']): string | null =>
  enabled ? String(afterMinutes) : null;

/** The members that clients of this dialect know, under the names that they have there. */
const members: Readonly<Record<string, (target: TargetEventData) => string | null>> = {
  name: ({ name, key }) => name ?? key,
  description: ({ description }) => description,
  manualControl: ({ settings }) => String(settings.manualControls),
  hangTimeoutMinutes: ({ settings }) => minutes(settings.hanging),
  failTimeoutMinutes: ({ settings }) => minutes(settings.failing),
};

/** Those that are lists. */
const lists: Readonly<Record<string, (target: TargetEventData) => readonly string[]>> = {
  repositories: ({ repositories }) => repositories,
  links: ({ externalUrl, labels }) => [
    ...(externalUrl === null ? [] : [externalUrl]),
    ...Object.entries(labels).map(([name, value]) => `${name}: ${value}`),
  ],
};

function changesBetween(before: TargetEventData, after: TargetEventData): object[] {
  const changed = Object.entries(members).flatMap(([fieldName, of]) => {
    const [was, is] = [of(before), of(after)];
    return was === is ? [] : [{ ...CHANGE, fieldName, old: was, new: is }];
  });
  const listed = Object.entries(lists).flatMap(([fieldName, of]) => {
    const [was, is] = [of(before), of(after)];
    const added = is.filter((each) => !was.includes(each));
    const removed = was.filter((each) => !is.includes(each));
    return added.length + removed.length === 0 ? [] : [{ ...CHANGE, fieldName, added, removed }];
  });
  return [...changed, ...listed];
}

const CHANGE = { className: 'DeployTargetFieldMod', fieldName: '', old: null, new: null, added: null, removed: null };
