import { Databases } from '../frame/database.js';
import { fill } from '../frame/fill.js';
import { Peer, withPeers } from '../frame/peer.js';
import { inTurn } from '../frame/rounds.js';
import type { KafkaBench } from '../frame/row.js';
import { Service } from '../frame/service.js';
import { brokerProcess } from './broker-process.js';
import type { CommanderMethods } from './commander-process.js';
import type { EchoMethods } from './echo-process.js';
import { Topics } from './topics.js';

const COMMANDS = 20_000;
const TARGETS = 1_000;
/** Outcomes that the peer sends in turn. */
const READY = 1_000;

/** Commands on Kafka to their outcomes on Kafka, beside kafkajs that only passes records on. */
export const kafkaCommands: KafkaBench = ({ broker, ...settings }) =>
  Databases.during(settings.databaseUrl, (databases) =>
    Topics.during(broker, (topics) =>
      withPeers(async (open) => {
        const databaseUrl = await databases.create('inbox');
        await fill(databaseUrl, TARGETS, 1);
        const [ours, theirs] = [await topics.create(), await topics.create()];
        const roles = 'consumer,relay';
        const service = open(await Service.start({ databaseUrl, roles, broker, topicPrefix: ours.prefix }));
        const echo = open(
          new Peer<EchoMethods>(new URL('./echo-process.js', import.meta.url), {
            args: [broker, theirs.names.commands, theirs.names.outcomes],
          }),
        );
        const commander = open(
          new Peer<CommanderMethods>(new URL('./commander-process.js', import.meta.url), { args: [broker] }),
        );
        const count = settings.short ? COMMANDS / 20 : COMMANDS;
        const rate = async ({ names: { commands, outcomes } }: typeof ours): Promise<number> =>
          count / (await commander.ask('run', { commands, outcomes, count, targets: TARGETS }));
        const around = [{ title: 'generator', pid: commander.pid }, ...brokerProcess(broker)];
        /** What a round leaves behind is no load of the next one. */
        const quiet = (): Promise<void> => commander.ask('quiet', ours.names.events);
        let echoes = false;
        const prepareEcho = async (): Promise<void> => {
          await quiet();
          if (!echoes) await echo.ask('begin', { topic: ours.names.outcomes, records: Math.min(count, READY) });
          echoes = true;
        };
        const sides = await inTurn(
          settings,
          { before: quiet, round: () => rate(ours), watched: [service.watched, databases.server, ...around] },
          {
            before: prepareEcho,
            round: () => rate(theirs),
            watched: [{ title: 'kafkajs', pid: echo.pid }, ...around],
          },
        );
        const note =
          `${count} successes reported for ${TARGETS} targets, from the first record sent to the last outcome readable. ` +
          'The service publishes their events as well; kafkajs answers each with an outcome of the service that lies ready, headers and all, and keeps no offsets.';
        return [{ name: 'kafka-commands/kafkajs', ...sides, megabytes: service.megabytes, note }];
      }),
    ),
  );
