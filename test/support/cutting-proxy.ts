import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** `open` lets all through, `hung` nothing in either direction, `deaf` takes what is asked and swallows what is answered. */
type Mode = 'open' | 'hung' | 'deaf';

/** One connection through the proxy. */
type Link = Readonly<{ near: Socket; far: Socket }>;

/** A way to a server on 127.0.0.1 that can be cut, hung or made deaf in the middle of anything, and led elsewhere. */
export class CuttingProxy {
  private readonly links = new Set<Link>();
  private mode: Mode = 'open';

  private constructor(
    private readonly server: Server,
    public port: number,
  ) {
    server.on('connection', (socket) => this.join(socket));
  }

  /** A proxy to the server at this URL. */
  static async to(url: string): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server, Number(new URL(url).port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many connections there are. */
  get size(): number {
    return this.links.size;
  }

  /** Where connections that are made from now on lead. */
  leadTo(url: string): void {
    this.port = Number(new URL(url).port);
  }

  /** Cuts every connection; answers how many there were. */
  cut(): number {
    const { size } = this.links;
    for (const { near, far } of this.links) {
      near.destroy();
      far.destroy();
    }
    return size;
  }

  /** Keeps every connection, those of now and those to come, and lets nothing through. */
  hang(): void {
    this.set('hung');
  }

  /** What is asked arrives, and what is answered is lost, on every connection. */
  deafen(): void {
    this.set('deaf');
  }

  /** Lets all through again. Connections that lost an answer are of no more use, and are cut. */
  heal(): void {
    if (this.mode === 'deaf') this.cut();
    this.set('open');
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  private set(mode: Mode): void {
    this.mode = mode;
    for (const link of this.links) this.connectAs(mode, link);
  }

  private join(near: Socket): void {
    const link = { near, far: connect(this.port, '127.0.0.1') };
    const { far } = link;
    this.links.add(link);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.links.delete(link);
        other.destroy();
      });
    }
    this.connectAs(this.mode, link);
  }

  private connectAs(mode: Mode, { near, far }: Link): void {
    near.unpipe(far);
    far.unpipe(near);
    if (mode === 'hung') near.pause();
    else near.pipe(far);
    if (mode === 'open') far.pipe(near);
    else if (mode === 'hung') far.pause();
    else far.resume();
  }
}
