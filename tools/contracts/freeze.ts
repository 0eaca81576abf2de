import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { essenceOf } from './essence.js';

/** Two levels line by line, what is below them on one: a file to compare with, not to read. */
const textOf = (value: object, levels = 2): string => {
  const lines = Object.entries(value).map(([name, inner]: [string, unknown]) => {
    const goesOn = levels > 0 && typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return `${JSON.stringify(name)}:${goesOn ? textOf(inner, levels - 1) : JSON.stringify(inner)}`;
  });
  return `{\n${lines.join(',\n')}\n}`;
};

/** `npm run contracts:freeze`, from the top of the repository: keeps the contract of the version that is released. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const folder = `libs/contracts/releases/${version}`;
mkdirSync(folder, { recursive: true });
const keep = (name: string, value: object): void => writeFileSync(`${folder}/${name}`, `${textOf(value)}\n`);

for (const name of ['openapi.json', 'asyncapi.json'])
  keep(name, essenceOf(JSON.parse(readFileSync(`libs/contracts/${name}`, 'utf8')) as object));

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const samples = ['golden', 'golden-messages'].flatMap((name) =>
  readdirSync(`libs/contracts/${name}`)
    .sort()
    .map((file) => `${name}/${file}`),
);
keep('golden.json', Object.fromEntries(samples.map((file) => [file, digestOf(`libs/contracts/${file}`)])));
