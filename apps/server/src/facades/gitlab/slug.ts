import { hash } from 'node:crypto';

const LONGEST = 24;
const KEPT = 17;
const SUFFIX = 6;

/** The name of an environment as hosts and labels may be called by GitLab's rule: what had to be changed ends in a part of its hash. */
export function slugOf(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
  const slug = (/^[a-z]/.test(plain) ? plain : `env-${plain}`).replaceAll(/-+/g, '-');
  const isKept = slug.length <= LONGEST && slug === name;
  return (isKept ? slug : `${slug.slice(0, KEPT).replace(/-$/, '')}-${suffixOf(name)}`).replace(/-$/, '');
}

const suffixOf = (name: string): string =>
  BigInt(`0x${hash('sha256', name, 'hex')}`)
    .toString(36)
    .slice(-SUFFIX);
