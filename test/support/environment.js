import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

/**
 * Lets suites start the service outside of the context that Jest makes for each of them: there a worker reads its file once and
 * Node makes it fast once, not with every suite again. That halves what a suite costs.
 */
export default class ServiceEnvironment extends NodeEnvironment {
  async setup() {
    await super.setup();
    this.global.importService = () => import('../../dist/service/main.js');
  }
}
