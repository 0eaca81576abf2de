import type { Target, TargetChange } from '#domain';
import { objectIn, textIn } from '../kept.js';
import { invalid } from './dialect.js';

/** Links beside the main one, and their labels, are labels of the target that begin so. */
const LINK = 'link:';

type Linked = Pick<Target, 'externalUrl' | 'labels'>;

export function linksOf({ externalUrl, labels }: Linked) {
  const labelled = Object.entries(labels)
    .filter(([name]) => name.startsWith(LINK))
    .map(([name, url]) => shapeOf(name.slice(LINK.length), url, url === externalUrl));
  const isMissing = externalUrl !== null && !labelled.some(({ main }) => main);
  return isMissing ? [shapeOf(null, externalUrl, true), ...labelled] : labelled;
}

const shapeOf = (label: string | null, url: string, main: boolean) => ({
  className: 'DeployTargetLink',
  label,
  url,
  main,
});

/** The main link, or else the first, is the address of the target. What else labels it stays. */
export function changeOfLinks(value: unknown, labels: Target['labels']): Pick<TargetChange, 'externalUrl' | 'labels'> {
  if (!Array.isArray(value)) throw invalid('links must be a list.');
  const links = value.map((each) => {
    const link = objectIn(each);
    const url = textIn(link?.['url']);
    if (!link || !url) throw invalid('Each of links must have a url.');
    return { url, label: textIn(link['label']) || undefined, main: link['main'] === true };
  });
  const main = links.find((link) => link.main) ?? links[0];
  const others = Object.entries(labels).filter(([name]) => !name.startsWith(LINK));
  const kept = links.flatMap((link, n) => {
    if (link === main && link.label === undefined) return [];
    return [[`${LINK}${link.label ?? n + 1}`, link.url] as const];
  });
  return { externalUrl: main?.url ?? null, labels: Object.fromEntries([...others, ...kept]) };
}
