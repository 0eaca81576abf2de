import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { StoredEvent } from '#event-store';
import { readTopic, type TopicRecord } from '../../../test/support/topic.js';
import { command, CommandsTopic } from './testing/commands-topic.js';
import { harness, type Harness, type Sent } from './testing/harness.js';

const brokers = process.env['TEST_KAFKA_BROKERS'];
const withKafka = brokers ? describe : describe.skip;
const kafka = { id: 'kafka', kind: 'service' };
const jane = { id: 'jane@example.org', name: 'Jane', kind: 'user' };
const bob = { id: 'bob@example.org', name: 'Bob' };

withKafka('what a topic may do', () => {
  let h: Harness;
  let topic: CommandsTopic;
  beforeAll(async () => {
    h = await harness(brokers!);
    topic = new CommandsTopic(h);
  }, 60_000);
  afterEach(() => topic?.stop(), 20_000);
  afterAll(() => h?.end());

  const send = async (records: readonly Sent[], rights: { projects?: readonly string[]; trustActor?: boolean }) => {
    await topic.stop();
    topic.start({ rights: { projects: '*', trustActor: false, ...rights } });
    await topic.send(records);
    await topic.handled();
  };
  const letterOf = async (key: string): Promise<TopicRecord | undefined> => {
    const about = (record: TopicRecord): boolean => String(record.key) === key;
    return (await readTopic(h.brokers, h.names.dead, (records) => records.some(about))).find(about);
  };
  const eventOf = async (target: string): Promise<StoredEvent> =>
    (await h.store.readStream(`target:web-shop/${target}`))[0]!;
  const actorOf = ({ metadata }: StoredEvent): object => (JSON.parse(metadata) as { actor: object }).actor;
  const claimOf = ({ data }: StoredEvent): string => (JSON.parse(data) as { claimedBy: { id: string } }).claimedBy.id;
  const nameOf = async (opaque: string): Promise<unknown> => (await h.actors.namesOf([opaque])).get(opaque);

  it('is to command its projects: for others its commands are dead letters, and get no outcome', async () => {
    const elsewhere: Sent = {
      key: 'octocat%2Fexample/live',
      value: command('CreateTarget', 'live', { project: 'octocat/example', commandId: 'elsewhere' }).value!,
      headers: new Map([[Buffer.from('traceparent'), Buffer.from('as it came')]]),
    };
    await send([elsewhere, command('CreateTarget', 'mine', { commandId: 'mine' })], { projects: ['web-shop'] });
    expect((await topic.outcomes()).map(({ commandId }) => commandId)).toEqual(['mine']);
    expect(await letterOf('octocat%2Fexample/live')).toMatchObject({
      key: Buffer.from(elsewhere.key!),
      value: Buffer.from(elsewhere.value!),
      headers: {
        traceparent: 'as it came',
        'shiplog-reason': 'forbidden: this topic may not command the project',
        'shiplog-topic': h.names.commands,
        'shiplog-partition': expect.stringMatching(/^\d+$/),
        'shiplog-offset': expect.stringMatching(/^\d+$/),
      },
    });
    await send([elsewhere], { projects: ['octocat/example'] });
    expect((await topic.outcomes()).map(({ commandId }) => commandId)).toEqual(['mine', 'elsewhere']);
  }, 90_000);

  it('is to claim an actor, who never is the one that is known, whatever kind he claims to be', async () => {
    const claims = { user: jane, service: { ...bob, kind: 'service' }, system: { id: 'timekeeper', kind: 'system' } };
    const records = Object.entries(claims).map(([kind, actor]) => command('CreateTarget', `claims-${kind}`, { actor }));
    await send(records, {});
    for (const [kind, { id }] of Object.entries(claims)) {
      const event = await eventOf(`claims-${kind}`);
      expect(actorOf(event)).toEqual(kafka);
      expect(await nameOf(claimOf(event))).toMatchObject({ id });
      expect(JSON.stringify(event)).not.toContain(id);
    }
  }, 60_000);

  it('is to claim one: of an actor and a claim the actor is kept', async () => {
    await send([command('CreateTarget', 'both', { actor: jane, claimedBy: bob })], {});
    expect(await nameOf(claimOf(await eventOf('both')))).toEqual({ id: jane.id, name: jane.name });
    await send([command('CreateTarget', 'claim', { claimedBy: bob })], {});
    expect(await nameOf(claimOf(await eventOf('claim')))).toEqual(bob);
  }, 60_000);

  it('is to name the actor where it is trusted, but never the service itself', async () => {
    await send(
      [
        command('CreateTarget', 'trusted', { actor: jane, claimedBy: bob }),
        command('CreateTarget', 'job', { actor: { id: 'jenkins', kind: 'service' } }),
        command('CreateTarget', 'nobody', {}),
        command('CreateTarget', 'usurped', { actor: { id: 'timekeeper', kind: 'system' } }),
      ],
      { trustActor: true },
    );
    const trusted = await eventOf('trusted');
    const { id, kind } = actorOf(trusted) as { id: string; kind: string };
    expect([kind, await nameOf(id), await nameOf(claimOf(trusted))]).toEqual([
      'user',
      { id: jane.id, name: jane.name },
      bob,
    ]);
    expect(actorOf(await eventOf('job'))).toEqual({ id: 'jenkins', kind: 'service' });
    expect(actorOf(await eventOf('nobody'))).toEqual(kafka);
    expect(await topic.outcomes('usurped')).toEqual([]);
    const letter = await letterOf('web-shop/usurped');
    expect(letter?.headers['shiplog-reason']).toBe('forbidden: only the service itself is of kind system');
  }, 60_000);

  it('is to name a person in several ways, who approves once', async () => {
    const rules = { settings: { approvals: [{ name: 'release', required: 2 }] } };
    const approve = (name: string) =>
      command('ApproveDeployment', 'approved', { actor: { ...jane, name }, data: { number: 1 } });
    await send(
      [
        command('CreateTarget', 'approved', { data: rules }),
        command('ScheduleDeployment', 'approved', { data: { version: '1' } }),
        approve('Jane'),
        approve('Jane Doe'),
      ],
      { trustActor: true },
    );
    expect((await topic.outcomes('approved')).map(({ outcome }) => outcome)).toEqual(
      Array(4).fill(expect.stringContaining('accepted')),
    );
    const events = await h.store.readStream('target:web-shop/approved');
    expect(events.map(({ type }) => type)).toEqual(['TargetCreated', 'DeploymentBlocked', 'DeploymentApproved']);
    expect(await nameOf((actorOf(events.at(-1)!) as { id: string }).id)).toEqual({ id: jane.id, name: 'Jane Doe' });
  }, 60_000);
});
