import type { Bench } from '../frame/row.js';
import { TARGETS } from './contender.js';
import { duel, rateOf, type Entry } from './duel.js';

const waist: Entry = { name: 'waist', title: 'waist', perRound: 60_000, inFlight: [1_000, 2_000, 4_000] };
const emmett: Entry = { name: 'emmett', title: 'Emmett', perRound: 4_000, inFlight: [8, 16, 32, 64] };
const messageDb: Entry = { name: 'message-db', title: 'message-db', perRound: 10_000, inFlight: [4, 8, 16, 32, 64] };

const workload = `Start and finish in turn on ${TARGETS.toLocaleString('en')} targets drawn at random.`;
const groupCommit =
  'The waist: group commit, decided on states held in memory, with events, states and one outcome for each command id.';
const handler =
  'Emmett: for each command the stream is read and folded, decided by the same domain, appended in a transaction; conflicts are tried again at once.';

/** Commands a second through the waist beside Emmett's command handler. */
export const commandsVsEmmett: Bench = async (settings) => [
  await duel(settings, {
    row: 'commands/emmett',
    ours: waist,
    theirs: emmett,
    figure: rateOf,
    note: `${workload} ${groupCommit} ${handler}`,
  }),
];

/** Commands a second through the waist beside message-db's way to write one message. */
export const commandsVsMessageDb: Bench = async (settings) => [
  await duel(settings, {
    row: 'commands/message-db',
    ours: waist,
    theirs: messageDb,
    figure: rateOf,
    note: `${workload} ${groupCommit} message-db: write_message for the same events at their versions, one statement a command, nothing decided, no outcomes, in one category, through pg.Pool.`,
  }),
];

/** What a caller waits who sends one command after the other. */
export const oneCaller: Bench = async (settings) => [
  await duel(settings, {
    row: 'one-caller/emmett',
    ours: { ...waist, perRound: 1_000, inFlight: [1] },
    theirs: { ...emmett, perRound: 500, inFlight: [1] },
    figure: ({ milliseconds }) => milliseconds,
    note: `${workload} One command at a time, in process. ${handler}`,
  }),
];

/** All commands for one target: every one of them decided on the one before it. */
export const hotTarget: Bench = async (settings) => [
  await duel(settings, {
    row: 'hot-target/emmett',
    ours: { ...waist, perRound: 20_000, inFlight: [1_000] },
    theirs: { ...emmett, perRound: 300, inFlight: [1, 2, 8] },
    hot: true,
    figure: rateOf,
    note: `A new target each round, so that Emmett never reads a longer stream than its own round made. ${handler}`,
  }),
];
