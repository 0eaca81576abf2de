import { Injectable } from '@nestjs/common';

/** Whether the process takes requests: not before all has started, and no longer once it is told to stop. */
@Injectable()
export class Lifecycle {
  serving = false;
}
