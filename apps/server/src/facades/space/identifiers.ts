import { streamOf } from '#domain';
import { objectIn } from '../kept.js';
import { stableInteger } from '../stable-number.js';

/** By what something is named, `key:production`; undefined where it is a bare text. */
export type Identifier = Readonly<{ by?: string; text: string }>;

const TARGET = ['id', 'key', 'number'];
const DEPLOYMENT = ['id', 'status', 'version'];

/** Also as the object that generated clients would make of it: `{ key: 'production' }`. */
const read =
  (names: readonly string[]) =>
  (value: unknown): Identifier | undefined => {
    const members = objectIn(value);
    const name = names.find((each) => members?.[each] !== undefined);
    if (name !== undefined) return { by: name, text: String(members![name]) };
    if (typeof value !== 'string' || value === '') return undefined;
    const [, by = '', text = ''] = /^([a-z]+):(.*)$/is.exec(value) ?? [];
    return names.includes(by.toLowerCase()) ? { by: by.toLowerCase(), text } : { text: value };
  };

export const readTarget = read(TARGET);
export const readDeploymentIdentifier = read(DEPLOYMENT);
const readProject = read(['id', 'key']);

/** The id of a project is its key. */
export const projectOf = (identifier: string): string => readProject(identifier)?.text ?? identifier;

/** Unlike the key it is the target's alone, whatever its project. */
export const targetIdOf = (project: string, key: string): string => `${project}:${key}`;

/** Made from the key, so it is the same for ever, and 32 bits are enough for it. */
export const targetNumberOf = (project: string, key: string): number => stableInteger(streamOf(project, key));

export const fullNumberIdOf = (project: string, key: string): string => `${project}-T-${targetNumberOf(project, key)}`;

/** A target wherever it is: `{project:key:P,target:key:T}`, or by its full number. */
export function readGlobalTarget(text: string): Readonly<{ project: string; target: Identifier }> | undefined {
  const [, project, target] = /^\{\s*project:(.+?),\s*target:(.+)\}$/is.exec(text) ?? [];
  const named = target === undefined ? undefined : readTarget(target.trim());
  if (project !== undefined && named) return { project: projectOf(project.trim()), target: named };
  const [, owner, number] = /^(?:number:)?(.+)-T-(\d+)$/is.exec(text) ?? [];
  return owner === undefined ? undefined : { project: owner, target: { by: 'number', text: number! } };
}
