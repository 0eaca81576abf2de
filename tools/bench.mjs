import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';

installIfChanged();
buildIfChanged();
await import('../dist/tools/local/bench.js');
