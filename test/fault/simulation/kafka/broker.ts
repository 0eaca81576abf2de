import type { Kernel, Owner } from '../kernel.js';

/** A record as it lies in a partition. */
export type Stored = Readonly<{
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | Buffer[]>;
  timestamp: number;
}>;
export type NewRecord = Omit<Stored, 'offset' | 'timestamp'>;

/** `waiting`: those whose fetch found nothing. */
export type Partition = { low: number; records: Stored[]; waiting: Array<() => void> };

/** Who reads a topic together with others; told when the partitions are shared out anew. */
export type Member = {
  readonly owner: Owner;
  generation: number;
  lastBeat: number;
  assigned: (partitions: number[]) => void;
};
/** `joined`: those that wait for the partitions to be shared out anew, which is when all members do. */
type Group = { generation: number; members: Set<Member>; joined: Set<Member>; isSharing: boolean };

/** Shorter than the product asks for, so that a life that ended is noticed within a short simulation. */
const SESSION_MS = 2_500;
const SHARING_MS = 5;
const LOOK_MS = 50;

/** What the broker refuses, as kafkajs tells it. */
export const protocolError = (type: string, message: string): Error =>
  Object.assign(new Error(message), { name: 'KafkaJSProtocolError', type });

/** Told of each record that a topic takes. */
export type Appended = (topic: string, partition: number, record: Stored) => void;

/** A broker's topics, and who reads them in groups. */
export class Broker {
  readonly topics = new Map<string, Partition[]>();
  readonly #groups = new Map<string, Group>();

  constructor(
    private readonly kernel: Kernel,
    private readonly server: Owner,
    private readonly appended: Appended,
  ) {}

  make(topic: string, partitions: number): void {
    this.topics.set(
      topic,
      Array.from({ length: partitions }, () => ({ low: 0, records: [], waiting: [] })),
    );
  }

  /** Throws, as kafkajs does, where the topic is not there. */
  partitions(topic: string): readonly Partition[] {
    const found = this.topics.get(topic);
    if (!found) throw protocolError('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition');
    return found;
  }

  partition(topic: string, partition: number): Partition {
    return this.partitions(topic)[partition]!;
  }

  end({ low, records }: Partition): number {
    return records.length === 0 ? low : records.at(-1)!.offset + 1;
  }

  /** Takes records in, and answers the offset of the first. */
  append(topic: string, partition: number, records: readonly NewRecord[]): number {
    const place = this.partition(topic, partition);
    const base = this.end(place);
    records.forEach((record, i) => {
      const stored = { ...record, offset: base + i, timestamp: Date.now() };
      place.records.push(stored);
      this.appended(topic, partition, stored);
    });
    const waiting = place.waiting.splice(0);
    for (const wake of waiting) wake();
    return base;
  }

  /** What lies from an offset on; `out of range` where the partition has no such place. */
  fetch(topic: string, partition: number, from: number, most: number): readonly Stored[] | 'out of range' {
    const place = this.partition(topic, partition);
    if (from < place.low || from > this.end(place)) return 'out of range';
    const first = place.records[0]?.offset ?? from;
    return place.records.slice(from - first, from - first + most);
  }

  marks(topic: string): Array<{ partition: number; low: number; high: number }> {
    return this.partitions(topic).map((place, partition) => ({ partition, low: place.low, high: this.end(place) }));
  }

  /** The last records of a partition are gone, although they were acknowledged. */
  loseTail(topic: string, partition: number, count: number): void {
    const place = this.partition(topic, partition);
    place.records.splice(Math.max(0, place.records.length - count));
  }

  /** What lies before an offset is gone. */
  retain(topic: string, partition: number, from: number): void {
    const place = this.partition(topic, partition);
    place.low = Math.max(place.low, Math.min(from, this.end(place)));
    place.records = place.records.filter(({ offset }) => offset >= place.low);
  }

  join(group: string, topic: string, member: Member): void {
    const of = this.#groups.get(group) ?? { generation: 0, members: new Set(), joined: new Set(), isSharing: false };
    this.#groups.set(group, of);
    member.lastBeat = this.kernel.now;
    of.members.add(member);
    of.joined.add(member);
    this.#share(of, topic);
  }

  leave(group: string, topic: string, member: Member): void {
    const of = this.#groups.get(group);
    of?.joined.delete(member);
    if (of?.members.delete(member)) this.#share(of, topic);
  }

  /** A sign of life; false where the partitions were shared out without this member, or are to be again. */
  beat(group: string, topic: string, member: Member): boolean {
    const of = this.#groups.get(group);
    if (!of?.members.has(member)) return false;
    member.lastBeat = this.kernel.now;
    this.#expire(of, topic);
    return !of.isSharing && member.generation === of.generation;
  }

  #expire(of: Group, topic: string): void {
    for (const member of of.members) {
      // Who waits for its partitions gives no sign of life.
      if (of.joined.has(member) || this.kernel.now - member.lastBeat <= SESSION_MS) continue;
      of.members.delete(member);
      this.#share(of, topic);
    }
  }

  #share(of: Group, topic: string): void {
    if (of.isSharing) return;
    of.isSharing = true;
    this.kernel.after(SHARING_MS, this.server, () => this.#shareOut(of, topic));
  }

  /** Nobody is given anything before each member has left what it had, by joining again or by its silence. */
  #shareOut(of: Group, topic: string): void {
    this.#expire(of, topic);
    if (of.joined.size < of.members.size) {
      this.kernel.after(LOOK_MS, this.server, () => this.#shareOut(of, topic));
      return;
    }
    of.isSharing = false;
    of.joined.clear();
    of.generation += 1;
    const members = [...of.members];
    const count = this.partitions(topic).length;
    members.forEach((member, n) => {
      const own = Array.from({ length: count }, (_, i) => i).filter((i) => i % members.length === n);
      member.lastBeat = this.kernel.now;
      this.kernel.after(1, member.owner, () => {
        member.generation = of.generation;
        member.assigned(own);
      });
    });
  }
}
