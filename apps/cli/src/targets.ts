import type { PresentedAnswer, PresentedTarget } from '#contracts';
import { pathOf, readArguments, type Form, type Options, type Said } from './arguments.js';
import { configured } from './configure.js';
import { EXIT, Failure } from './exit-codes.js';
import { linesOfTarget } from './lines.js';
import { printList } from './lists.js';
import { ask, sendCommand, type Order } from './service.js';
import type { Command, Terminal } from './terminal.js';

/** What a target is, by the options that say it. */
const MEMBERS = {
  name: { type: 'string' },
  description: { type: 'string' },
  type: { type: 'string' },
  url: { type: 'string' },
  repository: { type: 'string', multiple: true },
  label: { type: 'string', multiple: true },
  settings: { type: 'string' },
} satisfies Options;

const formOf = (verb: string, options: Options = {}): Form => ({
  usage: `targets ${verb} PROJECT TARGET${Object.keys(options).length > 0 ? ' [--…]' : ''}`,
  ...{ options, least: 2, most: 2 },
});

const list: Command = (args, terminal) => {
  const { said, named } = readArguments({ usage: 'targets list PROJECT', options: {}, least: 1, most: 1 }, args);
  return printList<PresentedTarget>(terminal, said, {
    path: pathOf('projects', named[0]!, 'targets'),
    lineOf: linesOfTarget,
  });
};

const show: Command = async (args, terminal) => {
  const { said, named } = readArguments(formOf('show'), args);
  const [project, key] = named as [string, string];
  const target = (await ask(configured(terminal), pathOf('projects', project, 'targets', key))) as PresentedTarget;
  await print(terminal, said, target, target);
  return EXIT.ok;
};

const changing =
  (verb: string, options: Options, orderOf: (project: string, key: string, said: Said) => Order): Command =>
  async (args, terminal) => {
    const { said, named } = readArguments(formOf(verb, options), args);
    const [project, key] = named as [string, string];
    const answer = (await sendCommand(configured(terminal), orderOf(project, key, said))) as PresentedAnswer;
    await print(terminal, said, answer, answer.target);
    return EXIT.ok;
  };

export const targetCommands: Readonly<Record<string, Command>> = {
  'targets list': list,
  'targets show': show,
  'targets create': changing('create', MEMBERS, (project, key, said) => ({
    method: 'POST',
    path: pathOf('projects', project, 'targets'),
    body: { key, ...membersOf(said) },
  })),
  'targets change': changing('change', MEMBERS, (project, key, said) => ({
    method: 'PATCH',
    path: pathOf('projects', project, 'targets', key),
    body: membersOf(said),
  })),
  'targets delete': changing('delete', {}, (project, key) => ({
    method: 'DELETE',
    path: pathOf('projects', project, 'targets', key),
    body: {},
  })),
};

const print = (terminal: Terminal, said: Said, whole: object, target: PresentedTarget | null) =>
  terminal.out(said['json'] ? `${JSON.stringify(whole)}\n` : target ? linesOfTarget(target) : '');

/** An empty text clears what can be cleared. */
function membersOf(said: Said): object {
  const { name, description, type, url, repository, label, settings } = said as Readonly<
    Partial<Record<string, string>>
  > &
    Readonly<{ repository?: readonly string[]; label?: readonly string[] }>;
  return {
    ...(name === undefined ? {} : { name: name || null }),
    ...(description === undefined ? {} : { description: description || null }),
    ...(url === undefined ? {} : { externalUrl: url || null }),
    ...(type === undefined ? {} : { environmentType: type }),
    ...(repository === undefined ? {} : { repositories: repository.filter((each) => each !== '') }),
    ...(label === undefined ? {} : { labels: labelsIn(label) }),
    ...(settings === undefined ? {} : { settings: settingsIn(settings) }),
  };
}

const labelsIn = (labels: readonly string[]): object =>
  Object.fromEntries(
    labels
      .filter((each) => each !== '')
      .map((each) => {
        const at = each.indexOf('=');
        if (at < 1) throw new Failure(EXIT.usage, `--label ${each}: write it as KEY=VALUE.`);
        return [each.slice(0, at), each.slice(at + 1)];
      }),
  );

function settingsIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(EXIT.usage, `--settings is no JSON: ${(error as Error).message}`);
  }
}
