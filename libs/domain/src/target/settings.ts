/** Minutes may be fractions, above 0 and up to 5,256,000. */
export type TimeOut = Readonly<{ enabled: boolean; afterMinutes: number }>;
export type ApprovalRule = Readonly<{ name: string; required: number }>;

export type Settings = Readonly<{
  manualControls: boolean;
  hanging: TimeOut;
  failing: TimeOut;
  requireSchedule: boolean;
  approvals: readonly ApprovalRule[];
}>;

export const defaultSettings: Settings = {
  manualControls: true,
  hanging: { enabled: false, afterMinutes: 30 },
  failing: { enabled: false, afterMinutes: 120 },
  requireSchedule: false,
  approvals: [],
};
