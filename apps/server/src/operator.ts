import { userInfo } from 'node:os';

/** Who runs this process, as the system calls them, or by number where it has no name for them (as in a container). */
export const operatorName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
};
