import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { Watched } from '../frame/usage.js';

const LISTENS = '0A';

/** The process of this machine that listens on the broker's port; none where that is not to be seen. */
export function brokerProcess(broker: string): Watched[] {
  const port = Number(broker.split(',')[0]!.split(':').at(-1)).toString(16).toUpperCase().padStart(4, '0');
  try {
    const inode = ['/proc/net/tcp', '/proc/net/tcp6']
      .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
      .map((line) => line.trim().split(/\s+/))
      .find((fields) => fields[1]?.endsWith(`:${port}`) && fields[3] === LISTENS)?.[9];
    const pid = readdirSync('/proc')
      .map(Number)
      .find((each) => each > 0 && holds(each, `socket:[${inode}]`));
    return pid === undefined ? [] : [{ title: 'Kafka', pid }];
  } catch {
    return [];
  }
}

function holds(pid: number, socket: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === socket);
  } catch {
    return false;
  }
}
