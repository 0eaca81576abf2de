import { parseKafkaCommand, parseHttpCommand } from '#contracts';
import { readFileSync } from 'node:fs';
const v = Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n]))));
console.log(v.length);
for (const f of [() => parseKafkaCommand({ key: Buffer.from('a/b'), value: v, headers: {} }, { now: '2026-11-22T00:00:00.000000Z' })]) for (let i=0;i<5;i++) { const c=process.cpuUsage(); try { f(); } catch (e) { } console.log(process.cpuUsage(c)); }
