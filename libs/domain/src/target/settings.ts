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

/** Each setting given replaces the whole one; a member missing in a setting takes its default. */
export type SettingsChange = Readonly<{
  manualControls?: boolean;
  hanging?: Partial<TimeOut>;
  failing?: Partial<TimeOut>;
  requireSchedule?: boolean;
  approvals?: readonly ApprovalRule[];
}>;

/** The settings after a change: what it does not mention stays. */
export const changeSettings = (present: Settings, change: SettingsChange): Settings => ({
  manualControls: change.manualControls ?? present.manualControls,
  hanging: change.hanging ? { ...defaultSettings.hanging, ...change.hanging } : present.hanging,
  failing: change.failing ? { ...defaultSettings.failing, ...change.failing } : present.failing,
  requireSchedule: change.requireSchedule ?? present.requireSchedule,
  approvals: change.approvals ?? present.approvals,
});
