import type { CommandType } from '#domain';
import type { StoredOutcome } from '#event-store';

import type { Line } from './line.js';
import type { Pending } from './pending.js';
import type { States } from './states.js';
import { TargetFull, type Store } from './types.js';

/**
 * Characters of JSON. A state is read, written and held whole, here and in the views: one without an end would take the service
 * away from all other targets. It has room for 16,000 deployments of the usual length that wait.
 */
const FULL = 8 * 2 ** 20;
const TOO_MUCH = `The deployments that are open on this target are ${FULL / 2 ** 20} MB: end some first.`;
/** What may make a state larger for long: of what has happened there is always room to tell. */
const ADDING: ReadonlySet<string> = new Set<CommandType>([
  'ScheduleDeployment',
  'StartDeployment',
  'RollbackDeployment',
  'ChangeDeployment',
]);

type Way = Readonly<{
  /** Answers those that have an outcome already, and returns the others. */
  resolve(pendings: readonly Pending[], outcomes: readonly StoredOutcome[]): readonly Pending[];
  /** The stream may go on. */
  arrive(stream: string): void;
}>;

/**
 * Refuses what would add to a target on which as much is open as may be. Another replica may have made room: that is looked up
 * first, and meanwhile what came later for the same target waits.
 */
export class FullTargets {
  readonly #asking = new Map<string, Pending[]>();

  constructor(
    private readonly store: Pick<Store, 'loadOutcomes'>,
    private readonly states: Pick<States, 'load' | 'weightOf'>,
    private readonly line: Line,
    private readonly way: Way,
  ) {}

  /** False for a command that goes its usual way. */
  takes(pending: Pending): boolean {
    const { stream, submission } = pending;
    if (!ADDING.has(submission.command.type) || !this.#isFull(stream)) return false;
    pending.underWay = true;
    const asking = this.#asking.get(stream);
    if (asking) asking.push(pending);
    else void this.#lookUp(stream, pending);
    return true;
  }

  async #lookUp(stream: string, first: Pending): Promise<void> {
    const asking = [first];
    this.#asking.set(stream, asking);
    this.line.depart([stream]);
    this.line.stop(stream);
    while (asking.length > 0) {
      const pendings = asking.splice(0);
      try {
        this.line.putBack(await this.#withRoom(stream, pendings));
      } catch (error) {
        for (const pending of pendings) pending.fail(error as Error);
      }
    }
    this.#asking.delete(stream);
    this.way.arrive(stream);
  }

  /** One that was decided before gets that answer, also where there is no room. */
  async #withRoom(stream: string, pendings: readonly Pending[]): Promise<readonly Pending[]> {
    const ids = pendings.map(({ submission: { commandId } }) => ({ stream, commandId }));
    const outcomes = await this.store.loadOutcomes(ids);
    const open = this.way.resolve(
      pendings,
      outcomes.flatMap((outcome) => outcome ?? []),
    );
    if (open.length > 0 && !this.line.isShared(stream)) await this.states.load([stream]);
    if (!this.#isFull(stream)) return open;
    for (const pending of open) pending.fail(new TargetFull(TOO_MUCH));
    return [];
  }

  #isFull(stream: string): boolean {
    return this.states.weightOf(stream) > FULL;
  }
}
