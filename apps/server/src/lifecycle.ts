import { Inject, Injectable } from '@nestjs/common';
import type { Config, Role } from '#runtime';
import type { Loop } from './loops.js';
import { CONFIG } from './parts.js';

/** What the process is at. */
@Injectable()
export class Lifecycle {
  readonly roles: ReadonlySet<Role>;
  /** What its roles keep doing. */
  loops: readonly Loop[] = [];
  /** Whether it takes requests: not before all has started, and no longer once it is told to stop. */
  serving = false;

  constructor(@Inject(CONFIG) { roles }: Config) {
    this.roles = roles;
  }
}
