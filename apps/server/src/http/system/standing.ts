import { Inject, Injectable } from '@nestjs/common';
import { EventStore } from '#event-store';
import { ProjectionRunner, type ProjectionStatus } from '#projections';
import { oneAtATime } from '#runtime';
import { Lifecycle } from '../../lifecycle.js';
import { Lags, type Aged, type RelayPosition, type SealedPosition } from './lags.js';

export type StandingNow = Readonly<{
  position: number;
  roles: readonly string[];
  projections: readonly Aged<ProjectionStatus>[];
  relays: readonly Aged<RelayPosition>[];
  sealer: SealedPosition;
  /** What the loops of this process say of themselves. */
  loops: Readonly<Record<string, object>>;
}>;

/** Where the log stands, and how far everything that follows it has come. Nobody but Postgres is asked. */
@Injectable()
export class Standing {
  /** Health is open, and a flood of it must leave the loops their connections. */
  readonly now = oneAtATime(() => this.look());

  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(ProjectionRunner) private readonly projections: ProjectionRunner,
    @Inject(Lags) private readonly lags: Lags,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
  ) {}

  private async look(): Promise<StandingNow> {
    const head = await this.store.head();
    const [projections, relays, sealer] = await Promise.all([
      this.projections.status().then((statuses) => this.lags.ofProjections(statuses)),
      this.lags.ofRelays(head),
      this.lags.ofSealer(head),
    ]);
    const roles = [...this.lifecycle.roles];
    return { position: head.position, roles, projections, relays, sealer, loops: this.loops() };
  }

  /** What the loops of this process say; it asks nobody. */
  loops(): Readonly<Record<string, object>> {
    const said = this.lifecycle.loops.flatMap(({ name, status }) => (status ? [[name, status()]] : []));
    return Object.fromEntries(said);
  }
}
