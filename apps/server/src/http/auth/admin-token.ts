import { keptSecret } from '../../kept-secret.js';
import { newToken } from './secret.js';

/** The first token of this data directory. */
export const keptAdminToken = (dataDir: string): Promise<string> => keptSecret(dataDir, 'admin-token', newToken);
