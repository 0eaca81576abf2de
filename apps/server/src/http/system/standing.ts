import { Inject, Injectable } from '@nestjs/common';
import { EventStore } from '#event-store';
import { ProjectionRunner, type ProjectionStatus } from '#projections';
import { Lifecycle } from '../../lifecycle.js';
import { RelayPositions, type RelayPosition } from './relay-positions.js';

export type StandingNow = Readonly<{
  position: number;
  roles: readonly string[];
  projections: readonly ProjectionStatus[];
  relays: readonly RelayPosition[];
  /** What the loops of this process say of themselves. */
  loops: Readonly<Record<string, object>>;
}>;

/** Where the log stands, and how far everything that follows it has come. */
@Injectable()
export class Standing {
  constructor(
    @Inject(EventStore) private readonly store: EventStore,
    @Inject(ProjectionRunner) private readonly projections: ProjectionRunner,
    @Inject(RelayPositions) private readonly relays: RelayPositions,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
  ) {}

  async now(): Promise<StandingNow> {
    const head = await this.store.head();
    const [projections, relays] = await Promise.all([this.projections.status(), this.relays.of(head)]);
    const { roles, loops } = this.lifecycle;
    const said = loops.flatMap(({ name, status }) => (status ? [[name, status()]] : []));
    return { position: head.position, roles: [...roles], projections, relays, loops: Object.fromEntries(said) };
  }
}
