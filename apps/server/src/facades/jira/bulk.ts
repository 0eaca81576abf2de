import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { streamOf } from '#domain';
import { toProblem } from '../../http/problem.js';
import { someAtOnce } from '../some-at-once.js';
import type { Association } from './associations.js';
import { keyText, placeOf, type Identity } from './identity.js';
import { isReadable, type Item } from './read-submission.js';
import { JiraReports } from './reports.js';

/** What became of one of those that were sent together. */
type Ended = Readonly<{ identity: Identity; errors: readonly string[]; unknown: readonly Association[] }>;

/** What is sent in bulk, each by itself: of one environment one after the other, in the order in which they were sent. */
@Injectable()
export class JiraBulk {
  constructor(@Inject(JiraReports) private readonly reports: JiraReports) {}

  /** The JSON of the answer. */
  async take(request: FastifyRequest, items: readonly Item[]): Promise<string> {
    const ended = new Map<Item, Ended>();
    await someAtOnce(byTarget(items), async (ofOne) => {
      for (const item of ofOne) ended.set(item, await this.one(request, item));
    });
    return answerText(
      items.map((item) => ended.get(item)!),
      request.id,
    );
  }

  private async one(request: FastifyRequest, item: Item): Promise<Ended> {
    const { identity, unknown } = item;
    if (!isReadable(item)) return { identity, errors: item.faults, unknown };
    try {
      const left = await this.reports.report(request, item);
      return { identity, errors: [], unknown: [...unknown, ...left] };
    } catch (error) {
      return { identity, errors: reasonsOf(error), unknown };
    }
  }
}

function byTarget(items: readonly Item[]): Item[][] {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const { project, target } = placeOf(item.identity);
    const stream = streamOf(project, target);
    found.set(stream, [...(found.get(stream) ?? []), item]);
  }
  return [...found.values()];
}

/** Why one is rejected; what is not its own fault ends the whole request. */
function reasonsOf(error: unknown): readonly string[] {
  const { status, said, more } = toProblem(error);
  if (status >= 500) throw error;
  return more.errors?.map(({ field, message }) => `${field}: ${message}`) ?? [said];
}

function answerText(ended: readonly Ended[], errorTraceId: string): string {
  const accepted = ended.filter(({ errors }) => errors.length === 0).map(({ identity }) => keyText(identity));
  const rejected = ended
    .filter(({ errors }) => errors.length > 0)
    .map(({ identity, errors }) => {
      const told = errors.map((message) => ({ message, errorTraceId }));
      return `{"key":${keyText(identity)},"errors":${JSON.stringify(told)}}`;
    });
  const unknown = JSON.stringify(ended.flatMap((each) => each.unknown));
  return (
    `{"acceptedDeployments":[${accepted.join()}],"rejectedDeployments":[${rejected.join()}],` +
    `"unknownIssueKeys":[],"unknownAssociations":${unknown}}`
  );
}
