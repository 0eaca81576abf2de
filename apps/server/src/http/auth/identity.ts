import type { Scope } from '#contracts';
import type { Actor, Time } from '#domain';

export type { Scope } from '#contracts';

/** Who sends a request, and what he may do where. */
export type Identity = Readonly<{
  /** Which token it was: requests are counted by it, and streams ask whether it is still valid. */
  tokenId: string;
  actor: Actor;
  scopes: ReadonlySet<Scope>;
  projects: ReadonlySet<string> | '*';
  /** When the token ends of itself: none that it makes may live longer. Null for one that does not. */
  endsAt: Time | null;
}>;

export const reaches = ({ projects }: Pick<Identity, 'projects'>, project: string): boolean =>
  projects === '*' || projects.has(project);

/** Every scope includes reading, `admin` includes all. */
export const allows = ({ scopes: held }: Identity, scope: Scope): boolean =>
  held.has(scope) || held.has('admin') || (scope === 'deployments:read' && held.size > 0);
