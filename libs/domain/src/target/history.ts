import type { Deployment } from './deployment.js';

const BLOCK = 512;
type Block = readonly (Deployment | null)[];

/** Every deployment by its number, in blocks, so that a fold over a long stream copies little at each event. */
export type History = readonly Block[];

export const noHistory: History = [];

export const deploymentIn = (history: History, number: number): Deployment | null =>
  history[Math.floor((number - 1) / BLOCK)]?.[(number - 1) % BLOCK] ?? null;

/** The history with this deployment in its latest state; null takes it out. */
export const withDeployment = (history: History, number: number, deployment: Deployment | null): History => {
  const index = Math.floor((number - 1) / BLOCK);
  const block = (history[index] ?? []).slice();
  block[(number - 1) % BLOCK] = deployment;
  const changed = history.slice();
  changed[index] = block;
  return changed;
};

export const allIn = (history: History): Deployment[] => history.flat().filter((deployment) => deployment !== null);
