/** Going on could lose, double or reorder records: a person has to look first. The message says what is wrong and what to do. */
export class Halted extends Error {
  override readonly name = 'Halted';
}
