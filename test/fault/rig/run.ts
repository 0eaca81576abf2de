import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { settle } from '../../support/history.js';
import { randomFrom } from '../../support/random.js';
import type { Violation } from '../checkers/index.js';
import { creations } from './commands.js';
import { suffer, type Stage } from './faults.js';
import { Fleet } from './fleet.js';
import { judge } from './judge.js';
import { emptyKafkaHistory, publishAgain, writeByKafka, type CommandsTopic } from './kafka-writer.js';
import { kinds, planOf, REPLICAS, type Kind, type Round } from './plan.js';
import { figuresOf, judgedIn, type Result, type Suffered } from './report.js';
import { attemptOf, emptyRestHistory, sendSomewhere, writeByRest } from './rest-writer.js';
import { Servers } from './servers.js';
import { PREFIX, TOKEN, untilQuiet } from './settling.js';
import { Watch } from './watch.js';

const CALLERS = 6;
const PUBLISHERS = 2;
const SETTLERS = 25;
const STARTED_WITHIN_MS = 120_000;
const READY_WITHIN_MS = 10_000;
/** The service gives up a broker's answer after 10 s, and waits up to 5 s between tries. */
const PUBLISHED_WITHIN_MS = 30_000;

export type Asked = Readonly<{
  minutes: number;
  seed: number;
  /** Those alone, instead of all kinds. */
  only?: readonly Kind[] | undefined;
  /** Where the service is built that is broken; the one that is there, by default. */
  dist?: string;
  /** How many times as long as promised readiness and publishing may take where other work has the processors. */
  patience?: number;
  tell: (line: string) => void;
}>;

/** Starts servers and replicas, writes while they suffer what the seed's schedule says, heals all, and judges what is left. */
export async function run(asked: Asked): Promise<Result> {
  const servers = await Servers.start(REPLICAS);
  const env = (replica: number): Record<string, string> => ({
    DATABASE_URL: servers.databaseUrlOf(replica),
    KAFKA_BROKERS: servers.brokers,
    KAFKA_TOPIC_PREFIX: PREFIX,
    KAFKA_GROUP_ID: PREFIX,
    SHIPLOG_ADMIN_TOKEN: TOKEN,
    SHIPLOG_TICK_MS: '250',
  });
  const envs = Array.from({ length: REPLICAS }, (_, n) => env(n));
  const fleet = new Fleet(envs, randomFrom(asked.seed + 1), asked.dist);
  const watch = new Watch(fleet, servers.databaseUrl);
  try {
    return await new Run(asked, { servers, fleet, watch, env, token: TOKEN }).go();
  } finally {
    await fleet.stop();
    await watch.pool.end();
    await servers.stop();
  }
}

class Run {
  private readonly rest = emptyRestHistory();
  private readonly kafka = emptyKafkaHistory();
  private readonly suffered: Suffered[] = [];
  private readonly violations: Violation[] = [];
  private readonly alsoByRest: Promise<void>[] = [];
  private statuses: unknown[] = [];
  private readonly readyWithinMs: number;
  private readonly publishedWithinMs: number;
  private over = false;

  constructor(
    private readonly asked: Asked,
    private readonly stage: Stage,
  ) {
    const { patience = 1 } = asked;
    this.readyWithinMs = patience * READY_WITHIN_MS;
    this.publishedWithinMs = patience * PUBLISHED_WITHIN_MS;
  }

  async go(): Promise<Result> {
    const { fleet, watch, servers } = this.stage;
    fleet.start();
    watch.start();
    try {
      const late = await this.allReady(STARTED_WITHIN_MS);
      if (late.length > 0) throw new Error(`Replicas ${late.join()} were not ready within ${STARTED_WITHIN_MS} ms.`);
      await this.makeTargets();
      const writers = this.write();
      await this.sufferAll();
      this.over = true;
      await Promise.all([...writers, ...this.alsoByRest]);
      await this.settleAll();
      this.violations.push(...(await untilQuiet(watch, servers.brokers)));
      this.statuses = await Promise.all(fleet.members.map(({ running }) => statusOf(running?.url)));
    } finally {
      this.over = true;
      await watch.stop();
    }
    await watch.catchUp();
    const { rest, kafka, suffered } = this;
    const judging = judge({ rest, kafka, watch, fleet, servers, suffered, punctualMs: this.readyWithinMs });
    const { found, late, violations } = await judging.catch((error: unknown) => {
      this.keepTraces();
      throw error;
    });
    const all = [...this.violations, ...violations];
    if (all.length > 0) this.keepTraces();
    const figures = figuresOf({ found, late, rest, kafka, watch, fleet, suffered, violations: all });
    const { minutes, seed } = this.asked;
    const events = found.events.length;
    const judged = judgedIn({ rest, watch });
    return { minutes, seed, suffered, skipped: servers.impossible, events, figures, violations: all, judged };
  }

  private readonly url = (): string | undefined => this.stage.fleet.anyUrl();

  private async makeTargets(): Promise<void> {
    const made = creations().map((wish) => attemptOf(wish));
    this.rest.attempts.push(...made);
    for (const attempt of made) await settle(attempt, () => this.url() ?? '', TOKEN);
  }

  private write(): Promise<void>[] {
    const { seed } = this.asked;
    const over = (): boolean => this.over;
    const place = { url: this.url, token: TOKEN };
    const topic = this.topic();
    return [
      ...times(CALLERS, (n) => writeByRest(this.rest, place, randomFrom(seed + 100 + n), over)),
      ...times(PUBLISHERS, (n) => writeByKafka(this.kafka, topic, randomFrom(seed + 200 + n), over)),
    ];
  }

  private topic(): CommandsTopic {
    const place = { url: this.url, token: TOKEN };
    return {
      brokers: this.stage.servers.brokers,
      topic: `${PREFIX}commands`,
      versions: this.rest.versions,
      alsoByRest: (attempt) => void this.alsoByRest.push(sendSomewhere(attempt, place)),
    };
  }

  private async sufferAll(): Promise<void> {
    const { impossible } = this.stage.servers;
    const allowed = (this.asked.only ?? kinds).filter((kind) => !impossible.has(kind));
    const end = performance.now() + this.asked.minutes * 60_000;
    for (const round of planOf(this.asked.seed, allowed)) {
      if (performance.now() > end) return;
      await this.sufferRound(round);
    }
  }

  private async sufferRound({ calmMs, faults }: Round): Promise<void> {
    const { watch } = this.stage;
    await pause(calmMs);
    const spans = await Promise.all(faults.map((fault) => suffer(this.stage, fault)));
    const names = faults.map(({ kind, replica }) => `${kind}/${replica}`).join(' + ');
    watch.forgetReadiness();
    const healedAt = performance.now();
    const late = await this.allReady(this.readyWithinMs);
    const readyMs = performance.now() - healedAt;
    for (const replica of late)
      this.violate('X6', `${names}: replica ${replica} was not ready within ${this.readyWithinMs} ms`);
    const publishedMs = await this.allPublished();
    if (publishedMs > this.publishedWithinMs)
      this.violate('K8', `${names}: not published ${Math.round(publishedMs)} ms after all were ready`);
    const overAt = Date.now();
    this.suffered.push(...faults.map((fault, n) => ({ ...fault, ...spans[n]!, readyMs, publishedMs, overAt })));
    const timing = `ready after ${Math.round(readyMs)} ms, published after ${Math.round(publishedMs)} ms`;
    this.asked.tell(
      `${this.suffered.length}: ${names} (${faults.map(({ seconds }) => seconds).join(', ')} s): ${timing}`,
    );
  }

  /** Waits until all replicas are ready; answers which were not in time. */
  private async allReady(withinMs: number): Promise<number[]> {
    const since = performance.now();
    const missing = (): number[] => this.stage.watch.readySince().flatMap((at, n) => (at === undefined ? [n] : []));
    while (missing().length > 0 && performance.now() < since + withinMs) await pause(25);
    const late = missing();
    // What comes later still comes before the next fault: else that one would be blamed.
    while (missing().length > 0 && performance.now() < since + 2 * STARTED_WITHIN_MS) await pause(100);
    return late;
  }

  /** How long it takes until all that is in the log now is on the topic. */
  private async allPublished(): Promise<number> {
    const { watch } = this.stage;
    const since = performance.now();
    const { position } = await watch.standing();
    const give = since + 2 * this.publishedWithinMs;
    while (performance.now() < give && (await watch.standing()).published < position) await pause(50);
    return performance.now() - since;
  }

  /** What nobody knows the outcome of is sent again under the same id, until it has one. */
  private async settleAll(): Promise<void> {
    const open = [
      ...this.rest.attempts,
      ...this.rest.reuses.map(({ attempt }) => attempt),
      ...this.kafka.both,
    ].values();
    // Where all replicas were away at once, there are ten thousands of them.
    const settler = async (): Promise<void> => {
      for (const attempt of open) await settle(attempt, () => this.url() ?? '', TOKEN);
    };
    await Promise.all(times(SETTLERS, settler));
    await publishAgain(this.kafka, this.topic());
  }

  /** What a person looks at who asks how that could happen. */
  private keepTraces(): void {
    const { fleet } = this.stage;
    const directory = mkdtempSync(join(tmpdir(), 'shiplog-faults-traces-'));
    for (const { number, log } of fleet.members)
      writeFileSync(join(directory, `replica-${number}.log`), log.join('\n'));
    const { rest, kafka, suffered, statuses } = this;
    writeFileSync(join(directory, 'history.json'), JSON.stringify({ rest, kafka, suffered, statuses }, null, 1));
    this.asked.tell(`What was said and done lies in ${directory}`);
  }

  private violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }
}

const statusOf = (url = ''): Promise<unknown> =>
  fetch(`${url}/api/v1/status`, { headers: { authorization: `Bearer ${TOKEN}` } }).then(
    (response) => response.json(),
    (error: unknown) => String(error),
  );

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
