import { expect, it } from '@jest/globals';
import { parseKafkaCommand } from '#contracts';
import { publicCommandTypes } from '#domain';
import { keyOf, rightRecords } from './records.js';

const kindOf = (form: string, type: string): string => `${form} ${type}`;

it('knows a right record of each type of command, in each form', () => {
  const forms = ['bare', 'binary', 'structured'];
  const kinds = rightRecords.map(({ form, command }) => kindOf(form, command.type));
  expect(new Set(kinds)).toEqual(
    new Set(publicCommandTypes.flatMap((type) => forms.map((form) => kindOf(form, type)))),
  );
});

it.each(rightRecords.map((right) => [kindOf(right.form, right.command.type), right] as const))(
  'reads %s as it was meant',
  (_kind, { command: { type, project, target }, command, under }) => {
    const { headers, value } = under('f1');
    const message = { key: keyOf(command), value: Buffer.from(JSON.stringify(value)), headers };
    const read = parseKafkaCommand(message, { now: '2026-11-20T12:00:00.000000Z' });
    expect(read).toMatchObject({ commandId: 'f1', project, target, command: { type } });
  },
);
