import type { CommandContext, TargetCommand } from '../target/commands.js';
import type { PlacedEvent } from '../target/events.js';
import type { Target } from '../target/target.js';

/** A stream in memory, with its state as the waist keeps it (`target`) and as folded with its history (`whole`). */
export type Stream = Readonly<{ events: readonly PlacedEvent[]; target: Target; whole: Target; sent: number }>;

/** A command with what differs from `ci` sending it now; or one that is made once the stream stands. */
export type Sent = Readonly<{ command: TargetCommand; context?: Partial<CommandContext> }>;
export type Sending = Sent | ((stream: Stream) => Sent);
