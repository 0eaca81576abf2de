import { connect } from 'node:net';
import type { Server } from './keep-up.js';

/** A running single-node Kafka, and its `host:port`. */
export type Kafka = Server & Readonly<{ broker: string }>;

/** The smallest request that only a broker answers: ApiVersions 0 with correlation id 1 and no client id. */
const apiVersions = Buffer.from('0000000a001200000000' + '0001ffff', 'hex');

/** Whether a Kafka broker answers on that port of 127.0.0.1 within a second. */
export const answersAsKafka = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(apiVersions));
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('data', (answer) => finish(answer.length >= 8 && answer.readInt32BE(4) === 1));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.setTimeout(1000, () => finish(false));
  });
