/** Characters that are kept at most, so that what is large makes room soon. */
const MOST_CHARACTERS = 2 ** 22;

/** The texts of values that several rows hold, each spelled once while it is recent. A value must never change. */
export class RecentTexts<Value extends object> {
  #young = new Map<Value, string>();
  #old = new Map<Value, string>();
  #characters = 0;

  constructor(private readonly spell: (value: Value) => string) {}

  of(value: Value): string {
    const known = this.#young.get(value) ?? this.#old.get(value);
    if (known !== undefined) return known;
    const text = this.spell(value);
    this.#young.set(value, text);
    this.#characters += text.length;
    if (this.#characters > MOST_CHARACTERS / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#characters = 0;
    }
    return text;
  }
}
