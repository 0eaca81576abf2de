import { expect, it } from '@jest/globals';
import { inTurn, type Contestant } from './rounds.js';

const settings = { databaseUrl: '', short: false };

const noting = (name: string, calls: string[]): Contestant => ({
  before: async () => calls.push(`before ${name}`),
  round: async () => calls.push(name),
  watched: [],
});

it('lets the sides begin in turn, behind a round of each that does not count', async () => {
  const calls: string[] = [];
  const { ours, theirs } = await inTurn(settings, noting('ours', calls), noting('theirs', calls));
  const rounds = calls.filter((call) => !call.startsWith('before'));
  expect(rounds.slice(0, 6)).toEqual(['ours', 'theirs', 'ours', 'theirs', 'theirs', 'ours']);
  expect(rounds).toHaveLength(12);
  expect([ours.rounds.length, theirs.rounds.length]).toEqual([5, 5]);
});

it('keeps an order that one side needs, and prepares each round', async () => {
  const calls: string[] = [];
  await inTurn(settings, noting('ours', calls), noting('theirs', calls), 'theirs first');
  const round = ['before theirs', 'theirs', 'before ours', 'ours'];
  expect(calls).toEqual(Array.from({ length: 6 }, () => round).flat());
});

it('runs a short form in one round', async () => {
  const { ours } = await inTurn({ ...settings, short: true }, noting('ours', []), noting('theirs', []));
  expect(ours.rounds).toHaveLength(1);
});
