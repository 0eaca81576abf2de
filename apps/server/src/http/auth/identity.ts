import type { Actor } from '#domain';

export const scopes = ['deployments:read', 'deployments:write', 'targets:write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** Who sends a request, and what he may do where. */
export type Identity = Readonly<{ actor: Actor; scopes: ReadonlySet<Scope>; projects: ReadonlySet<string> | '*' }>;

export const reaches = ({ projects }: Identity, project: string): boolean => projects === '*' || projects.has(project);

/** Every scope includes reading, `admin` includes all. */
export const allows = ({ scopes: held }: Identity, scope: Scope): boolean =>
  held.has(scope) || held.has('admin') || (scope === 'deployments:read' && held.size > 0);
