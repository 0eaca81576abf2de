/** The owner under which projects are found whose key has no `/`: no owner on GitHub can be called so. */
const NO_OWNER = '-';

/** `octocat` and `example` are the project `octocat/example`. */
export const projectOf = (owner: string, repo: string): string => (owner === NO_OWNER ? repo : `${owner}/${repo}`);

export type Repository = Readonly<{ owner: string; repo: string }>;

export function repositoryOf(project: string): Repository {
  const slash = project.indexOf('/');
  return slash < 1
    ? { owner: NO_OWNER, repo: project }
    : { owner: project.slice(0, slash), repo: project.slice(slash + 1) };
}

/** A moment as GitHub writes it, in whole seconds. */
export const secondsOf = (time: string): string => `${time.slice(0, 19)}Z`;
