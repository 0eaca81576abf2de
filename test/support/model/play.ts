import { setTimeout as sleep } from 'node:timers/promises';
import { groupBy } from '#runtime';
import { actors, Game, type Sent } from './game.js';
import { requestOf } from './routes.js';
import type { Loose, Reply, Service } from './service.js';
import type { Sender, Sequence } from './steps.js';
import { compareOne, compareViews, lineOfEvent } from './views.js';

const LATE_MS = 20_000;
const LOOK_MS = 20;
const MOST = 1_000;

type Turn = Readonly<{ game: Game; sent: readonly Sent[] }>;

/** Plays sequences side by side, each on a target of its own in one project, and answers them with what was different. */
export async function play(sequences: readonly Sequence[], service: Service, project: string): Promise<Game[]> {
  const games = sequences.map((sequence, index) => new Game(sequence, project, `t${index}`));
  const { body: status } = await service.call('GET', '/status');
  const log: Loose[] = [];
  for (let open = games; open.length > 0; open = open.filter(({ done }) => !done)) {
    const turns = open.map((game) => ({ game, sent: game.turn() }));
    await Promise.all([
      ...inLists(turns.filter(({ game }) => !game.sequence.oneByOne)).map((list) => sendList(list, service)),
      ...turns.filter(({ game }) => game.sequence.oneByOne).map((turn) => sendOneByOne(turn, service)),
    ]);
    await awaitTheClock(open, { service, log, start: status.position });
  }
  await compareAll(games, service, log);
  return games;
}

/** The turns of one sender go together, as many as a request may carry. */
function inLists(turns: readonly Turn[]): Turn[][] {
  const lists: Turn[][] = [];
  for (const sender of Object.keys(actors) as Sender[]) {
    let room = 0;
    for (const turn of turns.filter(({ sent }) => sent[0]?.sender === sender)) {
      if (turn.sent.length > room) room = lists.push([]) && MOST;
      lists.at(-1)!.push(turn);
      room -= turn.sent.length;
    }
  }
  return lists;
}

async function sendList(turns: readonly Turn[], service: Service): Promise<void> {
  const body = turns.flatMap(({ sent }) => sent.map(({ command }) => command));
  const { sender } = turns[0]!.sent[0]!;
  const { status, body: answers } = await service.call('POST', '/commands', { sender, body });
  if (status !== 200) throw new Error(`POST /commands answers ${status}: ${JSON.stringify(answers)}`);
  let next = 0;
  for (const { game, sent } of turns) for (const each of sent) checkAnswer(game, each, answers[next++]);
}

async function sendOneByOne({ game, sent }: Turn, service: Service): Promise<void> {
  for (const each of sent) {
    const { method, path, headers, body } = requestOf(each);
    const reply = await service.call(method, path, { sender: each.sender, headers, body });
    checkAnswer(game, each, reply.body);
    checkStatus(game, each, reply);
  }
}

/** An outcome or a problem; what it says of the stream is compared for outcomes. */
function checkAnswer(game: Game, sent: Sent, answer: Loose): void {
  const { expected, version, command } = sent;
  const what = `The answer to ${JSON.stringify(command)}`;
  game.differs(what, answer.commandId, command.commandId);
  if (answer.outcome === 'accepted') {
    const types = typeof expected === 'string' ? expected : expected.map((line) => line.split(' ')[0]);
    game.differs(
      what,
      answer.events.map(({ type }: Loose) => type),
      types,
    );
    const versions = answer.events.map((event: Loose) => [event.version, event.position - answer.position]);
    const contiguous = versions.map((_: unknown, i: number) => [
      version - versions.length + 1 + i,
      i + 1 - versions.length,
    ]);
    game.differs(`Where the events of it stand: ${what}`, versions, contiguous);
  } else {
    const code = answer.from === undefined ? answer.code : `${answer.code} ${answer.from}`;
    game.differs(what, answer.code === 'bad_request' ? answer.detail : code, expected);
  }
  if (answer.version !== undefined) game.differs(`The version of it: ${what}`, answer.version, version);
}

/** 201 where something was created, and what it shows is what it was about. */
function checkStatus(game: Game, { expected, version, command }: Sent, { status, body }: Reply): void {
  if (typeof expected === 'string' || game.difference !== undefined) return;
  const creates = expected.some((line) => line === 'TargetCreated' || line.includes(' null>'));
  const what = `The answer by itself to ${JSON.stringify(command)}`;
  game.differs(what, [status, body.target.version], [creates ? 201 : 200, version]);
  const last = expected.findLast((line) => !line.startsWith('Target'));
  if (command.type.endsWith('Target') || last === undefined || last.startsWith('DeploymentDeleted')) return;
  const [, number, move] = last.split(' ');
  game.differs(what, [body.deployment.number, body.deployment.status], [Number(number), move!.split('>')[1]]);
}

/** Reads the log on until it holds for each target what was foreseen, with what the clock does by itself. */
async function awaitTheClock(
  games: readonly Game[],
  { service, log, start }: { service: Service; log: Loose[]; start: number },
): Promise<void> {
  const until = Date.now() + LATE_MS;
  for (;;) {
    log.push(...(await service.eventsOf(games[0]!.project, log.at(-1)?.position ?? start)));
    const versions = new Map<string, number>(log.map(({ target, version }) => [target, version]));
    const late = games.filter(
      ({ difference, target, foreseen }) =>
        difference === undefined && (versions.get(target) ?? 0) < foreseen.stands.version,
    );
    if (late.length === 0) return;
    if (Date.now() > until) {
      for (const game of late)
        game.differs('The version in the log', versions.get(game.target), game.foreseen.stands.version);
      return;
    }
    await sleep(LOOK_MS);
  }
}

async function compareAll(games: readonly Game[], service: Service, log: readonly Loose[]): Promise<void> {
  const events = groupBy(log, ({ target }) => target);
  for (const game of games) compareLog(game, events.get(game.target) ?? []);
  const alike = games.filter(({ difference }) => difference === undefined);
  if (alike.length === 0) return;
  await compareViews(alike, service, log.at(-1)!.position);
  const some = alike.filter((_, index) => index % 5 === 0);
  await Promise.all(some.map((game) => compareOne(game, service, log)));
}

function compareLog(game: Game, events: readonly Loose[]): void {
  game.differs(
    'The versions in the log',
    events.map(({ version }) => version),
    events.map((_, index) => index + 1),
  );
  let next = 0;
  for (const { commandId, actor, lines } of game.passages) {
    const own = events.slice(next, (next += lines.length));
    const found = own.map(lineOfEvent);
    // The clock looks at all that is due at once.
    if (commandId === undefined) game.differs('What the clock did', found.toSorted(), lines.toSorted());
    else game.differs(`The events of ${commandId}`, found, lines);
    for (const event of own) {
      game.differs(`Who did ${commandId}`, event.actor, actor);
      if (commandId !== undefined) game.differs('The command of an event', event.commandId, commandId);
      else checkDeadline(game, event);
    }
  }
  game.differs('How many events there are', events.length, next);
}

/** It happened when it was due, and was written no earlier. */
function checkDeadline(game: Game, { occurredAt, recordedAt, data }: Loose): void {
  const due = data.deadline ?? data.scheduledFor;
  game.differs(`When ${data.number} was due`, [occurredAt, recordedAt >= due], [due, true]);
}
