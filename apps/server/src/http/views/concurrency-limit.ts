/** So many at a time, and by one token half of them at most: nobody takes the last place from everybody else. */
export class ConcurrencyLimit {
  private readonly byToken = new Map<string, number>();
  private all = 0;

  constructor(private readonly max: number) {}

  hasRoom(tokenId: string): boolean {
    return this.all < this.max && (this.byToken.get(tokenId) ?? 0) < this.max / 2;
  }

  enter(tokenId: string): void {
    this.add(tokenId, 1);
  }

  leave(tokenId: string): void {
    this.add(tokenId, -1);
  }

  private add(tokenId: string, change: number): void {
    this.all += change;
    const own = (this.byToken.get(tokenId) ?? 0) + change;
    if (own === 0) this.byToken.delete(tokenId);
    else this.byToken.set(tokenId, own);
  }
}
