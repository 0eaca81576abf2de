import { LRUCache } from 'lru-cache';

type Read = (product: string, after: number, limit: number) => Promise<ReadonlyArray<{ id: number; version: string }>>;

type Product = {
  readonly versions: Set<string>;
  askedAt: number;
  /** When the versions were read last; long ago while they never were. */
  readAt: number;
  /** The id of the last deployment that was read. */
  lastId: number;
  isRead: 'now' | 'never' | 'when asked';
};

/** How old what was read may be: about as far as the views may be behind. */
const FRESH_MS = 1_000;
/** The versions of products with more deployments, or more versions, are not held. */
const MOST = 10_000;
const PRODUCTS = 1_000;
const VERSIONS = 100_000;

/**
 * The versions that the deployments of busy products have, read beside the reports instead of while one of them waits. A product
 * of which there is a report every now and then costs nothing: only what is asked for twice within a second is read.
 */
export class VersionsInUse {
  private readonly products = new LRUCache<string, Product>({ max: PRODUCTS, maxSize: VERSIONS });

  constructor(
    private readonly read: Read,
    private readonly now = () => performance.now(),
  ) {}

  /** Whether the views, as they stood within the last second, have no deployment of the product with the version. False also where that is not known. */
  lacks(product: string, version: string): boolean {
    const now = this.now();
    const known = this.products.get(product) ?? this.keep(product, unknown());
    const age = now - known.readAt;
    // After half of its time, so that it does not run out while reports keep coming.
    if (now - known.askedAt < FRESH_MS && age > FRESH_MS / 2) void this.refresh(product, known);
    known.askedAt = now;
    return age < FRESH_MS && !known.versions.has(version);
  }

  private async refresh(product: string, known: Product): Promise<void> {
    if (known.isRead !== 'when asked') return;
    known.isRead = 'now';
    const readAt = this.now();
    try {
      const found = await this.read(product, known.lastId, MOST + 1);
      for (const { version } of found) known.versions.add(version);
      known.isRead = found.length > MOST || known.versions.size > MOST ? 'never' : 'when asked';
      if (known.isRead === 'never') known.versions.clear();
      else Object.assign(known, { readAt, lastId: found[0]?.id ?? known.lastId });
      this.keep(product, known);
    } catch {
      // Whoever needs what is not known looks for it, and is told what is wrong.
      known.isRead = 'when asked';
    }
  }

  private keep(product: string, known: Product): Product {
    this.products.set(product, known, { size: known.versions.size + 1 });
    return known;
  }
}

const unknown = (): Product => ({
  versions: new Set(),
  askedAt: -Infinity,
  readAt: -Infinity,
  lastId: 0,
  isRead: 'when asked',
});
