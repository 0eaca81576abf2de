import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The sources that a mutant changes, as they are then; throws where one of its texts is not there, or not once. */
export const changedBy = (name) => {
  const mutant = mutants.find((each) => each.name === name);
  if (!mutant)
    throw new Error(`There is no mutant "${name}"; there are: ${mutants.map((each) => each.name).join('; ')}`);
  const changed = new Map();
  for (const { file, from, to } of mutant.edits) {
    const text = changed.get(file) ?? readFileSync(join(root, file), 'utf8');
    const times = text.split(from).length - 1;
    if (times !== 1)
      throw new Error(`Mutant "${name}" no longer applies: its text is ${times} times in ${file}:\n${from}`);
    changed.set(
      file,
      text.replace(from, () => to),
    );
  }
  return changed;
};
