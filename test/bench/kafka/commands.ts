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

/** Commands on Kafka to their outcomes and events on Kafka, beside kafkajs that takes and sends the same bytes and does nothing else. */
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
            args: [broker, theirs.names.commands, theirs.names.outcomes, theirs.names.events],
          }),
        );
        const commander = open(
          new Peer<CommanderMethods>(new URL('./commander-process.js', import.meta.url), { args: [broker] }),
        );
        const count = settings.short ? COMMANDS / 20 : COMMANDS;
        /** Events of a command: known when the warm-up has shown them. */
        let eventsEach = 0;
        const rate = async ({ names: { commands, outcomes, events } }: typeof ours): Promise<number> => {
          const answers = [
            { topic: outcomes, each: 1 },
            { topic: events, each: eventsEach },
          ];
          return count / (await commander.ask('run', { commands, answers, count, targets: TARGETS }));
        };
        const around = [{ title: 'generator', pid: commander.pid }, ...brokerProcess(broker)];
        /** What a round leaves behind is no load of the next one. */
        const quiet = (): Promise<void> => commander.ask('quiet', ours.names.events);
        const prepareEcho = async (): Promise<void> => {
          await quiet();
          if (eventsEach === 0) eventsEach = await echo.ask('begin', ours.names);
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
          `${count} successes reported for ${TARGETS} targets, from the first record sent to the last outcome and event readable. ` +
          `kafkajs answers each with the outcome and the ${eventsEach} events that the service wrote for such a command, which lie ready, and keeps no offsets.`;
        return [{ name: 'kafka-commands/kafkajs', ...sides, megabytes: service.megabytes, note }];
      }),
    ),
  );
