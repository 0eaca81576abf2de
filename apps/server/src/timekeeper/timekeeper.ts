import type { CommandBus } from '@nestjs/cqrs';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { SendToTarget, Unavailable, type Answer, type Submission } from '#commands';
import { fingerprintOf } from '#contracts';
import type { Actor, TargetCommand } from '#domain';
import { isUnavailable, type Queryable } from '#event-store';
import { dueDeadlines, type DueDeadline, type ProjectionRunner } from '#projections';
import type { BeginSpan, Logger, Metrics } from '#runtime';

const NAME = 'timekeeper';
const ACTOR: Actor = { id: 'timekeeper', kind: 'system' };
const PAGE = 500;
const GIVE_UP_AFTER_MS = 10_000;
const VIEW_MS = 2_000;

type Parts = Readonly<{
  bus: CommandBus;
  database: Queryable;
  projections: Pick<ProjectionRunner, 'waitForPosition'>;
  scheduler: SchedulerRegistry;
  metrics: Metrics;
  begin?: BeginSpan | undefined;
  log: Logger;
  tickMs: number;
}>;

/**
 * Sends what is due by the database clock through the waist. It keeps no state that matters: the decider looks at the
 * clock again, and the command id is made from what was due, so late, repeated and rival ticks do no harm.
 */
export class Timekeeper {
  /** What has its outcome, by stream and id, while the view still shows it as due. */
  private answered = new Set<string>();
  private ticking: Promise<void> | undefined;
  private stopping = false;

  constructor(private readonly parts: Parts) {}

  start(): void {
    const { scheduler, tickMs } = this.parts;
    scheduler.addInterval(
      NAME,
      setInterval(() => void this.tick(), tickMs),
    );
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.parts.scheduler.doesExist('interval', NAME)) this.parts.scheduler.deleteInterval(NAME);
    await this.ticking;
  }

  /** Sends all that is due. While one tick is at it, the next ones join it. */
  tick(): Promise<void> {
    this.ticking ??= this.sendDue()
      .catch((err: unknown) => this.complain(err))
      .finally(() => {
        this.ticking = undefined;
      });
    return this.ticking;
  }

  private async sendDue(): Promise<void> {
    while (!this.stopping) {
      const due = await dueDeadlines(this.parts.database, PAGE);
      const known = this.answered;
      this.answered = new Set(due.map(keyOf).filter((key) => known.has(key)));
      const fresh = due.filter((deadline) => !known.has(keyOf(deadline)));
      if (fresh.length === 0) return;
      const sent = await Promise.all(fresh.map((deadline) => this.trySend(deadline)));
      const answers = sent.filter((answer) => answer !== undefined);
      if (answers.length === 0) return;
      const reached = Math.max(...answers.map(({ outcome }) => outcome.position));
      // The view shows a page again until it has seen what became of it.
      if (due.length < PAGE || !(await this.parts.projections.waitForPosition(['current'], reached, VIEW_MS))) return;
    }
  }

  /** What fails is due again at the next tick, and keeps nothing else waiting. */
  private async trySend(deadline: DueDeadline): Promise<Answer | undefined> {
    try {
      return await this.send(deadline);
    } catch (err) {
      const { stream, number } = deadline;
      this.complain(err, { stream, number });
      return undefined;
    }
  }

  private async send(deadline: DueDeadline): Promise<Answer> {
    const span = this.parts.begin?.(`timekeeper ${deadline.kind}`, { kind: 'internal' });
    const submission = submissionOf(deadline);
    const traced = span ? { ...submission, traceparent: span.traceparent } : submission;
    const sent = new SendToTarget(traced, { giveUpAfterMs: GIVE_UP_AFTER_MS, outcomeOnly: true });
    const answer = await this.parts.bus.execute(sent).catch((error: unknown) => {
      span?.end(error);
      throw error;
    });
    span?.end();
    this.answered.add(keyOf(deadline));
    const lateness = (Date.parse(deadline.now) - Date.parse(deadline.deadline)) / 1_000;
    this.parts.metrics.timeOutLateness.observe({ kind: deadline.kind }, Math.max(0, lateness));
    return answer;
  }

  private complain(err: unknown, about: object = {}): void {
    const { log } = this.parts;
    if (err instanceof Unavailable || isUnavailable(err))
      log.warn({ err, ...about }, 'The timekeeper waits for the database');
    else log.error({ err, ...about }, 'What is due could not be sent');
  }
}

/** One for each time that the clock was set, however often and by whomever it is found to have run out. */
const commandIdOf = ({ kind, number, setVersion, deadline }: DueDeadline): string =>
  `shiplog:${kind}:${number}:${setVersion}:${deadline}`;

/** Ids are of a stream: those of two can be alike. */
const keyOf = (deadline: DueDeadline): string => `${deadline.stream} ${commandIdOf(deadline)}`;

function submissionOf(deadline: DueDeadline): Submission {
  const commandId = commandIdOf(deadline);
  return {
    stream: deadline.stream,
    commandId,
    fingerprint: fingerprintOf([NAME, commandId]),
    command: commandOf(deadline),
    context: { actor: ACTOR, occurredAt: deadline.deadline },
  };
}

function commandOf(deadline: DueDeadline): TargetCommand {
  const { project, target, number, now } = deadline;
  if (deadline.kind === 'due')
    return { type: 'DueDeployment', project, target, data: { number, dueVersion: deadline.dueVersion, now } };
  const { clockVersion, clockSetAt } = deadline;
  return { type: 'TimeOutDeployment', project, target, data: { number, clockVersion, clockSetAt, now } };
}
