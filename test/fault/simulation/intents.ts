import { streamOf, subjectOf } from '#domain';
import type { Kernel } from './kernel.js';

const PROJECT = 'web';

/** A command that somebody wants carried out, as JSON; more than one may be sent under one id, and one many times. */
export type Intent = Readonly<{
  stream: string;
  key: string;
  commandId: string | undefined;
  value: string;
  expectedVersion?: number;
}>;

type Data = Record<string, unknown>;

const HANGS_THEN_FAILS: Data = {
  hanging: { enabled: true, afterMinutes: 0.004 },
  failing: { enabled: true, afterMinutes: 0.02 },
};

/** Draws what people and machines want: on few targets, so that they meet. */
export class Intents {
  readonly #targets: readonly string[];
  readonly #branches = ['main', 'next'];
  /** Versions of streams, as far as senders have seen them. */
  readonly seen = new Map<string, number>();
  #count = 0;

  constructor(
    private readonly kernel: Kernel,
    /** Deployments hang soon and fail later, so that there is something to come too late for. */
    private readonly isRacing: boolean,
  ) {
    this.#targets = Array.from({ length: 2 + kernel.upTo(3) }, (_, i) => `t${i}`);
  }

  /** One for each target, to begin with. */
  beginnings(): Intent[] {
    return this.#targets.map((target) => this.#make(target, 'CreateTarget', { settings: this.#settings() }));
  }

  next(): Intent {
    const target = this.kernel.pick(this.#targets);
    const [type, data] = this.#wish();
    return this.#make(target, type, data, this.kernel.chance(0.12));
  }

  /** Another command under the same id. */
  other({ stream, commandId, key }: Intent): Intent {
    const [project, target] = key.split('/');
    const command = {
      type: 'FailDeployment',
      project,
      target,
      commandId,
      data: { reason: `another ${(this.#count += 1)}` },
    };
    return { stream, key, commandId, value: JSON.stringify(command) };
  }

  /** What would come too late for a time-out, or just in time. */
  against({ project, target }: Readonly<{ project: string; target: string }>): Intent {
    if (project !== PROJECT) throw new Error(`Nobody sends anything to ${project}.`);
    return this.#make(target, this.kernel.chance(0.75) ? 'StartDeployment' : 'FinishDeployment', {});
  }

  #wish(): [type: string, data: Data] {
    const { kernel } = this;
    const refs = {
      commitRefs: [{ repository: 'web', branch: kernel.pick(this.#branches), commit: `c${kernel.upTo(9)}` }],
    };
    const about = { version: `1.${kernel.upTo(9)}`, ...refs };
    const draw = kernel.upTo(100);
    if (draw < 30) return ['StartDeployment', about];
    if (draw < 52) return ['FinishDeployment', about];
    if (draw < 58) return ['FailDeployment', { ...refs, reason: 'broken' }];
    if (draw < 68) return ['ScheduleDeployment', kernel.chance(0.5) ? about : { ...about, scheduledFor: this.#soon() }];
    if (draw < 72) return ['CancelDeployment', refs];
    if (draw < 76) return ['RollbackDeployment', {}];
    if (draw < 79) return ['RetireDeployment', { number: 1 + kernel.upTo(4) }];
    if (draw < 83) return ['ChangeDeployment', { number: 1 + kernel.upTo(6), description: `d${draw}` }];
    if (draw < 97) return ['ChangeTarget', { settings: this.#settings() }];
    return kernel.chance(0.5) ? ['DeleteTarget', {}] : ['CreateTarget', {}];
  }

  /** Few values, so that a setting is changed back to what it was. */
  #settings(): Data {
    if (this.isRacing && this.kernel.chance(0.8)) return HANGS_THEN_FAILS;
    const timeOut = (): Data => ({
      enabled: this.kernel.chance(0.8),
      afterMinutes: this.kernel.pick([0.004, 0.02, 0.05]),
    });
    return { hanging: timeOut(), failing: timeOut() };
  }

  #soon(): string {
    return new Date(Date.now() + this.kernel.upTo(4_000)).toISOString();
  }

  #make(target: string, type: string, data: Data, isRace = false): Intent {
    const stream = streamOf(PROJECT, target);
    this.#count += 1;
    const commandId = `command-${this.#count}`;
    const expectedVersion = isRace ? this.seen.get(stream) : undefined;
    const command = { type, project: PROJECT, target, commandId, data };
    const value = JSON.stringify(expectedVersion === undefined ? command : { ...command, expectedVersion });
    return {
      stream,
      key: subjectOf(PROJECT, target),
      commandId,
      value,
      ...(expectedVersion === undefined ? {} : { expectedVersion }),
    };
  }
}
