/**
 * A moment in UTC with microseconds, always in the one spelling `2026-11-20T10:00:00.000000Z` (years 0001 to 9999), so
 * that comparing two as strings compares them as moments.
 */
export type Time = string;
