import { buildIfChanged } from './build.mjs';
import { installIfChanged } from './install.mjs';

try {
  installIfChanged();
  buildIfChanged();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/tools/local/run.js');
