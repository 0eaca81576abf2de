import { Inject, Injectable } from '@nestjs/common';
import { Actors } from '#commands';
import { peopleIn, peopleInTexts, type LoggedEvent, type People } from '#contracts';
import type { Deployment, Target } from '#domain';
import type { TargetDifference } from '#projections';

/** Who the opaque ids in what is about to be shown stand for. */
@Injectable()
export class Names {
  constructor(@Inject(Actors) private readonly actors: Actors) {}

  /** How the log may name whoever has this id: a service as it is called, people by their opaque ids. */
  async idsOf(actor: string): Promise<readonly string[]> {
    return [actor, ...(await this.actors.idsOf(actor))];
  }

  /** By opaque ids. */
  of(ids: readonly string[]): Promise<People> {
    return this.actors.namesOf(ids);
  }

  inEvents(events: readonly LoggedEvent[]): Promise<People> {
    return this.actors.namesOf(peopleIn(events));
  }

  inDeployments(deployments: ReadonlyArray<Deployment | null>): Promise<People> {
    return this.actors.namesOf(
      peopleIn(
        [],
        deployments.filter((each) => each !== null),
      ),
    );
  }

  /** In deployments as they are stored. */
  inTexts(stored: readonly string[]): Promise<People> {
    return this.actors.namesOf(peopleInTexts(stored));
  }

  inDifferences(differences: readonly TargetDifference[]): Promise<People> {
    const named = differences.flatMap((each) => [
      each,
      each.before?.deployment ?? each,
      each.after?.deployment ?? each,
    ]);
    return this.actors.namesOf(peopleIn([], named));
  }

  inTargets(targets: readonly Target[]): Promise<People> {
    return this.inDeployments(targets.flatMap(({ open, current }) => [...open, current]));
  }
}
